package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"countersign/backend/governance"
)

// sealedBegin begins every file that age encrypted
// (https://age-encryption.org/v1).
const sealedBegin = "age-encryption.org/v1\n"

const (
	// sealWork is the work factor of a new file: 2^18 rounds of scrypt, about a
	// second. A file that asks for more is refused before it costs anything.
	sealWork      = 18
	sealedHeader  = 4 << 10 // bytes in which age's header must end
	sealOverhead  = 1 << 20 // more than age adds to the largest bundle
	minPassphrase = 10      // characters
	maxPassphrase = 1 << 10 // bytes
)

// IsSealed reports whether a file is encrypted, by its first bytes.
func IsSealed(r io.ReaderAt) bool {
	b := make([]byte, len(sealedBegin))
	return readAt(r, b, 0) && string(b) == sealedBegin
}

// Seal encrypts what is written with a passphrase; Close ends it. The fault
// weak_passphrase asks for a longer one.
func Seal(w io.Writer, passphrase string) (io.WriteCloser, error) {
	return seal(w, passphrase, sealWork)
}

// CheckPassphrase says whether Seal would take a passphrase. Fault:
// weak_passphrase.
func CheckPassphrase(passphrase string) error {
	if n := len([]rune(passphrase)); n < minPassphrase || len(passphrase) > maxPassphrase {
		return governance.Faultf("weak_passphrase", "A passphrase needs %d characters or more; this one has %d.", minPassphrase, n).
			WithHint("Take four words or more, and tell them to the receiver by another way than the file.")
	}
	return nil
}

func seal(w io.Writer, passphrase string, work int) (io.WriteCloser, error) {
	if err := CheckPassphrase(passphrase); err != nil {
		return nil, err
	}
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, fmt.Errorf("encrypt with a passphrase: %w", err)
	}
	to.SetWorkFactor(work)
	out, err := age.Encrypt(w, to)
	if err != nil {
		return nil, fmt.Errorf("encrypt with a passphrase: %w", err)
	}
	return out, nil
}

// Unseal decrypts a file of Seal in place: what comes back is decrypted and
// authenticated piece by piece as it is read. Faults: bundle_sealed without a
// passphrase, bundle_passphrase for a wrong one, bundle_too_large,
// bundle_damaged.
func Unseal(r io.ReaderAt, size int64, passphrase string) (io.ReaderAt, int64, error) {
	if passphrase == "" {
		return nil, 0, governance.Faultf("bundle_sealed", "This file is encrypted with a passphrase.").WithHint("Enter the passphrase that you were told.")
	}
	if size > maxArchive+sealOverhead {
		return nil, 0, bundleKind.tooLarge("it has %d MB, and %d are the most", size>>20, maxArchive>>20)
	}
	begin := make([]byte, min(size, sealedHeader))
	if _, err := r.ReadAt(begin, 0); err != nil && err != io.EOF {
		return nil, 0, fmt.Errorf("read an encrypted file: %w", err)
	}
	if !bytes.HasPrefix(begin, []byte(sealedBegin)) || !bytes.Contains(begin, []byte("\n---")) {
		return nil, 0, bundleKind.damaged("it does not begin as an encrypted file does")
	}
	by, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, 0, fmt.Errorf("decrypt with a passphrase: %w", err)
	}
	by.SetMaxWorkFactor(sealWork)
	plain, n, err := age.DecryptReaderAt(r, size, by)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, 0, governance.Faultf("bundle_passphrase", "The passphrase does not open this file.").
			WithHint("Enter it exactly as you were told; capitals and spaces count.").Because(err)
	case err != nil:
		return nil, 0, bundleKind.damaged("it cannot be decrypted").Because(err)
	}
	return plain, n, nil
}
