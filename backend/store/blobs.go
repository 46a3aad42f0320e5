package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"countersign/backend/governance"
	"gorm.io/gorm/clause"
)

// A Blob is large content, open for reading. What it holds is what its name
// says.
type Blob interface {
	io.ReadCloser
	io.ReaderAt
	Size() int64
}

type blobFile struct {
	*os.File
	size int64
}

func (b blobFile) Size() int64 { return b.size }

var isSum = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (s *Store) blobPath(sum string) string {
	return filepath.Join(s.dir, blobsName, sum[:2], sum)
}

// PutBlob keeps content under its SHA-256, which comes back in hexadecimal
// with the size in bytes. The file is on the disk before its row is. Content
// that is there already stays as it is. Faults: disk_full, database_readonly.
func (s *Store) PutBlob(ctx context.Context, r io.Reader) (sum string, size int64, err error) {
	if s.w == nil {
		return "", 0, readOnly(s.dir)
	}
	sum, size, err = s.putFile(ctx, r)
	if err != nil {
		return "", 0, s.explained(ctx, fmt.Errorf("keep a file: %w", err))
	}
	err = s.write(ctx, func(d *door) error {
		return d.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&blob{SHA256: sum, Size: size, CreatedAt: d.at}).Error
	})
	return sum, size, err
}

func (s *Store) putFile(ctx context.Context, r io.Reader) (sum string, size int64, err error) {
	tmp, err := os.CreateTemp(s.path(blobsName), "unfinished-*")
	if err != nil {
		return "", 0, err
	}
	defer os.Remove(tmp.Name()) // fails when it was renamed, as it should
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(tmp, h), readerIn(ctx, r))
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return "", 0, err
	}
	sum = hex.EncodeToString(h.Sum(nil))
	folder := filepath.Dir(s.blobPath(sum))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", 0, err
	}
	// A file of that name with other content was damaged: this mends it.
	if err := os.Rename(tmp.Name(), s.blobPath(sum)); err != nil {
		return "", 0, err
	}
	return sum, size, errors.Join(syncFile(folder), syncFile(s.path(blobsName)))
}

type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func readerIn(ctx context.Context, r io.Reader) io.Reader { return ctxReader{ctx, r} }

func (c ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// OpenBlob opens content after it was read once and found to be what its name
// says. Faults: blob_missing, blob_altered.
func (s *Store) OpenBlob(sum string) (Blob, error) {
	if !isSum.MatchString(sum) {
		return nil, missing(sum)
	}
	f, err := os.Open(s.blobPath(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(sum).Because(err)
	}
	if err != nil {
		return nil, s.explained(context.Background(), err)
	}
	h := sha256.New()
	size, err := io.Copy(h, f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err == nil && hex.EncodeToString(h.Sum(nil)) != sum {
		err = governance.Faultf("blob_altered", "The file %s is not what it was: its content was changed.", short(sum)).
			WithHint("Put it back from a copy of the folder %s, or from a colleague.", s.path(blobsName))
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return blobFile{f, size}, nil
}

// ReadBlob returns content, or the faults of OpenBlob.
func (s *Store) ReadBlob(sum string) ([]byte, error) {
	b, err := s.OpenBlob(sum)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	buf := bytes.NewBuffer(make([]byte, 0, b.Size()))
	_, err = io.Copy(buf, b)
	// Read again from the disk, so hash again: it may have moved in between.
	if h := sha256.Sum256(buf.Bytes()); err == nil && hex.EncodeToString(h[:]) != sum {
		err = governance.Faultf("blob_altered", "The file %s changed while it was read.", short(sum)).WithHint("Try again.")
	}
	return buf.Bytes(), err
}

func missing(sum string) *governance.Fault {
	return governance.Faultf("blob_missing", "The file %s is not in this workspace.", short(sum)).
		WithHint("Attach it again, or put it back from a copy of the workspace or from a colleague.")
}

func short(sum string) string {
	if len(sum) > 12 {
		return sum[:12]
	}
	return sum
}

// hasBlob holds that a row names only content that is there.
func (d *door) hasBlob(sum string) error {
	if sum == "" {
		return nil
	}
	var n int64
	if err := d.db.Model(&blob{}).Where("sha256 = ?", sum).Count(&n).Error; err != nil {
		return err
	}
	if n == 0 {
		return missing(sum)
	}
	return nil
}
