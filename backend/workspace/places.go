package workspace

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"

	"countersign/backend/governance"
)

// DataDir is where Countersign keeps everything: the given folder, otherwise
// $COUNTERSIGN_DATA, otherwise "Countersign" under the operating system's
// application-data folder.
func DataDir(given string) (string, error) {
	if given == "" {
		given = os.Getenv("COUNTERSIGN_DATA")
	}
	if given != "" {
		return filepath.Abs(given)
	}
	base, err := appData()
	if err != nil {
		return "", governance.Faultf("data_folder", "This computer names no folder for application data.").
			WithHint("Set COUNTERSIGN_DATA or give --data DIR.").Because(err)
	}
	if runtime.GOOS == "linux" {
		return filepath.Join(base, "countersign"), nil
	}
	return filepath.Join(base, "Countersign"), nil
}

// appData is the place for data, not for settings: on Linux that is
// $XDG_DATA_HOME (XDG Base Directory Specification 0.8).
func appData() (string, error) {
	if runtime.GOOS != "linux" {
		return os.UserConfigDir()
	}
	if d := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return d, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share"), err
}

const (
	demoFolder = "demo"
	ownFolder  = "workspaces"
	keysFolder = "keys" // of a demo workspace only
	database   = "workspace.db"
)

// Folders lists the folders of the workspaces in a data folder: the demo first,
// then your own by name. A folder that is itself a workspace lists itself.
func Folders(data string) ([]string, error) {
	if isWorkspace(data) {
		return []string{data}, nil
	}
	out := []string{}
	if d := filepath.Join(data, demoFolder); isWorkspace(d) {
		out = append(out, d)
	}
	entries, err := os.ReadDir(filepath.Join(data, ownFolder))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	for _, e := range entries {
		if d := filepath.Join(data, ownFolder, e.Name()); isWorkspace(d) {
			out = append(out, d)
		}
	}
	return out, nil
}

func isWorkspace(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, database))
	return err == nil && info.Mode().IsRegular()
}

// folderName makes a workspace's name fit for every file system. Names that
// differ in letters that were left out get folders of their own.
func folderName(name string) string {
	lost := false
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		lost = lost || r > unicode.MaxASCII
		return '-'
	}, strings.TrimSpace(name))
	clean = strings.Trim(clean, "-")
	if len(clean) > 40 {
		clean, lost = strings.TrimRight(clean[:40], "-"), true
	}
	if clean == "" {
		clean = "workspace"
	}
	if lost {
		clean += fmt.Sprintf("-%.4x", sha256.Sum256([]byte(name)))
	}
	return clean
}
