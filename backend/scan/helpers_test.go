package scan

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func thousandsPlain(n int) string { return fmt.Sprintf("%05d", n) }

func writeFile(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
