package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"epochtime/harness/compare"
)

// power is the probability with which a smallest slowdown is found.
const power = compare.Power

var slower = []compare.Verdict{compare.Slower}

// stated returns the table of what comparisons say they could have found: the
// median of what they say over what is true, and the share of sessions that say a
// value within a third of the truth.
func stated(sources []source, known *truths, tries int, seed uint64) (string, error) {
	var out rows
	out.header("machine", counts(launches, "launches"))
	for _, s := range sources {
		row := []string{s.name}
		for _, n := range launches {
			truth, err := known.of(s, n)
			if err != nil {
				return "", err
			}
			if 100*truth > largest {
				row = append(row, "–")
				continue
			}
			values, err := statements(tries, n, s, seed)
			if err != nil {
				return "", err
			}
			row = append(row, fmt.Sprintf("%.2f (%.0f %%)", middle(values)/truth, 100*within(values, truth)))
		}
		out.line(row)
	}
	return out.String(), nil
}

// truths are the smallest slowdowns that are found, which several tables need.
type truths struct {
	tries int
	seed  uint64
	known map[string]float64
}

func (t *truths) of(s source, blocks int) (float64, error) {
	key := fmt.Sprintf("%s, %d", s.name, blocks)
	if share, ok := t.known[key]; ok {
		return share, nil
	}
	share, err := found(t.tries, blocks, s, t.seed)
	if err != nil {
		return 0, err
	}
	if t.known == nil {
		t.known = map[string]float64{}
	}
	t.known[key] = share
	return share, nil
}

// statements are the smallest slowdowns that sessions state.
func statements(tries, blocks int, s source, seed uint64) ([]float64, error) {
	random := rand.New(rand.NewPCG(seed+1, uint64(blocks))) // other sessions than those of the truth
	out := make([]float64, tries)
	for i := range out {
		c, err := judge(s.draw(random, blocks))
		if err != nil {
			return nil, err
		}
		out[i] = c.Pairs[0].SmallestSlowdown(power)
	}
	slices.Sort(out)
	return out, nil
}

// within returns the share of values that are within a third of the truth.
func within(values []float64, truth float64) float64 {
	n := 0
	for _, v := range values {
		if math.Abs(v-truth) <= truth/3 {
			n++
		}
	}
	return float64(n) / float64(len(values))
}
