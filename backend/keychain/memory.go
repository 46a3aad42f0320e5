package keychain

import (
	"bytes"
	"context"
	"sync"
)

type memory struct {
	mu      sync.Mutex
	secrets map[string][]byte
	locks   map[string]chan struct{}
}

// Memory keeps secrets until the program ends, for a session on a machine
// without a keychain. Its Status says that they do not last.
func Memory() Chain { return &memory{secrets: map[string][]byte{}} }

func (m *memory) Set(ctx context.Context, name string, secret []byte) error {
	if err := checkEntry(name, secret); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets[name] = bytes.Clone(secret)
	return ctx.Err()
}

func (m *memory) Get(ctx context.Context, name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	secret, ok := m.secrets[name]
	if !ok {
		return nil, ErrNotFound
	}
	return bytes.Clone(secret), ctx.Err()
}

func (m *memory) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.secrets[name]; !ok {
		return ErrNotFound
	}
	delete(m.secrets, name)
	return ctx.Err()
}

func (m *memory) Status(context.Context) Status {
	return Status{Kind: "memory", Available: true, Message: "Secrets are kept until the program ends."}
}
