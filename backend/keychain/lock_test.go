package keychain

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestALockIsHeldByOneAtATime(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // where the system's locks are
	t.Setenv("HOME", t.TempDir())
	dir := t.TempDir()
	one, err := Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	memory := Memory()
	for name, pair := range map[string][2]Chain{
		"two chains of one folder": {one, other}, "memory": {memory, memory}, "the system": {System("Test"), System("Test")},
	} {
		t.Run(name, func(t *testing.T) {
			var held, most atomic.Int32
			var all sync.WaitGroup
			for i := range 20 {
				all.Go(func() {
					unlock, err := pair[i%2].Lock(t.Context(), "w/grant/uat")
					if err != nil {
						t.Error(err)
						return
					}
					if now := held.Add(1); now > most.Load() {
						most.Store(now)
					}
					time.Sleep(time.Millisecond)
					held.Add(-1)
					unlock()
				})
			}
			all.Wait()
			if most.Load() != 1 {
				t.Errorf("%d held it at once", most.Load())
			}
			unlock, err := pair[0].Lock(t.Context(), "w/grant/uat")
			if err != nil {
				t.Fatal(err)
			}
			defer unlock()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			defer cancel()
			if _, err := pair[1].Lock(ctx, "w/grant/uat"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a lock that is held: %v", err)
			}
			free, err := pair[1].Lock(t.Context(), "w/grant/production")
			if err != nil {
				t.Fatalf("another name is held too: %v", err)
			}
			free()
			if _, err := pair[0].Lock(t.Context(), ""); err == nil {
				t.Error("a lock without a name")
			}
		})
	}
}
