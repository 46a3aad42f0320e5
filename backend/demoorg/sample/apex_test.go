package sample_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"countersign/backend/demoorg/sample"
)

var (
	method   = regexp.MustCompile(`(?m)^ {4}(?:public|private|global)[\w<>, ]* (\w+)\([^;]*\{$`)
	isTest   = regexp.MustCompile(`(?m)^@IsTest`)
	failsIn  = regexp.MustCompile(`static void (\w+)\(\) \{\n\s+// @fails-in: (\w+)\n\s+// @message: (.+)\n`)
	anyFails = regexp.MustCompile(`@fails-in|System\.assert\(false`)
)

// coverage returns the share of methods that tests name, by class, and over all.
func coverage(all inventory) (byClass map[string]float64, wide float64) {
	tests := ""
	for m, text := range all {
		if m.Type == "ApexClass" && isTest.MatchString(text) {
			tests += text
		}
	}
	byClass, named, methods := map[string]float64{}, 0, 0
	for m, text := range all {
		if m.Type != "ApexClass" || isTest.MatchString(text) {
			continue
		}
		hits, found := 0, method.FindAllStringSubmatch(text, -1)
		for _, f := range found {
			if regexp.MustCompile(`\b` + f[1] + `\b`).MatchString(tests) {
				hits++
			}
		}
		byClass[m.Name] = float64(hits) / float64(len(found))
		named, methods = named+hits, methods+len(found)
	}
	return byClass, float64(named) / float64(methods)
}

func TestCoverageIsGoodButForOneClass(t *testing.T) {
	uat, production := bothOrgs(t)
	renewals := packageNamed(t, "Renewals")
	for kind, all := range map[string]inventory{
		"uat": uat, "production": production,
		"production after Renewals": production.with(uat, append(slices.Clone(renewals.Members), renewals.Forgotten...)),
	} {
		byClass, wide := coverage(all)
		t.Logf("%s: %.0f %% of all methods, %v", kind, wide*100, byClass)
		if wide < 0.75 || len(byClass) < 10 {
			t.Errorf("%s: %.2f over %d classes", kind, wide, len(byClass))
		}
		for class, share := range byClass {
			if poor := class == "LegacyPriceImport"; poor != (share < 0.75) {
				t.Errorf("%s: %s has a coverage of %.2f", kind, class, share)
			}
		}
	}
}

func TestEveryTriggerIsReachedByATestThatChangesItsObject(t *testing.T) {
	uat, production := bothOrgs(t)
	on := regexp.MustCompile(`^trigger \w+ on (\w+) \(`)
	for kind, all := range map[string]inventory{"uat": uat, "production": production} {
		for m, text := range all {
			if m.Type != "ApexTrigger" {
				continue
			}
			object := on.FindStringSubmatch(text)[1]
			if !changedByATest(all, object) {
				t.Errorf("%s: no test changes a %s, so %s has no coverage", kind, object, m.Name)
			}
		}
	}
}

func changedByATest(all inventory, object string) bool {
	changes := regexp.MustCompile(`(?m)^\s+(?:insert|update) `)
	names := regexp.MustCompile(`\b` + object + `\b`)
	for m, text := range all {
		if m.Type == "ApexClass" && strings.Contains(text, "@IsTest\n    static") && changes.MatchString(text) && names.MatchString(text) {
			return true
		}
	}
	return false
}

func TestOneTestFailsInProductionUntilItIsMended(t *testing.T) {
	uat, production := bothOrgs(t)
	for kind, all := range map[string]inventory{"uat": uat, "production": production} {
		for m, text := range all {
			failing := kind == "uat" && m.Name == "DiscountCalculatorTest"
			if m.Type == "ApexClass" && anyFails.MatchString(text) != failing {
				t.Errorf("%s: %s holds a marker: %v, want %v", kind, m.Name, !failing, failing)
			}
		}
	}
	broken := uat[sample.Member{Type: "ApexClass", Name: "DiscountCalculatorTest"}]
	hits := failsIn.FindAllStringSubmatch(broken, -1)
	if len(hits) != 1 || hits[0][2] != sample.Production || !strings.HasPrefix(hits[0][3], "System.") {
		t.Fatalf("markers: %q", hits)
	}
	mended := string(sample.Fix("mend")["classes/DiscountCalculatorTest.cls"])
	if !strings.Contains(mended, "void "+hits[0][1]+"()") || anyFails.MatchString(mended) {
		t.Errorf("the mended class:\n%s", mended)
	}
}
