//go:build desktop || dev || bindings

package app

import (
	stdruntime "runtime"

	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
)

// nativeMenu is the menu of macOS and Windows. On Linux there is none: GTK would
// draw a bar in the colours of its own theme above a page that has its own, and
// every item is in the page's palette, with the same keys.
func (s *shell) nativeMenu() *menu.Menu {
	if stdruntime.GOOS == "linux" {
		return nil
	}
	all := menu.NewMenu()
	if stdruntime.GOOS == "darwin" {
		all.Append(menu.AppMenu())
	}
	for _, part := range menuParts() {
		sub := all.AddSubmenu(part.Label)
		for _, item := range part.Items {
			if item.ID == "" {
				sub.AddSeparator()
				continue
			}
			accelerator, err := keys.Parse(item.Keys)
			if item.Keys == "" || err != nil {
				accelerator = nil
			}
			sub.AddText(item.Label, accelerator, func(*menu.CallbackData) {
				if s.root.Err() == nil {
					s.system.emit(eventCommand, command{item.ID})
				}
			})
		}
		if part.Label == "Edit" && stdruntime.GOOS == "darwin" {
			all.Append(menu.EditMenu()) // Copy and Paste do not work without it
		}
	}
	return all
}
