//go:build linux && cgo

package main

import (
	"math"
	"path/filepath"
	"slices"
	"testing"
)

// An epoch of a script's own fit is what Keras trains: to the last bits where nothing
// is rewritten, and as it is timed within what rounding does.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range fixed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := maker{root, filepath.Join(root, ".venv", "bin", "python"), t.TempDir()}
			a, err := k.compare(t.Context(), filepath.Join("testdata", "models", "scripts", name+".py"))
			if err != nil {
				t.Fatal(err)
			}
			if !a.holds() {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestDiffer(t *testing.T) {
	want := figures{Losses: []float64{2, 4}, Epoch: map[string]float64{"loss": 3, "accuracy": 0.5, "val_loss": 2}}
	for name, c := range map[string]struct {
		got  figures
		want difference
	}{
		"the same":       {want, difference{}},
		"a loss":         {figures{Losses: []float64{2, 5}, Epoch: want.Epoch}, difference{losses: 0.25}},
		"a step less":    {figures{Losses: []float64{2}, Epoch: want.Epoch}, difference{losses: math.Inf(1)}},
		"a metric":       {figures{want.Losses, map[string]float64{"loss": 3, "accuracy": 1, "val_loss": 2}, 0, 0}, difference{metrics: 1}},
		"no validation":  {figures{want.Losses, map[string]float64{"loss": 3, "accuracy": 0.5}, 0, 0}, difference{validation: math.Inf(1)}},
		"one of its own": {figures{want.Losses, map[string]float64{"loss": 3, "accuracy": 0.5, "val_loss": 2, "mae": 1}, 0, 0}, difference{metrics: math.Inf(1)}},
		"no number":      {figures{want.Losses, map[string]float64{"loss": math.NaN(), "accuracy": 0.5, "val_loss": 2}, 0, 0}, difference{metrics: math.Inf(1)}},
	} {
		if got := differ(c.got, want); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestBeyond(t *testing.T) {
	epoch := func(loss, accuracy, val float64) map[string]float64 {
		return map[string]float64{"loss": loss, "accuracy": accuracy, "val_accuracy": val}
	}
	r := reference{
		Keras:  figures{Losses: []float64{1}, Epoch: epoch(1, 0.5, 0.5)},
		Moved:  []figures{{Losses: []float64{1.001}, Epoch: epoch(1.01, 0.5, 0.5)}},
		Counts: []string{"accuracy"},
	}
	for name, c := range map[string]struct {
		got  figures
		want []string
	}{
		"within rounding":     {figures{[]float64{0.9995}, epoch(0.995, 0.5, 0.5), 100, 10}, nil},
		"steps":               {figures{[]float64{1.01}, epoch(1, 0.5, 0.5), 100, 10}, []string{"the losses of steps"}},
		"the epoch":           {figures{[]float64{1}, epoch(1.02, 0.5, 0.5), 100, 10}, []string{"loss"}},
		"one example":         {figures{[]float64{1}, epoch(1, 0.51, 0.6), 100, 10}, nil},
		"two":                 {figures{[]float64{1}, epoch(1, 0.52, 0.7), 100, 10}, []string{"accuracy", "val_accuracy"}},
		"examples unknown":    {figures{[]float64{1}, epoch(1, 0.51, 0.5), 0, 0}, []string{"accuracy"}},
		"a metric is missing": {figures{[]float64{1}, map[string]float64{"loss": 1, "accuracy": 0.5}, 100, 10}, []string{"val_accuracy"}},
	} {
		if got := r.beyond(c.got); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
