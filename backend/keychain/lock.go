package keychain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// lockEvery is how often a lock that somebody else holds is asked for again.
const lockEvery = 15 * time.Millisecond

// lockName is a file that stands for a secret, as fileName is one that holds it.
func lockName(name string) string {
	h := sha256.Sum256([]byte(name))
	return hex.EncodeToString(h[:16]) + ".lock"
}

// lockIn waits for a file of dir that one caller holds at a time, in this
// process and all others. The system lets go of it when a process ends,
// however it ends.
func lockIn(ctx context.Context, dir, name string) (unlock func(), err error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unavailable(Denied, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName(name)), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, unavailable(Denied, err)
	}
	again := time.NewTicker(lockEvery)
	defer again.Stop()
	for {
		err := tryLock(f)
		if err == nil {
			return func() { _ = errors.Join(unlockFile(f), f.Close()) }, nil
		}
		if !isHeld(err) {
			return nil, errors.Join(unavailable(Denied, err), f.Close())
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		}
	}
}

// Lock holds a file in the folder of caches of this person: the keychain itself
// has no locks, and two workspace folders can be copies of one.
func (s *system) Lock(ctx context.Context, name string) (func(), error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, unavailable(Denied, err)
	}
	return lockIn(ctx, filepath.Join(cache, "countersign", "locks"), s.service+"/"+name)
}

func (f *folder) Lock(ctx context.Context, name string) (func(), error) {
	return lockIn(ctx, f.dir, name)
}

// Lock is of this process alone, as what it guards is.
func (m *memory) Lock(ctx context.Context, name string) (func(), error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	m.mu.Lock()
	if m.locks == nil {
		m.locks = map[string]chan struct{}{}
	}
	held, ok := m.locks[name]
	if !ok {
		held = make(chan struct{}, 1)
		m.locks[name] = held
	}
	m.mu.Unlock()
	select {
	case held <- struct{}{}:
		return func() { <-held }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
