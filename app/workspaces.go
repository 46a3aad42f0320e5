package app

import (
	"countersign/backend/workspace"
)

// Workspaces is what the page can ask about which workspace is open and who
// acts in it. Its methods also work while none is open.
type Workspaces struct{ shell *shell }

// State is what the window has to know before it draws anything.
func (w *Workspaces) State() (workspace.State, error) { return w.shell.state() }

// OpenDemo opens the demo workspace, and makes it first if it is not there.
func (w *Workspaces) OpenDemo() (workspace.State, error) { return w.shell.openDemo() }

// OpenOwn opens a workspace of one's own by its folder, one of State's choices.
func (w *Workspaces) OpenOwn(folder string) (workspace.State, error) { return w.shell.openOwn(folder) }

// Create makes a workspace of one's own and opens it; the system asks first.
func (w *Workspaces) Create(name, person string) (workspace.State, error) {
	return w.shell.create(name, person)
}

// ActAs lets the person act as another member of the demo.
func (w *Workspaces) ActAs(member string) (workspace.State, error) { return w.shell.actAs(member) }

// Leave closes the open workspace, so that another can be chosen.
func (w *Workspaces) Leave() (workspace.State, error) { return w.shell.leave() }

// Join opens a workspace that an invitation brings, from a file that the person
// chooses; the system asks first. Without a file nothing is opened.
func (w *Workspaces) Join(passphrase string) (workspace.State, error) {
	return w.shell.join(passphrase)
}

// JoinPicked opens a workspace that an invitation brings, from a file that was
// chosen, dropped or opened before and is known by its token; the system asks
// first.
func (w *Workspaces) JoinPicked(token, passphrase string) (workspace.State, error) {
	return w.shell.joinPicked(token, passphrase)
}
