//go:build race

package scan

// raceDetector says that the tests run with the race detector, which makes a
// large org ten times slower and finds in a small one what it would find there.
const raceDetector = true
