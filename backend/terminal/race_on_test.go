//go:build race

package terminal

// raceDetector says that the tests run with the race detector, under which
// SQLite is some twenty times slower: a few stops find what many would.
const raceDetector = true
