package keychain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"
)

// How long one call may take: a keychain answers in milliseconds, or it has
// opened a prompt, for which it waits without end (go-keyring issue #131).
const (
	limit        = 10 * time.Second
	patientLimit = 60 * time.Second
)

type patience struct{}

// Patient lets calls with this context wait 60 seconds instead of 10, for when
// a person is likely to be asked for a password.
func Patient(ctx context.Context) context.Context { return context.WithValue(ctx, patience{}, true) }

func limitOf(ctx context.Context) time.Duration {
	if ctx.Value(patience{}) != nil {
		return patientLimit
	}
	return limit
}

// slot lets one call at a time into the keychain: concurrent calls to a locked
// one block each other for ever, whichever Chain they come from.
var slot = make(chan struct{}, 1)

type system struct{ service string }

// System is the keychain of the operating system: Keychain on macOS,
// Credential Manager on Windows, Secret Service on Linux. Every failure but
// ErrNotFound is an *ErrUnavailable. A call that did not answer in time may
// still take effect later; calls after it wait for it, and say NoAnswer.
func System(service string) Chain { return &system{service: service} }

// call runs f alone and in time. It waits for f no longer than it may, and f
// keeps the slot until it returns.
func call[T any](ctx context.Context, f func() (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	if err := reachable(); err != nil {
		return none, unavailable(None, err)
	}
	late := time.NewTimer(limitOf(ctx))
	defer late.Stop()
	noAnswer := func() error {
		return unavailable(NoAnswer, fmt.Errorf("no answer in %s", limitOf(ctx)))
	}
	select {
	case slot <- struct{}{}:
	case <-late.C:
		return none, noAnswer()
	case <-ctx.Done():
		return none, ctx.Err()
	}
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-slot }()
		v, err := f()
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		return a.value, explain(a.err)
	case <-late.C:
		return none, noAnswer()
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// explain turns what the keychain said into one of our errors.
func explain(err error) error {
	var u *ErrUnavailable
	switch {
	case err == nil, errors.As(err, &u):
		return err
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return unavailable(TooBig, err)
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return unavailable(None, err)
	}
	return unavailable(causeOf(err), err)
}

func (s *system) Set(ctx context.Context, name string, secret []byte) error {
	if err := checkEntry(name, secret); err != nil {
		return err
	}
	want := string(secret)
	_, err := call(ctx, func() (struct{}, error) {
		if err := keyring.Set(s.service, name, want); err != nil {
			return struct{}{}, err
		}
		// A prompt that was dismissed can look like success.
		got, err := keyring.Get(s.service, name)
		return struct{}{}, readBack([]byte(got), explain(err), []byte(want))
	})
	return err
}

func (s *system) Get(ctx context.Context, name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	return call(ctx, func() ([]byte, error) {
		secret, err := keyring.Get(s.service, name)
		if err != nil {
			return nil, err
		}
		return []byte(secret), nil
	})
}

func (s *system) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	_, err := call(ctx, func() (struct{}, error) { return struct{}{}, keyring.Delete(s.service, name) })
	return err
}

func (s *system) Status(ctx context.Context) Status { return probe(ctx, s, "system") }
