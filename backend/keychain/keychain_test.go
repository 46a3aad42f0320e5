package keychain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"countersign/backend/governance"
)

func folderIn(t *testing.T) (Chain, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	c, err := Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c, dir
}

// suite is what every chain promises.
func suite(t *testing.T, c Chain) {
	ctx := t.Context()
	hostile := []byte("line\nbreak \x00 null ünïcode \u2028 \xff\xfe not text")
	if runtime.GOOS == "linux" {
		if _, isSystem := c.(*system); isSystem {
			hostile = []byte("line\nbreak \x00 null ünïcode \u2028") // Secret Service says text/plain
		}
	}
	names := []string{"plain", "../up", "a/b", "CON", "Case", "case", strings.Repeat("n", maxName), "ключ", "with space.", `quote"'\`}
	for _, n := range names {
		if _, err := c.Get(ctx, n); !errors.Is(err, ErrNotFound) {
			t.Fatalf("Get %q before Set: %v", n, err)
		}
		if err := c.Set(ctx, n, []byte("first")); err != nil {
			t.Fatalf("Set %q: %v", n, err)
		}
		if err := c.Set(ctx, n, append([]byte(n), hostile...)); err != nil {
			t.Fatalf("Set %q again: %v", n, err)
		}
	}
	for _, n := range names {
		got, err := c.Get(ctx, n)
		if err != nil || !bytes.Equal(got, append([]byte(n), hostile...)) {
			t.Errorf("Get %q = %q, %v", n, got, err)
		}
		if err := c.Delete(ctx, n); err != nil {
			t.Errorf("Delete %q: %v", n, err)
		}
		if err := c.Delete(ctx, n); !errors.Is(err, ErrNotFound) {
			t.Errorf("Delete %q twice: %v", n, err)
		}
	}
	full := bytes.Repeat([]byte("x"), MaxSecret)
	if err := c.Set(ctx, "full", full); err != nil {
		t.Errorf("a secret of %d bytes: %v", MaxSecret, err)
	}
	err := c.Set(ctx, "full", append(full, 'x'))
	if governance.FaultCode(err) != "secret_too_big" {
		t.Errorf("a secret that is too big: %v", err)
	}
	if got, err := c.Get(ctx, "full"); err != nil || !bytes.Equal(got, full) {
		t.Errorf("the secret before a refused one is gone: %v", err)
	}
	if err := c.Delete(ctx, "full"); err != nil {
		t.Error(err)
	}
	for _, n := range []string{"", "a\nb", "\x00", "\xff", strings.Repeat("n", maxName+1)} {
		if err := c.Set(ctx, n, nil); governance.FaultCode(err) != "bad_name" {
			t.Errorf("Set under the name %q: %v", n, err)
		}
		if _, err := c.Get(ctx, n); governance.FaultCode(err) != "bad_name" {
			t.Errorf("Get under the name %q: %v", n, err)
		}
	}
	if s := c.Status(ctx); !s.Available || s.Cause != "" || s.Message == "" {
		t.Errorf("Status = %+v", s)
	}
	together(t, c)
}

// together sets and gets from many goroutines at once.
func together(t *testing.T, c Chain) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			name, secret := fmt.Sprintf("together %d", i), []byte{byte('a' + i)}
			if err := c.Set(t.Context(), name, secret); err != nil {
				t.Errorf("Set %s: %v", name, err)
			}
			if got, err := c.Get(t.Context(), name); err != nil || !bytes.Equal(got, secret) {
				t.Errorf("Get %s = %q, %v", name, got, err)
			}
			if err := c.Delete(t.Context(), name); err != nil {
				t.Errorf("Delete %s: %v", name, err)
			}
		})
	}
	wg.Wait()
}

func TestFolderKeepsSecrets(t *testing.T) {
	c, _ := folderIn(t)
	suite(t, c)
}

func TestMemoryKeepsSecretsForTheSession(t *testing.T) {
	c := Memory()
	suite(t, c)
	if s := c.Status(t.Context()); s.Lasting {
		t.Error("memory says that secrets last")
	}
	secret := []byte("mine")
	if err := c.Set(t.Context(), "a", secret); err != nil {
		t.Fatal(err)
	}
	secret[0] = 'X'
	got, err := c.Get(t.Context(), "a")
	if err != nil || string(got) != "mine" {
		t.Errorf("a secret changed with the caller's slice: %q, %v", got, err)
	}
}

func TestFolderIsForItsOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps permissions in access lists, which the user's profile folder brings.")
	}
	dir := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	c, err := Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Set(t.Context(), "seed", []byte("s")); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has permissions %o", path, info.Mode().Perm())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFolderLeavesNothingHalfWritten(t *testing.T) {
	c, dir := folderIn(t)
	for i := range 5 {
		if err := c.Set(t.Context(), "one", fmt.Appendf(nil, "value %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 || files[0].Name() != fileName("one") {
		t.Errorf("the folder holds %v", files)
	}
}

func TestFolderThatCannotServe(t *testing.T) {
	base := t.TempDir()
	file := filepath.Join(base, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(file); governance.FaultCode(err) != "bad_folder" {
		t.Errorf("a file as folder: %v", err)
	}
	if runtime.GOOS != "windows" {
		link := filepath.Join(base, "link")
		if err := os.Symlink(t.TempDir(), link); err != nil {
			t.Fatal(err)
		}
		if _, err := Folder(link); governance.FaultCode(err) != "bad_folder" {
			t.Errorf("a link as folder: %v", err)
		}
	}
	c, dir := folderIn(t)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	var u *ErrUnavailable
	if err := c.Set(t.Context(), "a", nil); !errors.As(err, &u) || governance.FaultCode(err) != "keychain_unavailable" {
		t.Errorf("Set without the folder: %v", err)
	}
	if s := c.Status(t.Context()); s.Available || s.Message == "" || s.Hint == "" {
		t.Errorf("Status without the folder: %+v", s)
	}
}

func TestFolderDoesNotFollowALinkOutside(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows lets only some users make links.")
	}
	c, dir := folderIn(t)
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, fileName("a"))); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Get(t.Context(), "a"); err == nil {
		t.Errorf("read through a link: %q", got)
	}
	if err := c.Set(t.Context(), "a", []byte("ours")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(outside); err != nil || string(b) != "not ours" {
		t.Errorf("wrote through a link: %q, %v", b, err)
	}
}

func TestReadBack(t *testing.T) {
	for _, c := range []struct {
		name string
		got  string
		err  error
		want Cause
	}{
		{"the same", "secret", nil, ""},
		{"nothing there", "", ErrNotFound, Lost},
		{"something else", "secrez", nil, Lost},
		{"cut off", "secre", nil, Lost},
		{"locked meanwhile", "", unavailable(Locked, nil), Locked},
	} {
		err := readBack([]byte(c.got), c.err, []byte("secret"))
		var u *ErrUnavailable
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &u) || u.Cause != c.want || errors.Is(err, ErrNotFound)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestEveryCauseSaysWhatToDo(t *testing.T) {
	for _, c := range []Cause{Locked, None, Denied, NoAnswer, Lost, TooBig} {
		e := unavailable(c, errors.New("cause"))
		if e.fault.Message == "" || e.fault.Hint == "" || e.fault.Code == "" {
			t.Errorf("%s has no words: %+v", c, e.fault)
		}
	}
}

func TestSecretPrintsAsSecret(t *testing.T) {
	s := NewSecret("hunter2")
	private := struct{ inner Secret }{s}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "in", map[string]Secret{"a": s})
	j, err := json.Marshal(map[string]any{"s": s, "p": &s})
	if err != nil {
		t.Fatal(err)
	}
	out := log.String() + string(j)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		out += fmt.Sprintf(verb, s) + fmt.Sprintf(verb, &s) + fmt.Sprintf(verb, private) + fmt.Sprintf(verb, &private) + fmt.Sprintf(verb, []Secret{s})
	}
	for _, leak := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), fmt.Sprintf("%X", "hunter2"), "104 117 110"} {
		if strings.Contains(out, leak) {
			t.Errorf("a secret was printed: %s", out)
		}
	}
	if s.Reveal() != "hunter2" || s.IsZero() || !(Secret{}).IsZero() {
		t.Error("a secret does not come back")
	}
}
