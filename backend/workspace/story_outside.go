package workspace

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
)

// hurried is what Robin, an administrator of the demo's production, does there
// without asking anybody: a deployment with a tool of her own, and a click.
const (
	hurriedFolder = "hold-reasons"
	hurriedRule   = "Account.Credit_Hold_Needs_Reason"
	hurriedLine   = "Changed validation rule: " + hurriedRule
)

var hurriedFiles = map[string][]byte{
	"package.xml": []byte(`<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata">
    <types>
        <members>Hold_Reason</members>
        <name>GlobalValueSet</name>
    </types>
    <version>66.0</version>
</Package>
`),
	"globalValueSets/Hold_Reason.globalValueSet": []byte(`<?xml version="1.0" encoding="UTF-8"?>
<GlobalValueSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <customValue>
        <fullName>Credit_Limit</fullName>
        <default>false</default>
        <label>Credit limit</label>
    </customValue>
    <customValue>
        <fullName>Address</fullName>
        <default>false</default>
        <label>Address is unclear</label>
    </customValue>
    <masterLabel>Hold Reason</masterLabel>
    <sorted>false</sorted>
</GlobalValueSet>
`),
}

// tellOutside lets Robin change production, and Countersign find it.
func (t storyteller) tellOutside(ctx context.Context) error {
	org, err := t.EmbeddedOrg(DemoTarget)
	if err != nil {
		return err
	}
	robin := org.SecondUser()
	o := salesforce.Options{Demo: true, PollInterval: 20 * time.Millisecond, Transport: org.Transport()}
	session, err := salesforce.LoginPassword(ctx, o, "http://localhost", robin.Username, salesforce.NewSecret(robin.Password), salesforce.Secret{})
	if err != nil {
		return err
	}
	client := salesforce.NewClient(session, o)
	defer client.Close()
	if err := hurry(ctx, client, org); err != nil {
		return err
	}
	lines, err := client.SetupAuditTrail(ctx, time.Unix(0, 0))
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(lines, func(l salesforce.SetupChange) bool { return l.Display == hurriedLine }) {
		rule := metadata.Key{Type: "ValidationRule", Name: hurriedRule}
		if err := org.ClickInSetup(robin.Username, demoorg.SetupStep{Action: "changedValidationRule", Section: "Validation Rule", Display: hurriedLine, Saved: rule}); err != nil {
			return fmt.Errorf("change the demo's production by hand: %w", err)
		}
	}
	_, err = t.CheckOutside(ctx, DemoTarget, false)
	return err
}

// hurry deploys past the process, unless an earlier run has.
func hurry(ctx context.Context, client *salesforce.Client, org *demoorg.Org) error {
	id := ""
	for _, d := range org.Deployments() {
		if d.TopFolder == hurriedFolder {
			id = d.ID
		}
	}
	if id == "" {
		tree, err := metadata.NewTree(hurriedFiles)
		if err != nil {
			return err
		}
		var zip bytes.Buffer
		if err := tree.WriteZip(&zip, hurriedFolder); err != nil {
			return err
		}
		if id, err = client.Deploy(ctx, bytes.NewReader(zip.Bytes()), int64(zip.Len()), salesforce.DeployOptions{RollbackOnError: true}); err != nil {
			return err
		}
	}
	for {
		res, err := client.DeployStatus(ctx, id, false)
		if err != nil {
			return err
		}
		if res.Done && res.Status != salesforce.DeploySucceeded {
			return fmt.Errorf("the deployment past the process ended as %s", res.Status)
		}
		if res.Done {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
