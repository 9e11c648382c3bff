package main

import (
	"context"
	"errors"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// The verb ends with its context, even among graphs that the data would not fit.
func TestDataIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	got, err := fits(ctx, []*graph.Manifest{{Name: "g"}}, dataset.Choice{Sources: []string{"nowhere.csv"}})
	if !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("fits = %v, %v, want context.Canceled", got, err)
	}
	verb := &dataVerb{graphs: graphFlags{root: t.TempDir()}}
	if err := verb.run(ctx, streams{}, []string{"../../testdata/digits.npz"}); !errors.Is(err, context.Canceled) {
		t.Errorf("run: %v, want context.Canceled", err)
	}
}
