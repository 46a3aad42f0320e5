package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestPreferencesAreKept(t *testing.T) {
	data := filepath.Join(t.TempDir(), "not", "there", "yet")
	p, err := OpenPreferences(data)
	ok(t, err)
	if all := p.All(); all == nil || len(all) != 0 {
		t.Errorf("%v", all)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Error("reading made the folder")
	}
	ok(t, p.Set("theme", "dark"))
	ok(t, p.Set("tour", "left"))
	ok(t, p.Set("tour", ""))
	ok(t, p.Set("never", ""))
	p.All()["theme"] = "changed outside"

	again, err := OpenPreferences(data)
	ok(t, err)
	if all := again.All(); len(all) != 1 || again.Get("theme") != "dark" || again.Get("tour") != "" {
		t.Errorf("%v", all)
	}
	info, err := os.Stat(filepath.Join(data, preferencesFile))
	ok(t, err)
	if onUnix() && info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v", info.Mode())
	}
	left, err := os.ReadDir(data)
	ok(t, err)
	if len(left) != 1 {
		t.Errorf("the folder holds %v", left)
	}
}

func onUnix() bool { return os.PathSeparator == '/' }

func TestPreferencesHaveLimits(t *testing.T) {
	p, err := OpenPreferences(t.TempDir())
	ok(t, err)
	wantFault(t, p.Set("", "x"), "preference_too_large")
	wantFault(t, p.Set(strings.Repeat("k", maxKey+1), "x"), "preference_too_large")
	wantFault(t, p.Set("big", strings.Repeat("x", maxPreference+1)), "preference_too_large")
	kept := 0
	for i := range 30 {
		if err := p.Set(fmt.Sprint("key", i), strings.Repeat("x", maxPreference)); err == nil {
			kept++
		} else {
			wantFault(t, err, "preference_too_large")
		}
	}
	if kept < 10 || kept > 16 || len(p.All()) != kept {
		t.Errorf("%d of 30 large ones were kept, %d are there", kept, len(p.All()))
	}
	again, err := OpenPreferences(filepath.Dir(p.path))
	ok(t, err)
	if len(again.All()) != kept {
		t.Errorf("%d were read back", len(again.All()))
	}
}

func TestBrokenPreferencesAreSetAside(t *testing.T) {
	for name, text := range map[string]string{"cut off": `{"theme": "da`, "null": "null", "a list": "[]", "numbers": `{"a": 1}`, "too large": `{"a": "` + strings.Repeat("x", maxPreferences) + `"}`} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			path := filepath.Join(data, preferencesFile)
			for range 2 {
				ok(t, os.WriteFile(path, []byte(text), 0o600))
				p, err := OpenPreferences(data)
				ok(t, err)
				if len(p.All()) != 0 {
					t.Errorf("%v", p.All())
				}
				ok(t, p.Set("theme", "light"))
			}
			for n := 1; n <= 2; n++ {
				if b, err := os.ReadFile(fmt.Sprintf("%s.broken-%d", path, n)); err != nil || string(b) != text {
					t.Errorf("number %d was not kept aside: %v", n, err)
				}
			}
		})
	}
}

func TestPreferencesFromSeveralGoroutines(t *testing.T) {
	data := t.TempDir()
	p, err := OpenPreferences(data)
	ok(t, err)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := p.Set(fmt.Sprint(i), "kept"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	again, err := OpenPreferences(data)
	ok(t, err)
	if len(again.All()) != 20 {
		t.Errorf("%d of 20 are kept", len(again.All()))
	}
}
