package deploy

import (
	"bytes"

	"countersign/backend/metadata"
)

// sameMeaning compares two versions of a file by their normal form.
func sameMeaning(path string, a, b []byte) bool {
	x, errX := metadata.Normal(path, a)
	y, errY := metadata.Normal(path, b)
	if errX != nil || errY != nil {
		return bytes.Equal(a, b)
	}
	return bytes.Equal(x, y)
}

// sameParts reports whether two versions of one component mean the same. An
// object is compared without its children: the target may hold more of them in
// its file than were sent.
func sameParts(a, b metadata.Part) bool {
	if len(a.Elements) != len(b.Elements) {
		return false
	}
	for i := range a.Elements {
		if !bytes.Equal(a.Elements[i], b.Elements[i]) {
			return false
		}
	}
	for path, x := range a.Files {
		if y, ok := b.Files[path]; !ok || !sameMeaning(path, x, y) {
			return false
		}
	}
	return true
}
