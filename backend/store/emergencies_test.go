package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Finding the emergencies of a large workspace reads no act of another kind.
func TestEmergenciesAreFoundByTheirIndex(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	plan := []struct{ Detail string }{}
	err = s.query(t.Context()).Raw("EXPLAIN QUERY PLAN " + emergencies).Scan(&plan).Error
	if err != nil || len(plan) != 1 || !strings.Contains(plan[0].Detail, "acts_emergency") {
		t.Errorf("%+v, %v", plan, err)
	}
}

// Requests of the first release get the new columns empty, and their log entries
// stay true.
func TestRequestsOfTheFirstReleaseAreUnaltered(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.CopyFS(dir, os.DirFS("testdata/version1")),
		os.Rename(filepath.Join(dir, "workspace.sqlite"), filepath.Join(dir, databaseName))); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, n, err := s.ChangeRequests(t.Context(), Query{})
	if err != nil || n == 0 {
		t.Fatalf("%d, %v", n, err)
	}
	for _, cr := range all {
		if cr.Incident != "" || cr.EmergencyReason != "" || cr.AdditionalApprovers == nil || len(cr.AdditionalApprovers) > 0 {
			t.Errorf("%+v", cr)
		}
	}
	for name, verify := range map[string]func() (Report, error){
		"open": func() (Report, error) { return s.VerifyOpen(t.Context()) },
		"all":  func() (Report, error) { return s.Verify(t.Context(), VerifyOptions{}) },
	} {
		if r, err := verify(); err != nil || len(r.Findings) > 0 || r.Requests == 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	// A row of the old form that somebody edits is found as before.
	if err := s.query(t.Context()).Exec("UPDATE change_requests SET overview = 'Other.'").Error; err == nil {
		t.Fatal("a reader writes")
	}
	if err := s.w.WithContext(t.Context()).Exec("UPDATE change_requests SET overview = 'Other.'").Error; err != nil {
		t.Fatal(err)
	}
	if r, err := s.VerifyOpen(t.Context()); err != nil || len(r.Findings) == 0 {
		t.Errorf("an edited row of the old form: %+v, %v", r, err)
	}
}
