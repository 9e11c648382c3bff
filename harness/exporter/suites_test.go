package exporter

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSuites(t *testing.T) {
	text, err := os.ReadFile("../../pygen/suites.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(suitesText)); diff != "" {
		t.Errorf("suites.json is not a copy of pygen/suites.json (-pygen +copy):\n%s", diff)
	}
	if got, err := SuiteGraphs("vision"); err != nil || got[0] != "mlp" || got[len(got)-1] != "efficientnetb0" {
		t.Errorf("the graphs of the suite vision are %q, %v", got, err)
	}
	if got := Suites(); !slices.Contains(got, "article") || !slices.IsSorted(got) {
		t.Errorf("the suites are %q", got)
	}
	if got, err := SuiteGraphs("visual"); !errors.Is(err, ErrNoSuite) {
		t.Errorf("an unknown suite has the graphs %q, %v", got, err)
	}
}
