package workspace

import (
	"context"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// A RequestQuery asks for rows of the list. The zero value asks for the first
// hundred of all.
type RequestQuery struct {
	View   string              `json:"view"` // "", "mine", "waiting"
	Text   string              `json:"text"`
	Status []governance.Status `json:"status"`
	Sort   string              `json:"sort"` // number, name, status, type, createdAt, updatedAt; "-" before it turns it round
	Offset int                 `json:"offset"`
	Limit  int                 `json:"limit"` // at most 200; 0: 100
}

// A RequestRow is a Change Request in a list.
type RequestRow struct {
	ID             string                `json:"id"`
	Label          string                `json:"label"`
	Name           string                `json:"name"`
	Type           governance.ChangeType `json:"type"`
	Status         governance.Status     `json:"status"`
	Deployed       []Place               `json:"deployed"` // where it was deployed, in the order of time
	Authors        []Person              `json:"authors"`
	Customizations int64                 `json:"customizations"`
	Waiting        bool                  `json:"waiting"` // for the person at this window
	UpdatedAt      time.Time             `json:"updatedAt" ts_type:"string"`
	CreatedAt      time.Time             `json:"createdAt" ts_type:"string"`
}

// A Place is an environment where a request is.
type Place struct {
	EnvironmentID string                     `json:"environmentId"`
	Name          string                     `json:"name"`
	Kind          governance.EnvironmentKind `json:"kind"`
	At            time.Time                  `json:"at" ts_type:"string"`
	Production    bool                       `json:"production"` // drawn as production
}

// A RequestPage is a part of the list.
type RequestPage struct {
	Items []RequestRow `json:"items"`
	Total int64        `json:"total"`
}

// The views of the list.
const (
	viewAll     = ""
	viewMine    = "mine"
	viewWaiting = "waiting"
)

const (
	usualRows = 100
	mostRows  = 200
)

// RequestRows lists Change Requests as the person at this window sees them.
// "mine" are those of which the person is an author; "waiting" those of which
// the next step is this person's: a seat to fill, or, for an author, to reopen,
// to make the first Deployment Record, or to complete. What the rows say is
// checked against the signed acts, for these rows alone. Fault: unknown_view.
func (w *Workspace) RequestRows(ctx context.Context, q RequestQuery) (RequestPage, error) {
	p, err := again(ctx, w, "RequestRows", q, func() (RequestPage, time.Time, error) {
		p, err := w.requestRowsNow(ctx, q)
		return p, time.Time{}, err
	})
	p.Items = slices.Clone(p.Items) // for the caller to change
	return p, err
}

func (w *Workspace) requestRowsNow(ctx context.Context, q RequestQuery) (RequestPage, error) {
	sq := store.Query{Text: q.Text, Status: q.Status, Sort: q.Sort, Offset: max(q.Offset, 0), Limit: limited(q.Limit, usualRows, mostRows)}
	var only []string
	switch q.View {
	case viewAll:
	case viewMine:
		sq.Author = w.Acting()
	case viewWaiting:
		var err error
		if only, err = w.waitingRequests(ctx); err != nil {
			return RequestPage{}, err
		}
	default:
		return RequestPage{}, governance.Faultf("unknown_view", "There is no view %q of the change requests.", q.View).WithHint("Choose all, mine or waiting.")
	}
	lines, total, err := w.Store.RequestLines(ctx, sq, only)
	if err != nil {
		return RequestPage{}, err
	}
	rows, err := w.requestRowsOf(ctx, lines)
	return RequestPage{Items: rows, Total: total}, err
}

// requestRow is the row of one request. Fault: not_found.
func (w *Workspace) requestRow(ctx context.Context, id string) (RequestRow, error) {
	rows, err := w.requestRows(ctx, []string{id})
	if err == nil && len(rows) == 0 {
		_, err = w.Store.ChangeRequest(ctx, id) // says so
	}
	if err != nil {
		return RequestRow{}, err
	}
	return rows[0], nil
}

// requestRows are the rows of requests by their ids, in that order.
func (w *Workspace) requestRows(ctx context.Context, ids []string) ([]RequestRow, error) {
	lines, err := w.Store.RequestLinesByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	return w.requestRowsOf(ctx, lines)
}

func (w *Workspace) requestRowsOf(ctx context.Context, lines []store.RequestLine) ([]RequestRow, error) {
	if len(lines) == 0 {
		return []RequestRow{}, nil
	}
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.ID
	}
	candidates, err := w.Store.CandidatesByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	all, err := w.verdictsOf(ctx, w.Acting(), candidates)
	if err != nil {
		return nil, err
	}
	verdicts := make(map[string]*verdict, len(all))
	for i, c := range candidates {
		verdicts[c.ID] = all[i]
	}
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return nil, err
	}
	places, err := w.placesOf(ctx, h, ids)
	if err != nil {
		return nil, err
	}
	rows, people := make([]RequestRow, len(lines)), rosterOf(h.Charter())
	for i, l := range lines {
		authors, err := l.Authors()
		if err != nil {
			return nil, err
		}
		v := verdicts[l.ID]
		if v == nil { // it was deleted just now
			v = &verdict{}
		}
		rows[i] = RequestRow{ID: l.ID, Label: labelOf("CR", l.Number), Name: l.Name, Type: l.Type, Status: v.status, Deployed: places[l.ID],
			Authors: people.people(authors), Customizations: l.Count, Waiting: v.waits, UpdatedAt: l.UpdatedAt, CreatedAt: l.CreatedAt}
	}
	return rows, nil
}

