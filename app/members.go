package app

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"countersign/backend/workspace"
)

// Members is what the page can ask about the members and their keys. Files come
// and go through dialogs of the system; a passphrase crosses once, to be used.
type Members struct{ shell *shell }

var keyFiles = fileKind{Name: "Countersign keys (*" + workspace.KeyEnd + ")", Pattern: "*" + workspace.KeyEnd}

// Get gives the members, who waits to be let in and which changes wait.
func (m *Members) Get() (workspace.Members, error) {
	return ask(m.shell, "read the members", func(ctx context.Context, w *workspace.Workspace) (workspace.Members, error) {
		return w.MembersView(ctx)
	})
}

// KeyActs are the newest acts of a key, to name the last good one.
func (m *Members) KeyActs(public string) ([]workspace.KeyAct, error) {
	return ask(m.shell, "read the acts of a key", func(ctx context.Context, w *workspace.Workspace) ([]workspace.KeyAct, error) {
		return w.KeyActs(ctx, public, mostKeyActs)
	})
}

// mostKeyActs is as many as a person looks through.
const mostKeyActs = 500

// Preview says what a change of the members would change.
func (m *Members) Preview(change workspace.RosterChange) ([]workspace.PolicyDiff, error) {
	return ask(m.shell, "preview a change of the members", func(ctx context.Context, w *workspace.Workspace) ([]workspace.PolicyDiff, error) {
		p, err := w.RosterProposal(ctx, change)
		return p.Diff, err
	})
}

// Propose signs a change of the members; the system asks first outside the demo.
func (m *Members) Propose(change workspace.RosterChange) (workspace.Members, error) {
	return ask(m.shell, "propose a change of the members", func(ctx context.Context, w *workspace.Workspace) (workspace.Members, error) {
		seen := ""
		if !w.Demo() {
			p, err := w.RosterProposal(ctx, change)
			if err != nil {
				return workspace.Members{}, err
			}
			seen = p.Digest
			if err := m.shell.confirm(ctx, w, "Propose a Change of the Members", rosterSubject(p.Digest, p.Diff)); err != nil {
				return workspace.Members{}, err
			}
		}
		return w.ProposeRoster(ctx, change, seen)
	})
}

// Sign endorses a proposed change; the system asks first outside the demo.
func (m *Members) Sign(change string) (workspace.Members, error) {
	return ask(m.shell, "sign a change of the members", func(ctx context.Context, w *workspace.Workspace) (workspace.Members, error) {
		if err := m.confirmPending(ctx, w, change); err != nil {
			return workspace.Members{}, err
		}
		return w.SignRoster(ctx, change)
	})
}

func (m *Members) confirmPending(ctx context.Context, w *workspace.Workspace, change string) error {
	if w.Demo() {
		return nil
	}
	p, err := w.PendingRoster(ctx, change)
	if err != nil {
		return err
	}
	return m.shell.confirm(ctx, w, "Sign a Change of the Members", rosterSubject(change, p.Diff))
}

// SignWithFile endorses a proposed change with the key of a file, such as a
// recovery kit.
func (m *Members) SignWithFile(change, passphrase string) (workspace.Members, error) {
	return ask(m.shell, "sign with a key file", func(ctx context.Context, w *workspace.Workspace) (workspace.Members, error) {
		path, err := m.shell.system.openFile(m.shell.say("Open a key file"), keyFiles)
		if path == "" || err != nil {
			return unchanged(ctx, w, err)
		}
		v, err := w.MembersView(ctx)
		if err != nil {
			return v, err
		}
		for _, p := range v.Pending {
			if p.Act == change {
				if err := m.shell.confirm(ctx, w, "Sign a Change of the Members", rosterSubject(change, p.Diff)); err != nil {
					return v, err
				}
			}
		}
		return w.SignWithFile(ctx, change, path, passphrase)
	})
}

// AskToJoin signs with a key of this computer that its holder asks to be let in;
// the system asks first.
func (m *Members) AskToJoin(name, note string) (workspace.Members, error) {
	return ask(m.shell, "ask to be let in", func(ctx context.Context, w *workspace.Workspace) (workspace.Members, error) {
		v, err := w.MembersView(ctx)
		if err != nil {
			return v, err
		}
		if !w.Demo() && strings.TrimSpace(name) != "" {
			person := name
			made := m.shell.say("A signing key is made for it.")
			if err := m.shell.sayYes(m.shell.question(subject{what: "Workspace", name: v.Name, reason: note, note: made}, "Ask to Be Let In", person)); err != nil {
				return v, err
			}
		}
		return w.AskToJoin(ctx, name, note)
	})
}

