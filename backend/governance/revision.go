package governance

import "slices"

// RevisionFormat is the number of the form of revisions.
const RevisionFormat = 1

// A RequestRevision is everything a person can edit on a Change Request, as it
// was submitted. Its digest is what is approved. The fields are in the order
// of canonical JSON.
type RequestRevision struct {
	AdditionalApprovers []string          `json:"additionalApprovers,omitempty"`
	Attachments         []Attachment      `json:"attachments"`
	ChangeSets          []string          `json:"changeSets"`
	ChangeType          ChangeType        `json:"changeType"`
	Customizations      []Customization   `json:"customizations"`
	EmergencyReason     string            `json:"emergencyReason,omitempty"`
	ExternalLink        string            `json:"externalLink"`
	ExternalNumber      string            `json:"externalNumber"`
	Format              int64             `json:"format"`
	ID                  string            `json:"id"`
	Incident            string            `json:"incident,omitempty"`
	Manifests           []PackageManifest `json:"manifests"`
	Name                string            `json:"name"`
	Overview            string            `json:"overview"`
	Parents             []string          `json:"parents"` // digests of the revisions it was made from
	Round               int64             `json:"round"`
	SupportingText      string            `json:"supportingText"`
	Workspace           string            `json:"workspace"`
}

// A RecordRevision is what a Deployment Record will do, exactly: which bytes,
// from where, to where, over what, with which options, started by whom.
type RecordRevision struct {
	APIVersion     string          `json:"apiVersion"`
	Base           string          `json:"base"`
	Customizations []Customization `json:"customizations"`
	Deployer       string          `json:"deployer"`
	Format         int64           `json:"format"`
	ID             string          `json:"id"`
	Kind           RecordKind      `json:"kind"`
	Name           string          `json:"name"`
	NormalForm     int64           `json:"normalForm"`
	Options        DeployOptions   `json:"options"`
	Package        string          `json:"package"`
	Parents        []string        `json:"parents"`
	Request        string          `json:"request"`
	RequestDigest  string          `json:"requestDigest"`
	Reverse        string          `json:"reverse"`
	Round          int64           `json:"round"`
	Source         string          `json:"source"`
	SourceNormal   string          `json:"sourceNormal"`
	Target         string          `json:"target"`
	TargetKind     EnvironmentKind `json:"targetKind"`
	Whole          bool            `json:"whole"`
	Workspace      string          `json:"workspace"`
}

// RevisionIn is the request's content as a revision of a workspace and round.
func (cr *ChangeRequest) RevisionIn(workspace string, round int64) RequestRevision {
	c := *cr
	c.Tidy()
	return RequestRevision{
		AdditionalApprovers: c.AdditionalApprovers, EmergencyReason: c.EmergencyReason, Incident: c.Incident,
		Attachments: c.Attachments, ChangeSets: c.ChangeSets, ChangeType: c.Type, Customizations: c.Customizations,
		ExternalLink: c.ExternalLink, ExternalNumber: c.ExternalNumber, Format: RevisionFormat, ID: c.ID, Manifests: c.Manifests,
		Name: c.Name, Overview: c.Overview, Parents: c.Parents, Round: round, SupportingText: c.SupportingText, Workspace: workspace,
	}
}

// RevisionIn is the record's content as a revision of a workspace and round.
func (dr *DeploymentRecord) RevisionIn(workspace string, round int64) RecordRevision {
	d := *dr
	d.Tidy()
	return RecordRevision{
		APIVersion: d.APIVersion, Base: d.Base, Customizations: d.Customizations, Deployer: d.Deployer, Format: RevisionFormat,
		ID: d.ID, Kind: d.Kind, Name: d.Name, NormalForm: d.NormalForm, Options: d.Options, Package: d.Package,
		Parents: d.Parents, Request: d.RequestID, RequestDigest: d.RequestDigest, Reverse: d.Reverse, Round: round,
		Source: d.SourceOrg, SourceNormal: d.SourceNormal, Target: d.TargetOrg, TargetKind: d.TargetKind, Whole: d.Whole, Workspace: workspace,
	}
}

// Types lists the metadata types that a request touches, nil when it names
// change sets, whose content only the org knows.
func (r *RequestRevision) Types() []string {
	if len(r.ChangeSets) > 0 {
		return nil
	}
	types := typesIn(r.Customizations)
	for _, m := range r.Manifests {
		for _, t := range m.Members {
			types = include(types, t.Type)
		}
	}
	return types
}

// Types lists the metadata types that a record touches.
func (r *RecordRevision) Types() []string { return typesIn(r.Customizations) }

func typesIn(cs []Customization) []string {
	types := []string{}
	for _, c := range cs {
		types = append(types, c.Type)
	}
	slices.Sort(types)
	return slices.Compact(types)
}
