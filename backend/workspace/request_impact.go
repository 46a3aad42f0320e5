package workspace

import (
	"context"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// An Impact says what a request touches beside itself.
type Impact struct {
	Levels []LevelImpact `json:"levels"` // strictest first
	// Others are open requests that name the same customizations.
	Others []Overlap `json:"others"`
	// Missing is what the last check of dependencies found missing, of the newest
	// of its records that was checked.
	Missing   []governance.Customization `json:"missing"`
	CheckedAt time.Time                  `json:"checkedAt" ts_type:"string"`
	CheckedOn string                     `json:"checkedOn"` // label of that record
}

// A LevelImpact is one category of metadata in a request.
type LevelImpact struct {
	Category governance.Category    `json:"category"`
	Level    governance.ChangeLevel `json:"level"`
	Count    int64                  `json:"count"`
}

// An Overlap is another request that touches the same customizations.
type Overlap struct {
	Request RequestRow                 `json:"request"`
	Shared  []governance.Customization `json:"shared"` // at most 20
	Count   int64                      `json:"count"`
}

const (
	maxOverlaps = 50
	maxShared   = 20
)

// RequestImpact says what a request touches beside itself. Change sets are not
// looked into: only the org knows what they hold. Fault: not_found.
func (w *Workspace) RequestImpact(ctx context.Context, id string) (Impact, error) {
	return again(ctx, w, "RequestImpact", id, func() (Impact, time.Time, error) {
		im, err := w.impactNow(ctx, id)
		return im, time.Time{}, err
	})
}

func (w *Workspace) impactNow(ctx context.Context, id string) (Impact, error) {
	cr, err := w.Store.ChangeRequest(ctx, id)
	if err != nil {
		return Impact{}, err
	}
	c, err := w.Charter(ctx)
	if err != nil {
		return Impact{}, err
	}
	items := contentOf(cr)
	im := Impact{Levels: levelsOf(c, items), Others: []Overlap{}, Missing: []governance.Customization{}}
	if im.Others, err = w.overlaps(ctx, id, items); err != nil {
		return Impact{}, err
	}
	return im, w.lastMissing(ctx, id, &im)
}

func levelsOf(c *governance.Charter, items []ContentItem) []LevelImpact {
	counts := map[governance.Category]int64{}
	for _, i := range items {
		counts[governance.CategoryOf(i.Type)]++
	}
	out := []LevelImpact{}
	for _, category := range governance.Categories() {
		if n := counts[category]; n > 0 {
			out = append(out, LevelImpact{Category: category, Level: c.Requests.LevelOf(category), Count: n})
		}
	}
	levels := governance.ChangeLevels()
	slices.SortStableFunc(out, func(a, b LevelImpact) int { return slices.Index(levels, b.Level) - slices.Index(levels, a.Level) })
	return out
}

func (w *Workspace) overlaps(ctx context.Context, id string, items []ContentItem) ([]Overlap, error) {
	named := customizationsIn(items)
	lines, err := w.Store.Overlaps(ctx, id, named, maxOverlaps)
	if err != nil {
		return nil, err
	}
	mine := map[string]bool{}
	for _, c := range named {
		mine[c.String()] = true
	}
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.RequestID
	}
	rows, err := w.requestRows(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Overlap, 0, len(rows))
	for _, row := range rows {
		other, err := w.Store.ChangeRequest(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		shared := slices.DeleteFunc(customizationsIn(contentOf(other)), func(c governance.Customization) bool { return !mine[c.String()] })
		out = append(out, Overlap{Request: row, Shared: shared[:min(len(shared), maxShared)], Count: int64(len(shared))})
	}
	return out, nil
}

// lastMissing fills in what the newest check of dependencies found.
func (w *Workspace) lastMissing(ctx context.Context, id string, im *Impact) error {
	records, err := w.Store.RecordLinesOf(ctx, []string{id})
	if err != nil {
		return err
	}
	slices.SortFunc(records, func(a, b store.RecordLine) int { return int(b.Number - a.Number) })
	for _, r := range records {
		entries, err := w.Store.EntriesAbout(ctx, []string{r.ID}, []string{entryDependencies}, 1)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			continue
		}
		note, err := readNote(entries[0])
		if err != nil {
			return err
		}
		im.CheckedOn, im.CheckedAt = labelOf("DR", r.Number), note.at()
		for _, key := range note.Missing {
			typ, name, _ := strings.Cut(key, ":")
			im.Missing = append(im.Missing, governance.Customization{Change: governance.Add, Type: typ, Name: name})
		}
		return nil
	}
	return nil
}