// situate reads what the next steps of some requests depend on, all at once,
// whoever looks.
func (w *Workspace) situate(ctx context.Context, lines []store.RequestLine) ([]situated, error) {
	ids := []string{noRecords}
	for _, l := range lines {
		ids = append(ids, l.ID)
	}
	h, err := w.Store.History(ctx, ids...)
	if err != nil {
		return nil, err
	}
	return w.situateIn(ctx, h, lines)
}

func (w *Workspace) situateIn(ctx context.Context, h *governance.History, lines []store.RequestLine) ([]situated, error) {
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.ID
	}
	records, err := w.Store.RecordLinesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	recordIDs := make([]string, len(records))
	byRequest := map[string][]store.RecordLine{}
	for i, r := range records {
		recordIDs[i] = r.ID
		byRequest[r.RequestID] = append(byRequest[r.RequestID], r)
	}
	logs, err := w.Store.LogLinesOf(ctx, recordIDs)
	if err != nil {
		return nil, err
	}
	words := map[string]string{}
	for _, r := range records {
		words[r.ID] = deploymentWord(h.RecordStanding(r.ID).Status, r.Revision, logs[r.ID])
	}
	envs, err := w.environmentsByID(ctx)
	if err != nil {
		return nil, err
	}
	targets := map[string]string{}
	for id, e := range envs {
		targets[id] = e.Name
	}
	out := make([]situated, len(lines))
	for i, l := range lines {
		authors, err := l.Authors()
		if err != nil {
			return nil, err
		}
		s := situated{h: h, st: h.RequestStanding(l.ID), column: l.Status, id: l.ID, authors: authors, records: byRequest[l.ID], targets: targets, words: words}
		out[i] = s
	}
	return out, nil
}

// waitingRequests finds the requests that wait for the person at this window.
func (w *Workspace) waitingRequests(ctx context.Context) ([]string, error) {
	all, err := w.verdictsFor(ctx, w.Acting())
	out := []string{}
	for _, v := range all {
		if v.waits {
			out = append(out, v.id)
		}
	}
	return out, err
}

// placesOf are the environments where requests are, by request; a rollback
// takes a place away again. Each request has a list, perhaps an empty one.
func (w *Workspace) placesOf(ctx context.Context, h *governance.History, requestIDs []string) (map[string][]Place, error) {
	lines, err := w.Store.PlacesOf(ctx, requestIDs)
	if err != nil {
		return nil, err
	}
	envs, err := w.environmentsByID(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string][]Place{}
	for _, id := range requestIDs {
		here := []Place{}
		for _, l := range lines[id] {
			here = slices.DeleteFunc(here, func(p Place) bool { return p.EnvironmentID == l.EnvironmentID })
			if l.Kind == governance.AttemptRollback {
				continue
			}
			e := envs[l.EnvironmentID]
			here = append(here, Place{EnvironmentID: l.EnvironmentID, Name: e.Name, Kind: e.Kind, At: l.CompletedAt, Production: drawnAsProduction(h.Charter(), e)})
		}
		out[id] = here
	}
	return out, nil
}
