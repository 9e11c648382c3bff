package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSuitesAreTheExporters compares the program's copy with what the exporter reads.
func TestSuitesAreTheExporters(t *testing.T) {
	text, err := os.ReadFile("../../pygen/suites.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(suitesText)); diff != "" {
		t.Errorf("cmd/epochtime/suites.json is no copy of pygen/suites.json (-pygen +copy):\n%s", diff)
	}
	if got, err := suiteGraphs("vision"); err != nil || got[0] != "mlp" || got[len(got)-1] != "efficientnetb0" {
		t.Errorf("the graphs of the suite vision are %q, %v", got, err)
	}
}
