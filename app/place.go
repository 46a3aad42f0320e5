package app

import (
	"encoding/json"
)

// windowPlace is the preference that keeps where the window was.
const windowPlace = "window.place"

// The window's own size, and the smallest in which every screen works.
const (
	usualWidth, usualHeight       = 1280, 860
	smallestWidth, smallestHeight = 880, 560
)

// A place is where the window is, in the pixels of its screen.
type place struct {
	X         int  `json:"x"`
	Y         int  `json:"y"`
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	Maximised bool `json:"maximised"`
}

// placeOf reads a kept place; what makes no sense is the usual one.
func placeOf(kept string) (p place, known bool) {
	usual := place{Width: usualWidth, Height: usualHeight}
	if kept == "" || json.Unmarshal([]byte(kept), &p) != nil {
		return usual, false
	}
	if p.Width < smallestWidth || p.Height < smallestHeight || p.Width > 20000 || p.Height > 20000 {
		return usual, false
	}
	return p, true
}

func (p place) String() string {
	b, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	return string(b)
}

// clamped brings the window wholly onto a screen of that size: a screen may
// have been unplugged. A screen whose size is not known changes nothing.
func (p place) clamped(width, height int) place {
	if width <= 0 || height <= 0 {
		return p
	}
	p.Width, p.Height = max(min(p.Width, width), min(smallestWidth, width)), max(min(p.Height, height), min(smallestHeight, height))
	p.X, p.Y = max(min(p.X, width-p.Width), 0), max(min(p.Y, height-p.Height), 0)
	return p
}
