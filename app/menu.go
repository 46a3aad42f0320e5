package app

// The native menu, as data. Its items tell the page which command was chosen;
// what a command does is the page's, which has the same ones in its palette.

// A menuItem is one line; without an id it is a separator.
type menuItem struct {
	ID    string
	Label string
	Keys  string // as Wails parses them; empty: none
}

type menuPart struct {
	Label string
	Items []menuItem
}

// menuParts are the menus. Undo and Redo have no keys, and no other item has
// any that edits text: the page decides by where the cursor is.
func menuParts() []menuPart {
	return []menuPart{
		{"File", []menuItem{
			{"new-request", "New Change Request", "CmdOrCtrl+n"},
			{},
			{"settings", "Settings", "CmdOrCtrl+,"},
		}},
		{"Edit", []menuItem{
			{"undo", "Undo Last Edit of the Draft", ""},
			{"redo", "Redo", ""},
		}},
		{"View", []menuItem{
			{"palette", "All Commands…", "CmdOrCtrl+k"},
			{"reload-data", "Read Everything Anew", "f5"},
			{"theme", "Light or Dark", ""},
		}},
		{"Go", []menuItem{
			{"back", "Back", "OptionOrAlt+left"},
			{"forward", "Forward", "OptionOrAlt+right"},
			{},
			{"home", "Home", "CmdOrCtrl+1"},
			{"requests", "Change Requests", "CmdOrCtrl+2"},
			{"deployments", "Deployments", "CmdOrCtrl+3"},
			{"environments", "Environments", "CmdOrCtrl+4"},
			{"trail", "Audit Trail", "CmdOrCtrl+5"},
			{"policies", "Policies", "CmdOrCtrl+6"},
		}},
		{"Help", []menuItem{
			{"guide", "Guide", "f1"},
			{"tour", "Tour of the Main Job", ""},
		}},
	}
}
