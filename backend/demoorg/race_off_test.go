//go:build !race

package demoorg

const raceDetector = false
