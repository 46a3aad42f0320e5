package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// Preview says what Import would do, and writes nothing. Faults: as Import.
func (s *Store) Preview(ctx context.Context, by string, b *ledger.Bundle) (*Delivery, error) {
	return s.look(ctx, func(d *door) (*Delivery, error) { return d.takeIn(by, b) })
}

func (s *Store) look(ctx context.Context, merge func(d *door) (*Delivery, error)) (*Delivery, error) {
	var out *Delivery
	err := s.write(ctx, func(d *door) error {
		var err error
		if out, err = merge(d); err != nil {
			return err
		}
		return errOnlyLooked
	})
	if !errors.Is(err, errOnlyLooked) {
		return nil, err
	}
	return out, nil
}

// Import takes a bundle in for a member: the union of its acts and of those
// here, in one transaction with what follows from them. What is here already
// stays as it is, so taking the same bundle in again does nothing. Faults:
// bundle_other_workspace, bundle_stranger, bundle_incomplete, row_altered,
// not_founded, disk_full.
func (s *Store) Import(ctx context.Context, by string, b *ledger.Bundle) (*Delivery, error) {
	return s.deliver(ctx, b, func(d *door) (*Delivery, error) { return d.takeIn(by, b) })
}

// Join founds a workspace from a bundle of it, in a folder that has none yet.
// Whether it is the right one is for a person to say, who compares the
// fingerprint by voice. Faults: founded, bad_genesis, and those of Import.
func (s *Store) Join(ctx context.Context, b *ledger.Bundle) (*Delivery, error) {
	return s.deliver(ctx, b, func(d *door) (*Delivery, error) {
		if d.workspace != "" {
			return nil, governance.Faultf("founded", "This folder holds a workspace already.").WithHint("Join in an empty folder.")
		}
		d.workspace = b.Workspace
		if err := d.db.Create(&meta{Key: "workspace", Value: b.Workspace}).Error; err != nil {
			return nil, err
		}
		return d.takeIn("", b)
	})
}

