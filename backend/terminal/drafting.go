package terminal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"countersign/backend/demoorg/sample"
	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/scan"
	"countersign/backend/store"
	"countersign/backend/workspace"
)

func (pl *play) draft(ctx context.Context) (string, error) {
	cr, err := pl.request(ctx)
	if err != nil {
		return "", err
	}
	if cr == nil {
		if cr, err = pl.newRequest(ctx); err != nil {
			return "", err
		}
	}
	there, _, err := pl.Scanner.Existing(ctx, workspace.DemoTarget, cr.Customizations)
	if err != nil {
		return "", err
	}
	existing := 0
	for _, yes := range there {
		if yes {
			existing++
		}
	}
	how := "saved without asking any org"
	if !pl.sample {
		how = "found by comparing the two orgs"
		strange, err := pl.strangers(ctx)
		if err != nil {
			return "", err
		}
		if len(strange) > 0 {
			how += "; left out, because Countersign does not know the type: " + strings.Join(strange, ", ")
		}
	}
	return fmt.Sprintf("%s %q, %s: %d in the target already, %d proposed; %s", cr.Label(), cr.Name, count(int64(len(cr.Customizations)), "customization", "customizations"), existing, len(cr.Customizations)-existing, how), nil
}

func (pl *play) newRequest(ctx context.Context) (*governance.ChangeRequest, error) {
	draft := governance.ChangeRequest{Name: "Everything that is new or changed", Overview: "Takes over what the source holds and the target does not hold in the same form.", Type: governance.Standard, ExternalNumber: demoReference}
	if !pl.sample {
		members, err := pl.newOrChanged(ctx)
		if err != nil {
			return nil, err
		}
		draft.Customizations = members
		return pl.NewChangeRequest(ctx, workspace.Ana, draft)
	}
	packages, err := sample.Packages()
	if err != nil {
		return nil, err
	}
	p := packages[0]
	draft.Name, draft.Overview, draft.Type = p.Name, p.Description, governance.Major
	for _, m := range p.Members {
		draft.Customizations = append(draft.Customizations, governance.Customization{Change: governance.Modify, Type: m.Type, Name: m.Name})
	}
	return pl.NewChangeRequest(ctx, workspace.Ana, draft)
}

// newOrChanged compares every member of the source with the target.
func (pl *play) newOrChanged(ctx context.Context) ([]governance.Customization, error) {
	sc, err := pl.Store.LastScan(ctx, workspace.DemoSource)
	if err != nil {
		return nil, err
	}
	items, _, err := pl.Store.ScanItems(ctx, sc.ID, store.ItemQuery{})
	if err != nil {
		return nil, err
	}
	keys := []metadata.Key{}
	for _, i := range items {
		if i.NamespacePrefix == "" && metadata.CheckName(i.Type, i.Name) == nil {
			keys = append(keys, metadata.Key{Type: i.Type, Name: i.Name})
		}
	}
	trees := []*metadata.Tree{}
	for _, id := range []string{workspace.DemoSource, workspace.DemoTarget} {
		env, err := pl.Store.Environment(ctx, id)
		if err != nil {
			return nil, err
		}
		client, err := pl.Session(ctx, env)
		if err != nil {
			return nil, err
		}
		tree, _, err := scan.Fetch(ctx, client, metadata.ManifestOf(env.APIVersion, keys))
		if err != nil {
			return nil, err
		}
		trees = append(trees, tree)
	}
	out := []governance.Customization{}
	for _, k := range keys {
		if h := trees[0].HashOf(k); h != "" && h != trees[1].HashOf(k) {
			change := governance.Modify
			if trees[1].HashOf(k) == "" {
				change = governance.Add
			}
			out = append(out, governance.Customization{Change: change, Type: k.Type, Name: k.Name})
		}
	}
	if len(out) == 0 {
		return nil, governance.Faultf("nothing_new", "The source holds nothing that is new or changed.").WithHint("Seed the two orgs differently.")
	}
	return out, nil
}

// strangers are the source's own customizations that no request can name.
func (pl *play) strangers(ctx context.Context) ([]string, error) {
	sc, err := pl.Store.LastScan(ctx, workspace.DemoSource)
	if err != nil {
		return nil, err
	}
	items, _, err := pl.Store.ScanItems(ctx, sc.ID, store.ItemQuery{})
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, i := range items {
		if i.NamespacePrefix == "" && metadata.CheckName(i.Type, i.Name) != nil {
			names = append(names, i.Type+":"+i.Name)
		}
	}
	return names, nil
}

