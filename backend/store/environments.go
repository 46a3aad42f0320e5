package store

import (
	"context"
	"fmt"

	"countersign/backend/governance"
	"gorm.io/gorm/clause"
)

// environmentEntry is the log entry "environment": an environment was saved.
type environmentEntry struct {
	At           string `json:"at"`
	By           string `json:"by"`
	Digest       string `json:"digest"`
	Form         int64  `json:"form"`
	Kind         string `json:"kind"`
	Name         string `json:"name"`
	Organization string `json:"organization"`
	Subject      string `json:"subject"`
	URL          string `json:"url"`
}

// SaveEnvironment makes an environment, giving it an id if it has none, or sets
// all of one that is there. What was read some time ago is changed with
// UpdateEnvironment instead. Faults: row_altered, database_readonly and the like.
func (s *Store) SaveEnvironment(ctx context.Context, by string, e *governance.Environment) error {
	return s.write(ctx, func(d *door) error {
		if e.ID == "" {
			e.ID = newID()
		}
		var old []governance.Environment
		if err := d.db.Where("id = ?", e.ID).Find(&old).Error; err != nil {
			return err
		}
		e.CreatedAt = d.at
		if len(old) > 0 {
			if err := d.unaltered(environmentRows, e.ID, old[0].Name); err != nil {
				return err
			}
			e.CreatedAt = old[0].CreatedAt.UTC()
		}
		return d.keepEnvironment(by, e)
	})
}

// UpdateEnvironment lets a step change an environment as it is now, in one
// transaction, and returns it as it is then: what the step leaves alone stays,
// whoever wrote it. The step must be quick and open no other door. Faults:
// not_found, row_altered, and what the step returns.
func (s *Store) UpdateEnvironment(ctx context.Context, by, id string, step func(*governance.Environment) error) (*governance.Environment, error) {
	var e *governance.Environment
	err := s.write(ctx, func(d *door) error {
		var err error
		if e, err = load[governance.Environment](d.db, environmentRows.word, id); err != nil {
			return err
		}
		if err := d.unaltered(environmentRows, id, e.Name); err != nil {
			return err
		}
		if err := step(e); err != nil {
			return err
		}
		return d.keepEnvironment(by, e)
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (d *door) keepEnvironment(by string, e *governance.Environment) error {
	e.UpdatedAt = d.at
	tidyEnvironment(e)
	if err := d.db.Clauses(clause.OnConflict{UpdateAll: true}).Create(e).Error; err != nil {
		return fmt.Errorf("save the environment %s: %w", e.Name, err)
	}
	digest, err := environmentRows.digest(d.db, e.ID, environmentRows.form())
	if err != nil {
		return err
	}
	err = d.append("environment", environmentEntry{At: stamp(d.at), By: by, Digest: digest, Form: environmentRows.form(),
		Kind: string(e.Kind), Name: e.Name, Organization: e.OrganizationID, Subject: e.ID, URL: e.URL})
	if err != nil {
		return err
	}
	return d.joinRecords(by, e)
}

func tidyEnvironment(e *governance.Environment) {
	if e.DeployBy == "" {
		e.DeployBy = governance.DeployBySOAP
	}
	e.TestedAt, e.CreatedAt, e.UpdatedAt = e.TestedAt.UTC(), e.CreatedAt.UTC(), e.UpdatedAt.UTC()
}

// Environments lists the environments by name.
func (s *Store) Environments(ctx context.Context) ([]governance.Environment, error) {
	out := []governance.Environment{}
	err := s.query(ctx).Order("name COLLATE NOCASE, id").Find(&out).Error
	for i := range out {
		tidyEnvironment(&out[i])
	}
	return out, s.explained(ctx, err)
}

// Environment returns an environment, or the fault not_found.
func (s *Store) Environment(ctx context.Context, id string) (*governance.Environment, error) {
	e, err := load[governance.Environment](s.query(ctx), environmentRows.word, id)
	if err != nil {
		return nil, s.explained(ctx, err)
	}
	tidyEnvironment(e)
	return e, nil
}

// CheckEnvironment refuses an environment that was changed by hand (row_altered):
// nobody should sign in where somebody else wrote that they should.
func (s *Store) CheckEnvironment(ctx context.Context, id string) error {
	why, err := environmentRows.altered(s.query(ctx), id, id)
	if err != nil || why == "" {
		return s.explained(ctx, err)
	}
	return governance.Faultf("row_altered", "%s", why).WithHint("Look at its address, and save it again or run countersign verify.")
}
