package main

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"epochtime/harness/compare"
)

// burst is a disturbance that comes and goes, and lasts for some launches.
type burst struct {
	begins, ends float64 // probability per launch
	factor       func(*rand.Rand) float64
}

// disturbed is a disturbance while it lasts.
type disturbed struct {
	burst
	by float64 // factor of time; 0 where there is none
}

// next returns the factor by which the next launch is slowed. Bursts begin and end
// within launches, so their first and last launch are slowed in part.
func (d *disturbed) next(random *rand.Rand) float64 {
	switch {
	case d.by == 0 && random.Float64() < d.begins:
		d.by = d.factor(random)
		return 1 + (d.by-1)*random.Float64()
	case d.by == 0:
		return 1
	case random.Float64() < d.ends:
		by := 1 + (d.by-1)*random.Float64()
		d.by = 0
		return by
	}
	return d.by
}

// A burner takes one core of two; pressure on memory has a long tail.
var (
	burner   = burst{0.15, 0.3, func(r *rand.Rand) float64 { return 1.3 + 0.9*r.Float64() }}
	beat     = burst{1, 1, func(r *rand.Rand) float64 { return 1.8 }}
	pressure = burst{0.05, 0.5, func(r *rand.Rand) float64 { return 1.2 + r.ExpFloat64() }}
)

// attacks are machines, quiet by themselves, with disturbances.
func attacks() []source {
	var out []source
	for _, a := range []struct {
		name   string
		bursts []burst
	}{
		{"a burner that comes and goes", []burst{burner}},
		{"a burner in step with the launches", []burst{beat}},
		{"memory pressure", []burst{pressure}},
		{"both", []burst{burner, pressure}},
	} {
		out = append(out, source{name: a.name, draw: func(random *rand.Rand, blocks int) []series {
			return []series{attacked(random, blocks, a.bursts)}
		}})
	}
	return out
}

// attacked returns two sides of equal speed whose launches, one after another in
// blocks of random order, are disturbed.
func attacked(random *rand.Rand, blocks int, bursts []burst) series {
	out := nested(random, blocks, 0.02, 0.02, shapes[0])
	var states []disturbed
	for _, b := range bursts {
		states = append(states, disturbed{burst: b})
	}
	for i := range blocks {
		sides := []*float64{&out.base[i], &out.new[i]}
		if random.IntN(2) == 0 {
			slices.Reverse(sides)
		}
		for _, side := range sides {
			for k := range states {
				*side *= states[k].next(random)
			}
		}
	}
	return out
}

// attack returns the table of comparisons on a disturbed machine whose verdict is
// wrong: slower or faster where nothing changed, and faster or same where the new
// side is slower.
func attack(tries int, seed uint64) (string, error) {
	var out rows
	out.header("disturbance", counts(launches, "launches"))
	for _, s := range attacks() {
		for _, slowdown := range []float64{0, 0.10, 0.20} {
			name, wrong := fmt.Sprintf("%s, %.0f %% slower", s.name, 100*slowdown), []compare.Verdict{compare.Faster, compare.Same}
			if slowdown == 0 {
				name, wrong = s.name+", nothing changed", []compare.Verdict{compare.Slower, compare.Faster}
			}
			row := []string{name}
			for _, n := range launches {
				share, err := verdicts(tries, n, slowdown, s, seed, wrong...)
				if err != nil {
					return "", err
				}
				row = append(row, percent(share))
			}
			out.line(row)
		}
	}
	return out.String(), nil
}
