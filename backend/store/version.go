package store

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// A Version names one state of the database within this process: it is another
// one after every commit, by this process or by another one, whether through a
// door or by hand. It says nothing about time or order. The zero Version is of
// no state, and nothing is kept for it.
type Version struct {
	connection int64 // the count below is a connection's own
	commits    int64
}

// Known reports whether it names a state.
func (v Version) Known() bool { return v != Version{} }

// versions asks one connection of its own, because SQLite counts the commits of
// the others for each connection (https://www.sqlite.org/pragma.html#pragma_data_version).
type versions struct {
	mu   sync.Mutex
	conn *sql.Conn
	made int64
	shut bool
}

// Version is the state of the database now. It is the zero one when SQLite
// could not be asked.
func (s *Store) Version(ctx context.Context) Version {
	if ctx.Err() != nil {
		return Version{}
	}
	v := &s.versions
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.shut {
		return Version{}
	}
	// A call that is cancelled in the middle would cost the connection.
	ctx = context.WithoutCancel(ctx)
	if v.conn == nil {
		pool, err := s.r.DB()
		if err != nil {
			return Version{}
		}
		if v.conn, err = pool.Conn(ctx); err != nil {
			v.conn = nil
			return Version{}
		}
		v.made++
	}
	n := int64(0)
	if err := v.conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&n); err != nil {
		_ = v.conn.Close()
		v.conn = nil
		return Version{}
	}
	return Version{v.made, n}
}

// doorPatience is how long Foreign waits for a door that is open: a large scan
// takes seconds to save, and lists are read meanwhile.
const doorPatience = 50 * time.Millisecond

// Foreign names the last commit that did not come through this Store's own
// doors: of another process, or made by hand. It is 0 when SQLite could not be
// asked now, such as while a door is open for long.
func (s *Store) Foreign(ctx context.Context) int64 {
	if s.w == nil {
		return 1 // nothing is written to a database that is read only
	}
	ctx, cancel := context.WithTimeout(ctx, doorPatience)
	defer cancel()
	n := int64(0)
	if err := s.w.WithContext(ctx).Raw("PRAGMA data_version").Row().Scan(&n); err != nil {
		return 0
	}
	return n
}

func (v *versions) close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.shut = true
	if v.conn == nil {
		return nil
	}
	err := v.conn.Close()
	v.conn = nil
	return err
}
