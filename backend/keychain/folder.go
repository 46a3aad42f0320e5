package keychain

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"

	"countersign/backend/governance"
)

type folder struct {
	mu  sync.Mutex
	dir string
}

// Folder keeps each secret in a file that only its owner can read (0600), in
// a folder that only its owner can enter (0700), which it makes. It is for the
// demo workspace alone: a file is no place for a real secret. The fault
// bad_folder says that dir cannot serve.
func Folder(dir string) (Chain, error) {
	bad := func(err error) error {
		return governance.Faultf("bad_folder", "The folder for the demo's keys cannot be used.").WithHint("Look at its permissions, or remove it.").Because(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, bad(err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, bad(err)
	}
	if !info.IsDir() {
		return nil, bad(errors.New("it is a link or a file"))
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, bad(err)
	}
	return &folder{dir: dir}, nil
}

// fileName is the same length for every name, has no letter case that matters
// and nothing in it that a file system could read as a path.
func fileName(name string) string {
	h := sha256.Sum256([]byte(name))
	return hex.EncodeToString(h[:]) + ".secret"
}

// in runs f with the folder open, one call at a time. os.Root keeps links from
// leading elsewhere.
func (f *folder) in(ctx context.Context, do func(*os.Root) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return unavailable(Denied, err)
	}
	defer root.Close()
	err = do(root)
	var u *ErrUnavailable
	if err == nil || errors.As(err, &u) {
		return err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	return unavailable(Denied, err)
}

func (f *folder) Set(ctx context.Context, name string, secret []byte) error {
	if err := checkEntry(name, secret); err != nil {
		return err
	}
	return f.in(ctx, func(root *os.Root) error {
		if err := replace(root, fileName(name), secret); err != nil {
			return unavailable(Denied, err)
		}
		got, err := read(root, fileName(name))
		return readBack(got, err, secret)
	})
}

// replace writes a file beside the old one and puts it in its place, so that
// there is always the old secret or the new one.
func replace(root *os.Root, name string, data []byte) error {
	temp := "new-" + rand.Text()
	file, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = root.Rename(temp, name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(temp))
	}
	return syncFolder(root)
}

// syncFolder makes the new name last through a power cut. Windows does not
// open a folder for it and does not need it.
func syncFolder(root *os.Root) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func read(root *os.Root, name string) ([]byte, error) {
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, MaxSecret+1))
	if err == nil && len(b) > MaxSecret {
		err = fmt.Errorf("the file has more than %d bytes", MaxSecret)
	}
	return b, err
}

func (f *folder) Get(ctx context.Context, name string) (secret []byte, err error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	err = f.in(ctx, func(root *os.Root) error {
		secret, err = read(root, fileName(name))
		return err
	})
	if err != nil {
		return nil, err
	}
	return secret, nil
}

func (f *folder) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	return f.in(ctx, func(root *os.Root) error { return root.Remove(fileName(name)) })
}

func (f *folder) Status(ctx context.Context) Status { return probe(ctx, f, "folder") }
