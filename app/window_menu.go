//go:build desktop || dev || bindings

package app

import (
	"io/fs"
	stdruntime "runtime"

	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
)

// nativeMenu is the menu of macOS and Windows, in the language that the window
// starts in. On Linux there is none: GTK would draw a bar in the colours of its
// own theme above a page that has its own, and every item is in the page's
// palette, with the same keys.
func (s *shell) nativeMenu(assets fs.FS) *menu.Menu {
	if stdruntime.GOOS == "linux" || generating {
		return nil
	}
	parts, err := readMenu(assets)
	if err != nil {
		s.log.Warn("the native menu has the system's items only", "err", err)
	}
	all := menu.NewMenu()
	if stdruntime.GOOS == "darwin" {
		all.Append(menu.AppMenu())
		if err != nil {
			all.Append(menu.EditMenu())
		}
	}
	for _, part := range parts {
		sub := all.AddSubmenu(in(part.Label, s.language()))
		for _, item := range part.Items {
			sub.AddText(in(item.Label, s.language()), acceleratorOf(item.Keys), func(*menu.CallbackData) {
				if s.root.Err() == nil {
					s.system.emit(eventCommand, command{item.ID})
				}
			})
		}
		if part.ID == menuEdit && stdruntime.GOOS == "darwin" {
			all.Append(menu.EditMenu()) // Copy and Paste do not work without it
		}
	}
	return all
}

// acceleratorOf is the key of an item, nil where it has none.
func acceleratorOf(written string) *keys.Accelerator {
	accelerator, err := keys.Parse(written)
	if written == "" || err != nil {
		return nil
	}
	return accelerator
}
