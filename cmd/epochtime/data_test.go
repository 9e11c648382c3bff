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

// The reason why a graph does not fit names what is at fault, and not the file again.
func TestPlainReasons(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"cannot read the data: a.npz (x): holds dates", "x holds dates"},
		{"cannot read the data: a.npz (x): it is not an .npy array", "x is not an .npy array"},
		{"the data does not fit: graph g, a.npz: x is text", "x is text"},
		{"the data does not fit: a.npz has no array \"x\"", "has no array \"x\""},
		{"the data does not fit: (odd", "(odd"},
	} {
		if got := plain(c.text, []string{"a.npz"}, "graph g, "); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.text, got, c.want)
		}
	}
}
