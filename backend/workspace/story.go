package workspace

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// The demo's story: what a team has asked for, approved, refused, deployed and
// not yet finished, so that the window opens on a workspace in which something
// waits for each of the four members. All of it goes through the doors that a
// person uses: every act is signed, and what is deployed is in the demo org.

const storyFile = "story.json"

// A storyMark says how far the story is told, so that a start after a kill goes
// on with the chapter that was not finished.
type storyMark struct {
	Told int  `json:"told"` // chapters
	Done bool `json:"done"`
}

func (w *Workspace) storyMark() (m storyMark, begun bool) {
	b, err := os.ReadFile(filepath.Join(w.dir, storyFile))
	if err != nil || json.Unmarshal(b, &m) != nil || m.Told < 0 {
		return storyMark{}, err == nil // a damaged mark: chapters find what is there
	}
	return m, true
}

func (w *Workspace) markStory(m storyMark) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return diskFault(w.dir, writeWhole(filepath.Join(w.dir, storyFile), b))
}

// StoryDue reports whether the demo's own story is still to be told: it was
// begun and not finished, or nobody has done anything in the demo yet. A demo
// on orgs that are served elsewhere has none, since nobody knows what they hold.
func (w *Workspace) StoryDue(ctx context.Context) bool {
	if !w.o.Demo || w.o.Orgs != nil {
		return false
	}
	for _, id := range []string{DemoSource, DemoTarget} {
		if env, err := w.Store.Environment(ctx, id); err != nil || !slices.Contains(embeddedURLs, env.URL) {
			return false
		}
	}
	if m, begun := w.storyMark(); begun {
		return !m.Done
	}
	_, total, err := w.Store.ChangeRequests(ctx, store.Query{Limit: 1})
	return err == nil && total == 0
}

// A storyteller tells the story in one workspace.
type storyteller struct {
	*Workspace
}

// A chapter is one thing that happened, told by steps that find what an earlier
// run has done.
type chapter struct {
	code     string // of the sentence
	sentence string // what is done now, as the window shows it
	tell     func(storyteller, context.Context) error
}

// TellStory fills a demo workspace with its story and reports how far it is,
// each chapter before it begins. It does nothing when StoryDue says no, and can
// be called again after it was stopped.
func (w *Workspace) TellStory(ctx context.Context, report func(Preparing)) error {
	if !w.StoryDue(ctx) {
		return nil
	}
	mark, _ := w.storyMark()
	if err := w.markStory(mark); err != nil {
		return err
	}
	chapters := story()
	for i, c := range chapters {
		if i < mark.Told {
			continue
		}
		report(Preparing{Done: int64(i), Total: int64(len(chapters)), Sentence: c.sentence, Code: c.code})
		if err := c.tell(storyteller{w}, ctx); err != nil {
			return fmt.Errorf("tell the demo's story, chapter %d: %w", i+1, err)
		}
		if err := w.markStory(storyMark{Told: i + 1, Done: i+1 == len(chapters)}); err != nil {
			return err
		}
	}
	report(Preparing{Done: int64(len(chapters)), Total: int64(len(chapters)), Sentence: "The demo is ready.", Code: "told"})
	return nil
}

// scanBoth tests both connections and takes both inventories.
func (t storyteller) scanBoth(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, env := range []string{DemoSource, DemoTarget} {
		group.Go(func() error {
			if _, err := t.TestConnection(ctx, Ana, env); err != nil {
				return err
			}
			_, err := t.Scanner.Inventory(ctx, Ana, env)
			return err
		})
	}
	return group.Wait()
}

// drafted is the request with the draft's external number, made by Ana if it
// is not there.
func (t storyteller) drafted(ctx context.Context, draft governance.ChangeRequest) (*governance.ChangeRequest, error) {
	found, _, err := t.Store.ChangeRequests(ctx, store.Query{Text: draft.ExternalNumber})
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].ExternalNumber == draft.ExternalNumber {
			return &found[i], nil
		}
	}
	return t.NewChangeRequest(ctx, Ana, draft)
}

// submitted is the drafted request after Submit for Approval.
func (t storyteller) submitted(ctx context.Context, draft governance.ChangeRequest) (*governance.ChangeRequest, error) {
	cr, err := t.drafted(ctx, draft)
	if err != nil || cr.Status != governance.InProgress {
		return cr, err
	}
	return t.Do(ctx, Ana, cr.ID, governance.Deed{Action: governance.Submit})
}

// A vote is an approval and what was written with it.
type vote struct{ by, reason string }

