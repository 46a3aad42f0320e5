package terminal

import (
	"context"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// waitFor follows a deployment of another user, who has no Deployment Log.
func waitFor(ctx context.Context, c *salesforce.Client, id string) error {
	for {
		res, err := c.DeployStatus(ctx, id, true)
		if err != nil {
			return err
		}
		if res.Done {
			if res.Status != salesforce.DeploySucceeded {
				problem := res.ErrorMessage
				if f := res.Details.ComponentFailures; len(f) > 0 {
					problem = f[0].Problem
				}
				return governance.Faultf("demo_move", "The other user's deployment ended as %s: %s.", res.Status, problem)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
