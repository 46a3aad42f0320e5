package workspace

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"countersign/backend/governance"
)

// RequestFields are what a person edits on a Change Request beside its
// customizations and files.
type RequestFields struct {
	Name           string                `json:"name"`
	Overview       string                `json:"overview"`
	Type           governance.ChangeType `json:"type"`
	SupportingText string                `json:"supportingText"`
	ExternalLink   string                `json:"externalLink"`
	ExternalNumber string                `json:"externalNumber"`
	ChangeSets     []string              `json:"changeSets"`
	// EmergencyReason and Incident are what an Emergency needs; another Change
	// Type loses them.
	EmergencyReason string `json:"emergencyReason"`
	Incident        string `json:"incident"`
	// AdditionalApprovers are members who approve as well.
	AdditionalApprovers []string `json:"additionalApprovers"`
}

// SaveRequest saves the fields of a draft; with an empty id it makes a new one.
// The state before can be had back with UndoRequest, also after a restart;
// edits of one text that follow each other within five seconds are one. Faults:
// locked, change_type, link, too_long, not_found.
func (w *Workspace) SaveRequest(ctx context.Context, id string, f RequestFields) (RequestView, error) {
	if id == "" {
		cr := governance.ChangeRequest{}
		f.into(&cr)
		made, err := w.NewChangeRequest(ctx, w.Acting(), cr)
		if err != nil {
			return RequestView{}, err
		}
		return w.RequestView(ctx, made.ID)
	}
	return w.edited(ctx, id, func(cr *governance.ChangeRequest) error {
		f.into(cr)
		return nil
	})
}

func (f RequestFields) into(cr *governance.ChangeRequest) {
	cr.Name, cr.Overview, cr.Type, cr.SupportingText = oneLine(f.Name), f.Overview, f.Type, f.SupportingText
	cr.ExternalLink, cr.ExternalNumber = oneLine(f.ExternalLink), oneLine(f.ExternalNumber)
	cr.EmergencyReason, cr.Incident, cr.AdditionalApprovers = f.EmergencyReason, oneLine(f.Incident), slices.Clone(f.AdditionalApprovers)
	if cr.Type == "" {
		cr.Type = governance.Minor
	}
	cr.ChangeSets = []string{}
	for _, s := range f.ChangeSets {
		if s = oneLine(s); s != "" && !slices.Contains(cr.ChangeSets, s) {
			cr.ChangeSets = append(cr.ChangeSets, s)
		}
	}
}

// edited changes a draft as the person at this window and shows it.
func (w *Workspace) edited(ctx context.Context, id string, edit func(*governance.ChangeRequest) error) (RequestView, error) {
	if _, err := w.EditChangeRequest(ctx, w.Acting(), id, edit); err != nil {
		return RequestView{}, err
	}
	return w.RequestView(ctx, id)
}

// UndoRequest takes the last edit of a draft back, whoever made it: of a field,
// of customizations, manifests, change sets or attached files. Faults:
// nothing_to_undo, locked.
func (w *Workspace) UndoRequest(ctx context.Context, id string) (RequestView, error) {
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return RequestView{}, err
	}
	if _, err := w.Store.UndoDraft(ctx, id, author, checkDraft); err != nil {
		return RequestView{}, err
	}
	return w.RequestView(ctx, id)
}

// RedoRequest does again what was taken back. Faults: nothing_to_redo, locked.
func (w *Workspace) RedoRequest(ctx context.Context, id string) (RequestView, error) {
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return RequestView{}, err
	}
	if _, err := w.Store.RedoDraft(ctx, id, author, checkDraft); err != nil {
		return RequestView{}, err
	}
	return w.RequestView(ctx, id)
}

// DuplicateRequest makes a new draft with the content of a request, files
// included. Fault: not_found.
func (w *Workspace) DuplicateRequest(ctx context.Context, id string) (RequestView, error) {
	old, err := w.Store.ChangeRequest(ctx, id)
	if err != nil {
		return RequestView{}, err
	}
	name := old.Name
	if !strings.HasSuffix(name, copySuffix) && utf8.RuneCountInString(name+copySuffix) <= maxName {
		name += copySuffix
	}
	made, err := w.NewChangeRequest(ctx, w.Acting(), governance.ChangeRequest{Name: name, Overview: old.Overview, Type: old.Type, SupportingText: old.SupportingText,
		EmergencyReason: old.EmergencyReason, Incident: old.Incident, AdditionalApprovers: old.AdditionalApprovers,
		ExternalLink: old.ExternalLink, ExternalNumber: old.ExternalNumber, Attachments: old.Attachments, ChangeSets: old.ChangeSets,
		Manifests: old.Manifests, Customizations: old.Customizations})
	if err != nil {
		return RequestView{}, err
	}
	return w.RequestView(ctx, made.ID)
}