func (pl *play) submitRequest(ctx context.Context) (string, error) {
	cr, err := pl.request(ctx)
	if err != nil {
		return "", err
	}
	if cr.Status == governance.InProgress {
		if cr, err = pl.Do(ctx, workspace.Ana, cr.ID, governance.Deed{Action: governance.Submit}); err != nil {
			return "", err
		}
	}
	h, err := pl.Store.History(ctx, cr.ID)
	if err != nil {
		return "", err
	}
	st := h.RequestStanding(cr.ID)
	return fmt.Sprintf("%s is locked in round %d as revision %.12s. %s", cr.Label(), cr.Round, cr.Revision, st.Seating.Rule), nil
}

func (pl *play) ownApproval(ctx context.Context) (string, error) {
	cr, err := pl.request(ctx)
	if err != nil {
		return "", err
	}
	if cr.Status != governance.Pending {
		return "", governance.Faultf("demo_order", "%s is %s; this step comes while it waits for approval.", cr.Label(), cr.Status)
	}
	_, err = pl.Do(ctx, workspace.Ana, cr.ID, governance.Deed{Action: governance.Approve})
	return refusal(err, "not_allowed")
}

func (pl *play) approveRequest(ctx context.Context) (string, error) {
	cr, err := pl.request(ctx)
	if err != nil {
		return "", err
	}
	for _, m := range []string{workspace.Bo, workspace.Cy} {
		if cr.Status != governance.Pending {
			break
		}
		if voted, err := pl.voted(ctx, m, cr.ID, ""); err != nil {
			return "", err
		} else if voted {
			continue
		}
		if cr, err = pl.Do(ctx, m, cr.ID, governance.Deed{Action: governance.Approve, Reason: "Reviewed."}); err != nil {
			return "", err
		}
	}
	if cr.Status != governance.Approved {
		return "", governance.Faultf("not_approved", "%s is %s.", cr.Label(), cr.Status)
	}
	h, err := pl.Store.History(ctx, cr.ID)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s signed revision %.12s; %s is Approved because the signatures say so", signers(h, h.RequestStanding(cr.ID)), cr.Revision, cr.Label()), nil
}

// voted reports whether a member fills a seat of the round already: an earlier
// run was stopped between two votes. Without a record it is the request's round.
func (pl *play) voted(ctx context.Context, member, request, record string) (bool, error) {
	h, err := pl.Store.History(ctx, request)
	if err != nil {
		return false, err
	}
	st := h.RequestStanding(request)
	if record != "" {
		st = h.RecordStanding(record)
	}
	return slices.ContainsFunc(st.Seating.Seats, func(s governance.SeatState) bool { return s.Member == member }), nil
}

// signers are the first names of those who fill the seats: "Bo and Cy".
func signers(h *governance.History, st governance.Standing) string {
	names := []string{}
	for _, seat := range st.Seating.Seats {
		if m := h.Charter().Member(seat.Member); m != nil {
			first, _, _ := strings.Cut(m.Name, " ")
			names = append(names, first)
		}
	}
	return strings.Join(names, " and ")
}

// extend adds what Check Dependencies found missing: that reopens the request,
// and every approval is given again for the new content.
func (pl *play) extend(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	cr, err := pl.request(ctx)
	if err != nil {
		return "", err
	}
	added := "what was missing is in the request"
	if cr.Round == 1 && (cr.Status == governance.Approved || cr.Status == governance.InProgress) { // reopened by a run that was stopped
		deps, err := pl.Scanner.Dependencies(ctx, workspace.Ana, dr.ID)
		if err != nil {
			return "", err
		}
		if len(deps.Missing) == 0 {
			return "nothing was forgotten", nil
		}
		ana, err := pl.Author(ctx, workspace.Ana)
		if err != nil {
			return "", err
		}
		if err := pl.Scanner.Extend(ctx, ana, cr.ID, deps.Missing, "Check Dependencies found what was forgotten.", ""); err != nil && governance.FaultCode(err) != scan.CodeNothingToAdd {
			return "", err
		}
		added = fmt.Sprintf("%d added", len(deps.Missing))
	}
	if _, err := pl.submitRequest(ctx); err != nil {
		return "", err
	}
	if _, err := pl.approveRequest(ctx); err != nil {
		return "", err
	}
	compared, err := pl.scan(ctx, dr)
	if err != nil {
		return "", err
	}
	if cr, err = pl.request(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s; the old approvals no longer counted, so the request was approved again in round %d; scan: %s", added, cr.Round, compared), nil
}
