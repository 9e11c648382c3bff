package main

import (
	"fmt"
	"math/rand/v2"

	"epochtime/harness/compare"
)

// night is how a nightly job over some graphs ends.
type night struct {
	alarm    bool // a graph is slower in two sessions
	promoted int  // graphs whose build becomes the baseline
}

// nightOf runs a night by the rules of setup/nightly: each graph has a comparison
// of its own, a slower one is measured again, and one that is the same or faster is
// promoted.
func nightOf(random *rand.Rand, blocks int, s source) (night, error) {
	first, second := s.draw(random, blocks), s.draw(random, blocks)
	var out night
	for i := range first {
		v, err := alone(first[i])
		if err != nil {
			return night{}, err
		}
		switch v {
		case compare.Same, compare.Faster:
			out.promoted++
		case compare.Slower:
			again, err := alone(second[i])
			if err != nil {
				return night{}, err
			}
			out.alarm = out.alarm || again == compare.Slower
		}
	}
	return out, nil
}

// alone is the verdict of a comparison of one graph.
func alone(s series) (compare.Verdict, error) {
	c, err := judge([]series{s})
	if err != nil {
		return "", err
	}
	return c.Verdict(), nil
}

// nights returns the table of nights in which nothing changed: false alarms, graphs
// that are promoted, and nights that promote all.
func nights(sources []source, tries int, seed uint64) (string, error) {
	var out rows
	out.header("nights of three graphs, A against A", counts(launches, "launches"))
	for _, s := range sources {
		row := []string{s.name}
		for _, n := range launches {
			random := rand.New(rand.NewPCG(seed, uint64(n)))
			alarms, promoted, all, graphs := 0, 0, 0, 0
			for range tries {
				got, err := nightOf(random, n, s)
				if err != nil {
					return "", err
				}
				graphs += nightGraphs
				promoted += got.promoted
				if got.alarm {
					alarms++
				}
				if got.promoted == nightGraphs {
					all++
				}
			}
			row = append(row, fmt.Sprintf("%s, %.0f %%, %.0f %%", percent(float64(alarms)/float64(tries)),
				100*float64(promoted)/float64(graphs), 100*float64(all)/float64(tries)))
		}
		out.line(row)
	}
	return out.String(), nil
}

// nightGraphs is how many graphs a night has.
const nightGraphs = 3

// nightSources are the recording, and machines from quiet to noisy.
func nightSources(r recorded) []source {
	out := []source{{
		name: "this machine, recorded",
		draw: func(random *rand.Rand, blocks int) []series { return r.resample(random, blocks, r.graphs()) },
	}}
	for _, noise := range spreads {
		out = append(out, source{
			name: fmt.Sprintf("simulated, %g %%", 100*noise),
			draw: func(random *rand.Rand, blocks int) []series {
				var job []series
				for range nightGraphs {
					job = append(job, nested(random, blocks, noise, noise, shapes[0]))
				}
				return job
			},
		})
	}
	return out
}
