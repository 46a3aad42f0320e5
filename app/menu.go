package app

import (
	"encoding/json"
	"fmt"
	"io/fs"
)

// The native menu, as data. Its items tell the page which command was chosen;
// what a command does is the page's, which has the same ones in its palette. So
// the list is the page's as well: its build writes it beside the page, in every
// language, and there is no second one here that could differ.

// menuFile is where the page's build puts the menu.
const menuFile = "menu.json"

// A menuPart is one menu.
type menuPart struct {
	ID    string            `json:"id"`
	Label map[string]string `json:"label"` // by language
	Items []menuItem        `json:"items"`
}

// A menuItem is one line.
type menuItem struct {
	ID    string            `json:"id"`
	Label map[string]string `json:"label"`
	Keys  string            `json:"keys"` // as Wails parses them; empty: none
}

// menuEdit is the menu after which macOS expects Copy and Paste.
const menuEdit = "edit"

// readMenu reads the menu that the page's build wrote.
func readMenu(assets fs.FS) ([]menuPart, error) {
	written, err := fs.ReadFile(assets, menuFile)
	if err != nil {
		return nil, fmt.Errorf("read the native menu: %w", err)
	}
	var parts []menuPart
	if err := json.Unmarshal(written, &parts); err != nil {
		return nil, fmt.Errorf("read the native menu: %w", err)
	}
	return parts, nil
}

// in is a label in a language, English where it has no words.
func in(label map[string]string, language string) string {
	if words := label[language]; words != "" {
		return words
	}
	return label["en"]
}