// Invite writes an invitation, and the answer of who asks to be let in: a bundle
// with what concerns the members. It gives the file's name, empty if the person
// chose none.
func (m *Members) Invite(passphrase string) (string, error) {
	title, name := m.shell.say("Save the invitation"), "invitation"
	if v, err := m.Get(); err == nil && v.Own != nil {
		title, name = m.shell.say("Save the answer"), "answer"
	}
	return m.save("write an invitation", title, name+workspace.BundleEnd, bundleFiles, func(ctx context.Context, w *workspace.Workspace, path string) error {
		return w.Invite(ctx, path, passphrase)
	})
}

// SaveKey writes the person's own key to a file that the passphrase opens.
func (m *Members) SaveKey(passphrase string) (string, error) {
	return m.save("save the key", m.shell.say("Save your key"), "my"+workspace.KeyEnd, keyFiles, func(ctx context.Context, w *workspace.Workspace, path string) error {
		return w.SaveKey(ctx, path, passphrase)
	})
}

func (m *Members) save(doing, title, name string, kind fileKind, write func(context.Context, *workspace.Workspace, string) error) (string, error) {
	return ask(m.shell, doing, func(ctx context.Context, w *workspace.Workspace) (string, error) {
		if w.Demo() {
			return "", write(ctx, w, "") // is refused before a file is asked for
		}
		path, err := m.shell.system.saveFile(title, name, kind)
		if path == "" || err != nil {
			return "", err
		}
		return filepath.Base(path), write(ctx, w, path)
	})
}

// RestoreKey takes the person's key from a file.
func (m *Members) RestoreKey(passphrase string) (workspace.Members, error) {
	return ask(m.shell, "restore a key", func(ctx context.Context, w *workspace.Workspace) (workspace.Members, error) {
		if w.Demo() {
			return w.RestoreKey(ctx, "", "") // is refused before a file is asked for
		}
		path, err := m.shell.system.openFile(m.shell.say("Open a key file"), keyFiles)
		if path == "" || err != nil {
			return unchanged(ctx, w, err)
		}
		v, err := w.RestoreKey(ctx, path, passphrase)
		if err == nil {
			m.shell.events.state()
		}
		return v, err
	})
}

// MakeKit writes a recovery key to a file and proposes it; the system asks first.
func (m *Members) MakeKit(passphrase string) (workspace.Members, error) {
	return ask(m.shell, "make a recovery kit", func(ctx context.Context, w *workspace.Workspace) (workspace.Members, error) {
		path := ""
		if !w.Demo() {
			var err error
			if path, err = m.shell.system.saveFile(m.shell.say("Save the recovery kit"), "recovery"+workspace.KeyEnd, keyFiles); path == "" || err != nil {
				return unchanged(ctx, w, err)
			}
		}
		return w.MakeKit(ctx, path, passphrase, func(p workspace.Proposal) error {
			return m.shell.confirm(ctx, w, "Make a Recovery Kit", rosterSubject(p.Digest, p.Diff))
		})
	})
}

// unchanged is the view after the person chose no file.
func unchanged(ctx context.Context, w *workspace.Workspace, err error) (workspace.Members, error) {
	if err != nil {
		return workspace.Members{}, err
	}
	return w.MembersView(ctx)
}

func rosterSubject(digest string, diff []workspace.PolicyDiff) subject {
	return subject{what: "Members", digest: digest, count: "Changes", lines: policySubject(digest, diff).lines}
}

// join opens a workspace that an invitation brings; the system asks first.
func (s *shell) join(passphrase string) (workspace.State, error) {
	if err := s.started(); err != nil {
		return workspace.State{}, err
	}
	if err := bridgeRefuses(s.options); err != nil {
		return workspace.State{}, err
	}
	path, err := s.system.openFile(s.say("Open an invitation"), bundleFiles)
	if err != nil {
		return workspace.State{}, err
	}
	if path == "" {
		return s.state()
	}
	return s.joinFile(path, passphrase)
}

// joinPicked joins with a file that the person chose, dropped or opened before.
func (s *shell) joinPicked(token, passphrase string) (workspace.State, error) {
	if err := s.started(); err != nil {
		return workspace.State{}, err
	}
	if err := bridgeRefuses(s.options); err != nil {
		return workspace.State{}, err
	}
	path, err := s.picked.path(token)
	if err != nil {
		return workspace.State{}, err
	}
	return s.joinFile(path, passphrase)
}

func (s *shell) joinFile(path, passphrase string) (workspace.State, error) {
	text := fmt.Sprintf("%s\n\n%s", s.say("Join the workspace of this file?"), middle(plain(path), longestPath))
	if err := s.sayYes(question{Title: s.say("Join a Workspace"), Text: text}); err != nil {
		return workspace.State{}, err
	}
	return s.changeTo(func(ctx context.Context, o workspace.Options) (*workspace.Workspace, error) {
		w, _, err := workspace.Join(ctx, path, passphrase, o)
		return w, err
	}, "")
}
