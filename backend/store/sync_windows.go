package store

import (
	"errors"
	"os"
)

// syncFile makes sure that a file is on the disk. Windows keeps the names in a
// folder in its journal and refuses to flush a folder.
func syncFile(path string) error {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
