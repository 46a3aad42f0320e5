package workspace

import (
	"context"

	"countersign/backend/governance"
)

// A Wish is a lifecycle action as a person asks for it on a screen.
type Wish struct {
	Action governance.Action `json:"action"`
	Reason string            `json:"reason"`
	// Seen is the digest that the person looked at. What is another by now is
	// refused with the fault seen_other. Submit and Approve need it.
	Seen string `json:"seen"`
	// Delegation lets the person approve or reject in another's place; empty in
	// the own.
	Delegation string `json:"delegation,omitempty"`
}

// Refusal says why a wish would be refused now, nil if it would not: what may be
// done, and the label and digest of the content as it is. Faults: not_allowed,
// reason_needed, seen_other.
func (wish Wish) Refusal(actions []governance.ActionState, label, digest string) error {
	st := governance.ActionState{Why: "There is no such action."}
	for _, a := range actions {
		if a.Action == wish.Action {
			st = a
		}
	}
	if wish.Delegation != "" {
		st = st.InPlace(wish.Delegation)
	}
	if err := st.Refusal(wish.Reason); err != nil {
		return err
	}
	return wish.checkSeen(label, digest)
}

// checkSeen refuses a wish about content that is not the one a person saw.
func (wish Wish) checkSeen(label, digest string) error {
	signs := wish.Action == governance.Submit || wish.Action == governance.Approve
	if wish.Seen == digest || wish.Seen == "" && !signs {
		return nil
	}
	return governance.SeenOther(label)
}

// DoRequest does what a person at this window wishes. Faults: seen_other,
// not_allowed, reason_needed, and those of the store's door.
func (w *Workspace) DoRequest(ctx context.Context, id string, wish Wish) (RequestView, error) {
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return RequestView{}, err
	}
	_, err = w.Store.UpdateChangeRequest(ctx, id, author, func(cr *governance.ChangeRequest, s governance.Situation) (governance.Intent, error) {
		in, err := cr.Do(s, governance.Deed{Action: wish.Action, Reason: wish.Reason, Delegation: wish.Delegation})
		if err != nil {
			return in, err
		}
		digest, err := w.requestDigest(s.History, cr)
		if err != nil {
			return in, err
		}
		return in, wish.checkSeen(cr.Label(), digest)
	})
	if err != nil {
		return RequestView{}, err
	}
	return w.RequestView(ctx, id)
}