const copySuffix = " (copy)"

// DeleteRequest deletes a draft that was never submitted; the audit trail keeps
// that it was there. Faults: not_found, not_allowed, locked.
func (w *Workspace) DeleteRequest(ctx context.Context, id string) error {
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return err
	}
	cr, err := w.Store.ChangeRequest(ctx, id)
	if err != nil {
		return err
	}
	return w.Store.DeleteDraft(ctx, cr.ID, author)
}

// RemoveManifest takes an imported package manifest out of a draft. Fault:
// not_found.
func (w *Workspace) RemoveManifest(ctx context.Context, id, name string) (RequestView, error) {
	return w.edited(ctx, id, func(cr *governance.ChangeRequest) error {
		left := slices.DeleteFunc(slices.Clone(cr.Manifests), func(m governance.PackageManifest) bool { return m.Name == name })
		if len(left) == len(cr.Manifests) {
			return governance.Faultf("not_found", "%s has no package manifest %q.", cr.Label(), name).WithHint("Look at the list again.")
		}
		cr.Manifests = left
		return nil
	})
}

// RemoveAttachment takes a file out of a draft; its bytes stay, so that it can
// be had back with UndoRequest. Fault: not_found.
func (w *Workspace) RemoveAttachment(ctx context.Context, id, name string) (RequestView, error) {
	return w.edited(ctx, id, func(cr *governance.ChangeRequest) error {
		left := slices.DeleteFunc(slices.Clone(cr.Attachments), func(a governance.Attachment) bool { return a.Name == name })
		if len(left) == len(cr.Attachments) {
			return governance.Faultf("not_found", "%s has no file %q.", cr.Label(), name).WithHint("Look at the list again.")
		}
		cr.Attachments = left
		return nil
	})
}

// How long texts can be: a revision is signed whole, and a list shows names.
const (
	maxText       = 100_000
	maxLink       = 2_000
	maxChangeSets = 100
	maxAdditional = 50
)

// A bounded text has a greatest length in characters.
type bounded struct {
	what, text string
	most       int
}

// notLonger refuses texts above their limit. Fault: too_long.
func notLonger(texts []bounded) error {
	for _, t := range texts {
		if utf8.RuneCountInString(t.text) > t.most {
			return governance.Faultf("too_long", "%s is longer than %d characters.", t.what, t.most).WithHint("Shorten it, or attach it as a file.")
		}
	}
	return nil
}

// checkTexts refuses texts that no screen or signature could carry.
func checkTexts(cr *governance.ChangeRequest) error {
	texts := []bounded{{"The name", cr.Name, maxName}, {"The Change Overview", cr.Overview, maxText}, {"The supporting text", cr.SupportingText, maxText},
		{"The reason of the emergency", cr.EmergencyReason, maxText},
		{"The incident number", cr.Incident, maxName}, {"The link", cr.ExternalLink, maxLink}, {"The external number", cr.ExternalNumber, maxName}}
	for _, m := range cr.Manifests {
		texts = append(texts, bounded{"The name of a package manifest", m.Name, maxName})
	}
	if err := notLonger(texts); err != nil {
		return err
	}
	if len(cr.ChangeSets) > maxChangeSets || slices.ContainsFunc(cr.ChangeSets, func(s string) bool { return utf8.RuneCountInString(s) > maxName }) {
		return governance.Faultf("too_long", "A change request names at most %d change sets of %d characters.", maxChangeSets, maxName).WithHint("Make a second change request for the rest.")
	}
	if len(cr.AdditionalApprovers) > maxAdditional || slices.ContainsFunc(cr.AdditionalApprovers, func(s string) bool { return utf8.RuneCountInString(s) > maxName }) {
		return governance.Faultf("too_long", "A change request asks at most %d additional approvers.", maxAdditional).WithHint("Let a policy ask for the others.")
	}
	return nil
}