// deliver looks first, so that a bundle that is refused leaves nothing; then it
// keeps the files, and then the rows that name them.
func (s *Store) deliver(ctx context.Context, b *ledger.Bundle, merge func(d *door) (*Delivery, error)) (*Delivery, error) {
	out, err := s.look(ctx, merge)
	if err != nil || out.Nothing {
		return out, err
	}
	for _, f := range b.Blobs {
		if err := s.keepFile(ctx, b, f); err != nil {
			return nil, s.explained(ctx, err)
		}
	}
	err = s.write(ctx, func(d *door) error {
		out, err = merge(d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Store) keepFile(ctx context.Context, b *ledger.Bundle, f ledger.BlobEntry) error {
	if here, err := s.OpenBlob(f.SHA256); err == nil {
		return here.Close()
	}
	r, err := b.OpenBlob(f.SHA256)
	if err != nil {
		return err
	}
	sum, _, err := s.putFile(ctx, r)
	if err == nil && sum != f.SHA256 {
		err = governance.Faultf("bundle_damaged", "The file changed while it was read.").WithHint("Try again.")
	}
	return err
}

// A merge is the work on one bundle in one door.
type merge struct {
	*door
	b             *ledger.Bundle
	by            string
	before, after *governance.History // before is nil when joining
	fresh         []ledger.SignedAct  // new acts
	out           *Delivery
	changed       bool
	files         map[string]bool // files that are here then
}

func (d *door) takeIn(by string, b *ledger.Bundle) (*Delivery, error) {
	if err := d.founded(); err != nil {
		return nil, err
	}
	if b.Workspace != d.workspace {
		return nil, governance.Faultf("bundle_other_workspace", "This bundle belongs to another workspace (%s), not to this one (%s).", short(b.Workspace), short(d.workspace)).
			WithHint("Open the workspace that it belongs to, or join that in an empty folder.")
	}
	m := &merge{door: d, b: b, by: by, out: &Delivery{Bundle: b.SHA256, Workspace: b.Workspace, Exporter: b.Exporter, Created: b.Created,
		Acts: []DeliveredAct{}, Requests: []DeliveredRow{}, Records: []DeliveredRow{}, Drafts: []DeliveredDraft{}, Charters: []int64{},
		Missing: []MissingAct{}, Forks: []ForkedKey{}, Findings: []governance.Reason{}}}
	for _, step := range []func() error{m.history, m.acts, m.revisions, m.blobs, m.judge, m.requests, m.records, m.follow, m.attempts, m.drafts, m.peer, m.missing, m.forks, m.log} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	m.out.Nothing = !m.changed
	return m.out, nil
}

// find adds a finding. What follows the sentence are the names and values of its
// places in turn.
func (m *merge) find(code, sentence string, values ...string) {
	f := governance.Reason{Code: code, Params: map[string]string{}}
	places := []string{}
	for i := 0; i+1 < len(values); i += 2 {
		f.Params[values[i]] = values[i+1]
		places = append(places, "{"+values[i]+"}", values[i+1])
	}
	f.Text = strings.NewReplacer(places...).Replace(sentence)
	m.out.Findings = append(m.out.Findings, f)
}

func (m *merge) history() error {
	n := int64(0)
	if err := m.db.Model(&ledger.SignedAct{}).Where("id = ?", m.workspace).Count(&n).Error; err != nil || n == 0 {
		return err // joining
	}
	var err error
	m.before, _, err = m.s.historyOf(m.db)
	return err
}

// acts adds those that are not here, charter first and each key's in order.
func (m *merge) acts() error {
	ids := make([]string, len(m.b.Acts))
	for i, a := range m.b.Acts {
		ids[i] = a.ID
	}
	known := []string{}
	if err := m.db.Raw("SELECT id FROM acts WHERE id IN "+listed, asList(ids)).Scan(&known).Error; err != nil {
		return err
	}
	here := make(map[string]bool, len(known))
	for _, id := range known {
		here[id] = true
	}
	m.out.KnownActs = int64(len(known))
	for _, a := range m.b.Acts {
		if !here[a.ID] {
			m.fresh = append(m.fresh, a)
		}
	}
	slices.SortStableFunc(m.fresh, func(a, b ledger.SignedAct) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Seq, b.Seq), strings.Compare(a.ID, b.ID))
	})
	if len(m.fresh) == 0 {
		return nil
	}
	m.changed = true
	entries := make([]any, len(m.fresh))
	for i := range m.fresh {
		m.fresh[i].ReceivedAt, m.fresh[i].Source = m.at, m.b.Exporter
		entries[i] = actEntry{Act: m.fresh[i].ID}
	}
	if err := m.db.CreateInBatches(m.fresh, rowsAtOnce).Error; err != nil {
		return fmt.Errorf("save the acts of a bundle: %w", err)
	}
	return m.appendAll("act", entries)
}

func rank(a ledger.SignedAct) int {
	switch {
	case a.Type == string(governance.ActGenesis):
		return 0
	case a.Subject == governance.GovernanceSubject:
		return 1
	}
	return 2
}

