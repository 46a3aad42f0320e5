package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/backend/ledger"
)

// A peerCheckpoint is a head of somebody else's audit trail.
type peerCheckpoint struct {
	By         string `gorm:"primaryKey"`
	Size       int64  `gorm:"primaryKey;autoIncrement:false"`
	Root       string `gorm:"primaryKey"`
	Note       string
	Continuity string
	Bundle     string
	At         string
}

func (peerCheckpoint) TableName() string { return "peer_checkpoints" }

// peer keeps the exporter's checkpoint: from now on that key cannot show
// another past. One's own bundle, come back, says nothing new.
func (m *merge) peer() error {
	own := int64(0)
	if err := m.db.Raw(`SELECT count(*) FROM checkpoints WHERE "by" = ? AND note = ?`, m.b.Exporter, m.b.Checkpoint).Scan(&own).Error; err != nil {
		return err
	}
	if own > 0 {
		m.out.Trail = ledger.TrailContinues
		return nil
	}
	known, err := peerHeads(m.db, m.b.Exporter)
	if err != nil {
		return err
	}
	m.out.Trail = m.b.Against(known)
	if m.out.Trail == ledger.TrailContradict {
		m.find("trail_contradicts", "The audit trail of {who} is not the one that was shown before: it was rewritten, or an old copy was put back.", "who", m.exporterName())
	}
	add := func(h ledger.Head, note, how string) error {
		if slices.Contains(known, h) {
			return nil
		}
		known = append(known, h)
		m.changed = true
		return m.db.Create(&peerCheckpoint{By: m.b.Exporter, Size: h.Size, Root: h.Root.String(), Note: note, Continuity: how, Bundle: m.b.SHA256, At: stamp(m.at)}).Error
	}
	for _, p := range m.b.Heads {
		if err := add(p.Head, "", "proved"); err != nil {
			return err
		}
	}
	return add(m.b.Head, m.b.Checkpoint, string(m.out.Trail))
}

func (m *merge) exporterName() string {
	if m.out.FromName != "" {
		return m.out.FromName
	}
	return "the sender"
}

func peerHeads(db *gorm.DB, key string) ([]ledger.Head, error) {
	var rows []peerCheckpoint
	if err := db.Where(&peerCheckpoint{By: key}).Order("size").Find(&rows).Error; err != nil {
		return nil, err
	}
	out := []ledger.Head{}
	for _, r := range rows {
		h, err := ledger.ParseHead(fmt.Sprintf("%d:%s", r.Size, r.Root))
		if err != nil {
			return nil, fmt.Errorf("read a checkpoint of %.20s: %w", key, err)
		}
		out = append(out, h)
	}
	return out, nil
}

// PeerFindings are sentences about audit trails of others that were not what
// they had been. They close nobody's gate: every act counts by its own
// signature, and what is in doubt is what that machine says of itself.
func (s *Store) PeerFindings(ctx context.Context) ([]Finding, error) {
	var rows []peerCheckpoint
	err := s.query(ctx).Raw(`SELECT * FROM peer_checkpoints p WHERE continuity = 'contradicts'
		OR EXISTS (SELECT 1 FROM peer_checkpoints q WHERE q."by" = p."by" AND q.size = p.size AND q.root > p.root) ORDER BY "by", size`).Scan(&rows).Error
	out := []Finding{}
	for _, r := range rows {
		out = append(out, Finding{"peer_checkpoint", fmt.Sprintf("The audit trail of the key %.20s, as the bundle %s shows it at entry %d, is not the one that was shown before.", r.By, short(r.Bundle), r.Size)})
	}
	return out, s.explained(ctx, err)
}

// A shownHead is what a key says that its audit trail was: its size and root.
type shownHead struct{ by, head string }

// peers holds the checkpoints of others against what was signed, and against
// the imports that the audit trail names: they are worth nothing when they can
// be changed or taken away here.
func (a *audit) peers() error {
	var rows []peerCheckpoint
	if err := a.tx.Order("size").Find(&rows).Error; err != nil {
		return err
	}
	kept := map[shownHead]peerCheckpoint{}
	for _, c := range rows {
		kept[shownHead{c.By, fmt.Sprintf("%d:%s", c.Size, c.Root)}] = c
		if c.Note == "" {
			continue // of an earlier head, which a later checkpoint proved
		}
		origin, h, err := ledger.OpenCheckpoint(c.Note, c.By)
		if err != nil || h.Size != c.Size || h.Root.String() != c.Root || origin != ledger.Origin(a.workspace) {
			a.find("checkpoint", "A colleague's checkpoint at entry %d is not what was signed.", c.Size)
		}
	}
	seen := map[string]bool{}
	for _, i := range a.imports {
		of := shownHead{i.Exporter, i.Head}
		c, there := kept[of]
		switch {
		case a.own[of]: // one's own bundle, come back
		case !there:
			a.find("checkpoint", "A colleague's checkpoint, which came with the bundle %s, was deleted outside Countersign.", short(i.Bundle))
		case c.Bundle == i.Bundle && c.Note != "" && !seen[i.Bundle] && c.Continuity != i.Trail:
			a.find("checkpoint", "What a colleague's checkpoint at entry %d was found to be was changed outside Countersign.", c.Size)
		}
		seen[i.Bundle] = true
	}
	return nil
}