// voted gives the votes that are still missing while the request waits.
func (t storyteller) voted(ctx context.Context, cr *governance.ChangeRequest, votes ...vote) (*governance.ChangeRequest, error) {
	for _, v := range votes {
		if cr.Status != governance.Pending {
			return cr, nil
		}
		h, err := t.Store.History(ctx, cr.ID)
		if err != nil {
			return nil, err
		}
		if holdsSeat(h.RequestStanding(cr.ID), v.by) {
			continue
		}
		if cr, err = t.Do(ctx, v.by, cr.ID, governance.Deed{Action: governance.Approve, Reason: v.reason}); err != nil {
			return nil, err
		}
	}
	return cr, nil
}

func holdsSeat(st governance.Standing, member string) bool {
	return slices.ContainsFunc(st.Seating.Seats, func(s governance.SeatState) bool { return s.Member == member })
}

// approved takes a draft as far as an approved request.
func (t storyteller) approved(ctx context.Context, draft governance.ChangeRequest) (*governance.ChangeRequest, error) {
	cr, err := t.submitted(ctx, draft)
	if err != nil {
		return nil, err
	}
	return t.voted(ctx, cr, vote{Bo, "Reviewed with the people who asked for it."}, vote{Cy, "Looks right."})
}

// recorded is the request's one Deployment Record, scanned and submitted.
func (t storyteller) recorded(ctx context.Context, cr *governance.ChangeRequest, o governance.DeployOptions) (*governance.DeploymentRecord, error) {
	o.RollbackOnError = true
	list, err := t.Store.DeploymentRecords(ctx, cr.ID)
	if err != nil {
		return nil, err
	}
	var dr *governance.DeploymentRecord
	if len(list) > 0 {
		dr = &list[0]
	} else if dr, err = t.NewDeploymentRecord(ctx, Ana, governance.DeploymentRecord{RequestID: cr.ID, SourceID: DemoSource, TargetID: DemoTarget, Whole: true, Deployer: Dee, Options: o}); err != nil {
		return nil, err
	}
	if dr.Status != governance.InProgress {
		return dr, nil
	}
	ana, err := t.Author(ctx, Ana)
	if err != nil {
		return nil, err
	}
	if _, err := t.Scanner.Run(ctx, ana, dr.ID); err != nil {
		return nil, err
	}
	return t.DoRecord(ctx, Ana, dr.ID, governance.Deed{Action: governance.Submit})
}

// votedRecord gives the votes that are still missing while the record waits.
func (t storyteller) votedRecord(ctx context.Context, dr *governance.DeploymentRecord, votes ...vote) (*governance.DeploymentRecord, error) {
	for _, v := range votes {
		if dr.Status != governance.Pending {
			return dr, nil
		}
		h, err := t.Store.History(ctx, dr.RequestID)
		if err != nil {
			return nil, err
		}
		if holdsSeat(h.RecordStanding(dr.ID), v.by) {
			continue
		}
		if dr, err = t.DoRecord(ctx, v.by, dr.ID, governance.Deed{Action: governance.Approve, Reason: v.reason}); err != nil {
			return nil, err
		}
	}
	return dr, nil
}

// approvedRecord takes a draft as far as an approved Deployment Record.
func (t storyteller) approvedRecord(ctx context.Context, draft governance.ChangeRequest, o governance.DeployOptions) (*governance.DeploymentRecord, error) {
	cr, err := t.approved(ctx, draft)
	if err != nil {
		return nil, err
	}
	dr, err := t.recorded(ctx, cr, o)
	if err != nil {
		return nil, err
	}
	return t.votedRecord(ctx, dr, vote{Bo, "The content is what was approved."}, vote{Cy, ""})
}

// attempted lets Dee make an attempt of a record, or takes the one that is
// there: an active one is followed to its end, an ended one stays as it is.
func (t storyteller) attempted(ctx context.Context, dr *governance.DeploymentRecord, kind governance.AttemptKind) error {
	logs, err := t.Store.DeploymentLogs(ctx, dr.ID)
	if err != nil {
		return err
	}
	for i := range logs {
		l := &logs[i]
		if l.Kind != kind || l.Revision != dr.Revision {
			continue
		}
		if l.Active() {
			if l, err = t.Runner.Run(ctx, l.ID); err != nil {
				return err
			}
		}
		if kind != governance.AttemptRetrieve || l.Result == governance.ResultSucceeded {
			return nil // a retrieve that was cut off is made again
		}
	}
	if kind == governance.AttemptRetrieve {
		dee, err := t.Author(ctx, Dee)
		if err != nil {
			return err
		}
		_, err = t.Runner.Retrieve(ctx, dee, dr.ID)
		return err
	}
	_, err = t.Deploy(ctx, Dee, dr.ID, kind)
	return err
}

// attempts makes several, one after the other.
func (t storyteller) attempts(ctx context.Context, dr *governance.DeploymentRecord, kinds ...governance.AttemptKind) error {
	for _, kind := range kinds {
		if err := t.attempted(ctx, dr, kind); err != nil {
			return err
		}
	}
	return nil
}
