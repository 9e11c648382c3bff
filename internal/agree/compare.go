//go:build linux && cgo

package main

import (
	"math"
	"slices"
	"strings"
)

// tolerance is the relative difference that is allowed where the same operations run
// in the same order.
const tolerance = 1e-5

// figures are what an epoch says of its training.
type figures struct {
	Losses []float64          `json:"losses"` // of the first steps
	Epoch  map[string]float64 `json:"epoch"`  // as Keras's History names them

	examples, held int // in the epoch, and in its validation
}

// reference is what Keras says of a script's first fit.
type reference struct {
	Keras  figures   `json:"keras"`
	Moved  []figures `json:"moved"`  // with the start weights moved by their last bit
	Counts []string  `json:"counts"` // metrics that change by whole examples
}

// difference is the largest relative difference of each kind of figure, +Inf where one
// side lacks it.
type difference struct {
	losses, metrics, validation float64
}

func (d difference) within(bound float64) bool {
	return d.losses <= bound && d.metrics <= bound && d.validation <= bound
}

// differ compares figures with those wanted.
func differ(got, want figures) difference {
	d := difference{losses: apartAll(got.Losses, want.Losses)}
	for name := range names(got, want) {
		d.add(name, apartIn(got, want, name))
	}
	return d
}

func (d *difference) add(name string, apart float64) {
	if strings.HasPrefix(name, "val_") {
		d.validation = max(d.validation, apart)
	} else {
		d.metrics = max(d.metrics, apart)
	}
}

// beyond returns the names of the figures of an epoch as timed that are further from
// Keras's than rounding may take them: than tolerance, and than the weights moved by
// their last bit. What counts examples may be off by one of them.
func (r reference) beyond(got figures) []string {
	var out []string
	losses := tolerance
	for _, m := range r.Moved {
		losses = max(losses, apartAll(m.Losses, r.Keras.Losses))
	}
	if !(apartAll(got.Losses, r.Keras.Losses) <= losses) {
		out = append(out, "the losses of steps")
	}
	for name := range names(got, r.Keras) {
		bound := tolerance
		for _, m := range r.Moved {
			bound = max(bound, apartIn(m, r.Keras, name))
		}
		if apartIn(got, r.Keras, name) <= bound || r.oneExample(got, name) {
			continue
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// oneExample reports whether a metric that counts is off by no more than one example.
func (r reference) oneExample(got figures, name string) bool {
	of, validated := strings.CutPrefix(name, "val_")
	n := got.examples
	if validated {
		n = got.held
	}
	a, here := got.Epoch[name]
	b, there := r.Keras.Epoch[name]
	return here && there && n > 0 && slices.Contains(r.Counts, of) && math.Abs(a-b) <= 1/float64(n)+tolerance
}

// names are those that either side has.
func names(a, b figures) map[string]bool {
	out := make(map[string]bool)
	for _, side := range []figures{a, b} {
		for name := range side.Epoch {
			out[name] = true
		}
	}
	return out
}

func apartIn(got, want figures, name string) float64 {
	a, here := got.Epoch[name]
	b, there := want.Epoch[name]
	if !here || !there {
		return math.Inf(1)
	}
	return apart(a, b)
}

func apartAll(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range got {
		worst = max(worst, apart(got[i], want[i]))
	}
	return worst
}

// apart is the difference of two numbers relative to the second; +Inf if one is no
// finite number.
func apart(got, want float64) float64 {
	if got == want {
		return 0
	}
	d := math.Abs(got-want) / max(math.Abs(want), 1e-12)
	if math.IsNaN(d) {
		return math.Inf(1)
	}
	return d
}
