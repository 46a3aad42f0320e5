package workspace

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// A DraftChoice is somebody else's edit of a Change Request beside one's own,
// for a person to choose. Where nothing differs any more, the choice is easy.
type DraftChoice struct {
	Request   string            `json:"request"`
	Label     string            `json:"label"`
	Name      string            `json:"name"`
	Digest    string            `json:"digest"`
	Own       bool              `json:"own"`     // it was made on this machine, and somebody else submitted meanwhile
	Authors   []Person          `json:"authors"` // of the edit that waits
	At        time.Time         `json:"at" ts_type:"string"`
	UpdatedAt time.Time         `json:"updatedAt" ts_type:"string"`
	Mine      time.Time         `json:"mine" ts_type:"string"` // when one's own was edited last
	Open      bool              `json:"open"`                  // the request can be edited, so that theirs can be taken
	Status    governance.Status `json:"status"`
	Differs   []DraftDifference `json:"differs"`
}

// A DraftDifference is one thing that two drafts say differently.
type DraftDifference struct {
	// What differs: name, overview, changeType, supportingText, externalLink,
	// externalNumber, changeSets, customization, manifest or attachment.
	What string `json:"what"`
	// Item is which customization, manifest or attachment.
	Item   string `json:"item"`
	Mine   string `json:"mine"` // empty: not there
	Theirs string `json:"theirs"`
}

// DraftChoices are the edits by others that wait beside a request, compared
// with what is here; of all requests if the id is empty.
func (w *Workspace) DraftChoices(ctx context.Context, requestID string) ([]DraftChoice, error) {
	drafts, err := w.Store.IncomingDrafts(ctx, requestID)
	if err != nil {
		return nil, err
	}
	c, err := w.Charter(ctx)
	if err != nil {
		return nil, err
	}
	out := []DraftChoice{}
	for _, d := range drafts {
		cr, err := w.Store.ChangeRequest(ctx, d.Request)
		if err != nil {
			return nil, err
		}
		out = append(out, draftChoice(rosterOf(c), cr, d))
	}
	return out, nil
}

func draftChoice(people roster, cr *governance.ChangeRequest, d store.IncomingDraft) DraftChoice {
	mine := cr.RevisionIn(d.Content.Workspace, d.Content.Round)
	return DraftChoice{Request: cr.ID, Label: cr.Label(), Name: firstOf(cr.Name, d.Content.Name), Digest: d.Digest, Own: d.Own, Authors: people.people(d.Authors), At: d.At, UpdatedAt: d.UpdatedAt,
		Mine: cr.UpdatedAt, Open: cr.Status == governance.InProgress, Status: cr.Status, Differs: draftDifferences(mine, d.Content)}
}

func draftDifferences(mine, theirs governance.RequestRevision) []DraftDifference {
	out := []DraftDifference{}
	for _, f := range []DraftDifference{
		{"name", "", mine.Name, theirs.Name},
		{"changeType", "", string(mine.ChangeType), string(theirs.ChangeType)},
		{"overview", "", mine.Overview, theirs.Overview},
		{"supportingText", "", mine.SupportingText, theirs.SupportingText},
		{"externalLink", "", mine.ExternalLink, theirs.ExternalLink},
		{"externalNumber", "", mine.ExternalNumber, theirs.ExternalNumber},
		{"changeSets", "", strings.Join(mine.ChangeSets, "\n"), strings.Join(theirs.ChangeSets, "\n")},
	} {
		if f.Mine != f.Theirs {
			out = append(out, f)
		}
	}
	out = append(out, itemDifferences("customization", customizationItems(mine), customizationItems(theirs))...)
	out = append(out, itemDifferences("manifest", manifestItems(mine), manifestItems(theirs))...)
	return append(out, itemDifferences("attachment", attachmentItems(mine), attachmentItems(theirs))...)
}

func customizationItems(r governance.RequestRevision) map[string]string {
	out := map[string]string{}
	for _, c := range r.Customizations {
		out[c.Type+" "+c.Name] = string(c.Change)
	}
	return out
}

// manifestItems compares package manifests by the members that they list.
func manifestItems(r governance.RequestRevision) map[string]string {
	out := map[string]string{}
	for _, m := range r.Manifests {
		lines := []string{}
		for _, member := range m.Members {
			lines = append(lines, member.Type+" "+strings.Join(member.Names, ", "))
		}
		out[m.Name] = firstOf(strings.Join(lines, "\n"), m.APIVersion)
	}
	return out
}

// attachmentItems compares files by their hashes.
func attachmentItems(r governance.RequestRevision) map[string]string {
	out := map[string]string{}
	for _, a := range r.Attachments {
		out[a.Name] = a.SHA256
	}
	return out
}

func itemDifferences(what string, mine, theirs map[string]string) []DraftDifference {
	out := []DraftDifference{}
	for item, is := range mine {
		if theirs[item] != is {
			out = append(out, DraftDifference{what, item, is, theirs[item]})
		}
	}
	for item, is := range theirs {
		if mine[item] == "" {
			out = append(out, DraftDifference{what, item, "", is})
		}
	}
	slices.SortFunc(out, func(a, b DraftDifference) int { return cmp.Compare(a.Item, b.Item) })
	return out
}