func (m *merge) revisions() error {
	for digest, body := range m.b.Revisions {
		subject := ""
		if r := m.b.Requests[digest]; r != nil {
			subject = r.ID
		} else {
			subject = m.b.Records[digest].ID
		}
		n := int64(0)
		if err := m.db.Model(&revision{}).Where("digest = ?", digest).Count(&n).Error; err != nil {
			return err
		}
		if n == 0 {
			m.changed = true
			if err := m.saveRevision(digest, subject, body); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *merge) blobs() error {
	for _, f := range m.b.Blobs {
		made := m.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&blob{SHA256: f.SHA256, Size: f.Size, CreatedAt: m.at})
		if made.Error != nil {
			return made.Error
		}
		if made.RowsAffected > 0 {
			m.changed = true
			m.out.Files++
			m.out.Bytes += f.Size
		}
	}
	return nil
}

// judge reads the history with the new acts, and refuses a bundle with acts by
// strangers: whoever sends junk shall not fill the trail with it. A new
// member's own word that he joins is by a key that no charter knows yet.
func (m *merge) judge() error {
	var err error
	if m.after, _, err = m.s.historyOf(m.db); err != nil {
		return err
	}
	if m.after.Charter() == nil && m.before == nil {
		return governance.Faultf("bad_genesis", "The bundle does not found the workspace that it names. %s", m.after.Trouble()).WithHint("Ask an owner for a bundle of the workspace.")
	}
	proposed := m.proposedKeys()
	for _, a := range m.fresh {
		act := m.after.Act(a.ID)
		if act == nil || act.Member == "" && m.after.Act(act.Governance) != nil && !proposed[a.Key] && a.Type != actJoin {
			return governance.Faultf("bundle_stranger", "The bundle holds an act (%s) by a key that never belonged to a member.", short(a.ID)).
				WithHint("Nothing was taken in. Ask the sender where it comes from.")
		}
		line := DeliveredAct{ID: a.ID, Type: a.Type, Subject: a.Subject, About: m.nameOf(a.Subject), Member: act.Member,
			Name: m.person(act.Member), At: act.At, Broken: act.Broken}
		if j, ok := ownWord(act); ok { // it is by no member because it asks to become one
			line.Name, line.Asks, line.Broken = j.Name, true, ""
		}
		m.out.Acts = append(m.out.Acts, line)
		if line.Broken != "" {
			m.find("act_broken", "An act by {who} does not count: {why}.", "who", m.person(act.Member), "why", act.Broken)
		}
	}
	if c := m.after.Charter(); c != nil {
		if who, _ := c.MemberByKey(m.b.Exporter); who != nil {
			m.out.From, m.out.FromName = who.ID, who.Name
		}
	}
	for _, act := range m.after.Thread(governance.GovernanceSubject) {
		if j, ok := ownWord(act); ok && act.Key == m.b.Exporter && m.out.From == "" {
			m.out.Asker = j.Name
		}
	}
	if m.out.From == "" && m.out.Asker == "" {
		m.find("stranger", "The key that signed this file belongs to no member of the workspace.")
	}
	if t := m.after.Trouble(); t != "" && (m.before == nil || m.before.Trouble() == "") {
		m.find("charter", "{why}", "why", t)
	}
	for _, c := range m.after.Charters() {
		if m.before == nil || m.before.Charter() == nil || c.Version > m.before.Charter().Version {
			m.out.Charters = append(m.out.Charters, c.Version)
		}
	}
	return nil
}

// actJoin is the type of a new member's own word.
const actJoin = "member.join"

// longestName is how many characters are shown of what somebody calls himself.
const longestName = 120

// ownWord is what somebody who is no member signed to be let in.
func ownWord(a *governance.Act) (governance.Join, bool) {
	j, ok := a.Body.(governance.Join)
	if name := []rune(j.Name); len(name) > longestName {
		j.Name = string(name[:longestName]) + "…"
	}
	return j, ok && a.Member == ""
}

// proposedKeys are those of every charter that somebody signed, in force or
// not.
func (m *merge) proposedKeys() map[string]bool {
	out := map[string]bool{}
	for _, a := range m.after.Thread(governance.GovernanceSubject) {
		if c, ok := a.Body.(governance.Charter); ok {
			for _, member := range c.Members {
				for _, k := range member.Keys {
					out[k.Public] = true
				}
			}
		}
	}
	return out
}

func (m *merge) person(member string) string {
	if c := m.after.Charter(); c != nil {
		if p := c.Member(member); p != nil && p.Name != "" {
			return p.Name
		}
	}
	if member == "" {
		return "somebody who is no member"
	}
	return member
}

// nameOf is what a subject is called, as far as it is known.
func (m *merge) nameOf(subject string) string {
	if r := m.after.Request(m.after.RequestStanding(subject).Revision); r != nil {
		return r.Name
	}
	if r := m.after.Record(m.after.RecordStanding(subject).Revision); r != nil {
		return r.Name
	}
	for _, d := range m.b.Drafts {
		if d.Content.ID == subject {
			return d.Content.Name
		}
	}
	return ""
}

// follow moves the status columns of what the new acts are about, and of
// everything when the charter changed.
func (m *merge) follow() error {
	if m.before == nil {
		return nil
	}
	if m.before.Head() != m.after.Head() || m.before.Trouble() != m.after.Trouble() || slices.ContainsFunc(m.fresh, func(a ledger.SignedAct) bool { return a.Subject == governance.GovernanceSubject }) {
		return m.followAll(m.before, m.after)
	}
	for _, r := range m.out.Requests {
		if err := m.door.follow(m.before, m.after, r.ID); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, r := range m.out.Records {
		if !seen[r.Request] {
			if err := m.door.follow(m.before, m.after, r.Request); err != nil {
				return err
			}
		}
		seen[r.Request] = true
	}
	return nil
}

// missing lists what is named and not here, of what can be looked at here.
func (m *merge) missing() error {
	var gaps []struct{ ID, Key, Prev string }
	err := m.db.Raw("SELECT id, key, prev FROM acts a WHERE prev <> '' AND NOT EXISTS (SELECT 1 FROM acts b WHERE b.id = a.prev) ORDER BY key, seq LIMIT 200").Scan(&gaps).Error
	if err != nil {
		return err
	}
	told := map[string]bool{}
	add := func(a MissingAct) {
		if !told[a.ID] && len(m.out.Missing) < 200 {
			told[a.ID] = true
			a.Name = m.person(a.Ask)
			m.out.Missing = append(m.out.Missing, a)
		}
	}
	for _, g := range gaps {
		by := m.after.Act(g.ID)
		if by != nil {
			add(MissingAct{ID: g.Prev, By: g.ID, Ask: by.Member, Chain: true})
		}
	}
	ids, err := requestIDs(m.db)
	if err != nil {
		return err
	}
	subjects, err := subjectsOf(m.db, ids)
	if err != nil {
		return err
	}
	for _, s := range subjects {
		for _, a := range m.after.Thread(s) {
			if a.Type != governance.ActGenesis && m.after.Act(a.Governance) == nil {
				add(MissingAct{ID: a.Governance, By: a.ID, Ask: a.Member, About: governance.GovernanceSubject})
			}
			for _, id := range a.Seen {
				if m.after.Act(id) == nil {
					add(MissingAct{ID: id, By: a.ID, Ask: a.Member, About: s})
				}
			}
		}
	}
	return nil
}

// forks lists keys that the new acts show to be at two places.
func (m *merge) forks() error {
	keys := map[string]bool{}
	for _, a := range m.fresh {
		keys[a.Key] = true
	}
	all := make([]string, 0, len(keys))
	for k := range keys {
		all = append(all, k)
	}
	var found []struct {
		Key string
		Seq int64
	}
	err := m.db.Raw("SELECT key, min(seq) AS seq FROM (SELECT key, seq FROM acts WHERE key IN "+listed+" GROUP BY key, seq HAVING count(*) > 1) GROUP BY key ORDER BY key", asList(all)).Scan(&found).Error
	for _, f := range found {
		member := ""
		if c := m.after.Charter(); c != nil {
			if p, _ := c.MemberByKey(f.Key); p != nil {
				member = p.ID
			}
		}
		m.out.Forks = append(m.out.Forks, ForkedKey{Key: f.Key, Member: member, Name: m.person(member), Seq: f.Seq})
	}
	return err
}

func (m *merge) log() error {
	if !m.changed {
		return nil
	}
	return m.append("import", importEntry{Acts: int64(len(m.fresh)), At: stamp(m.at), Bundle: m.b.SHA256, By: m.by, Drafts: int64(len(m.out.Drafts)), Exporter: m.b.Exporter,
		Head: m.b.Head.String(), Records: int64(len(m.out.Records)), Requests: int64(len(m.out.Requests)), Trail: string(m.out.Trail)})
}
