package exporter

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrNoSuite means that no suite has the name.
var ErrNoSuite = errors.New("no suite")

//go:embed suites.json
var suitesText []byte // a copy of pygen/suites.json; a test compares them

// suites are named lists of models.
var suites = readSuites(suitesText)

func readSuites(text []byte) map[string][]string {
	out := map[string][]string{}
	if err := json.Unmarshal(text, &out); err != nil { // a test reads it
		return nil
	}
	return out
}

// Suites returns the names of all suites, sorted.
func Suites() []string { return slices.Sorted(maps.Keys(suites)) }

// SuiteGraphs returns the names under which the models of a suite are exported. The
// error is ErrNoSuite.
func SuiteGraphs(suite string) ([]string, error) {
	models, ok := suites[suite]
	if !ok {
		return nil, fmt.Errorf("%w %q", ErrNoSuite, suite)
	}
	var out []string
	for _, m := range models {
		if name, keras := strings.CutPrefix(m, kerasPrefix); keras {
			m = strings.ToLower(name)
		}
		out = append(out, m)
	}
	return out, nil
}
