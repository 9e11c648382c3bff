package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
)

// fleetCase says what fleets are like. Shares are standard deviations of logarithms.
type fleetCase struct {
	machines, launches, models, units int

	gap  float64 // between machines
	unit float64 // between units of a machine
}

// Launches differ by 2 %, on some machines by more and on others by less.
const (
	noise    = 0.02
	noises   = 0.5 // between the noises of machines
	perModel = 0.5 // of the gap, by which a machine differs from itself between models
)

// claim is a stated probability of being first, and whether it is.
type claim struct {
	fleet  int
	stated float64
	first  bool
}

// simulate makes fleets, and returns what their overall rankings claim.
func (c fleetCase) simulate(fleets int, seed uint64) ([]claim, error) {
	random := rand.New(rand.NewPCG(seed, uint64(c.machines*1000+c.launches*10+c.models)))
	var out []claim
	for n := range fleets {
		sources, first := c.make(random)
		f, err := fleet.Merge(sources, fleet.Options{})
		if err != nil {
			return nil, err
		}
		for i, p := range f.Overall[0].Places {
			out = append(out, claim{n, p.First, i == first})
		}
	}
	return out, nil
}

// make returns the records of a fleet, and which machine is truly first.
func (c fleetCase) make(random *rand.Rand) (sources []fleet.Source, first int) {
	best := math.Inf(1)
	for m := range c.machines {
		speeds := make([]float64, c.models)
		truth, level := 0.0, c.gap*random.NormFloat64()
		for k := range speeds {
			speeds[k] = level
			if c.models > 1 {
				speeds[k] += perModel * c.gap * random.NormFloat64()
			}
			truth += speeds[k] / float64(c.models)
		}
		if truth < best {
			best, first = truth, m
		}
		spread := noise * math.Exp(noises*random.NormFloat64())
		for u := range c.units {
			off := c.unit * random.NormFloat64()
			r := c.record(random, m, u, func(model int) float64 { return speeds[model] + off }, spread)
			sources = append(sources, fleet.Source{Name: r.ID, Record: r})
		}
	}
	return sources, first
}

// record is that of a unit: launches of one epoch.
func (c fleetCase) record(random *rand.Rand, machine, unit int, log func(model int) float64, spread float64) *record.Record {
	r := &record.Record{
		Schema: record.Schema, ID: fmt.Sprintf("m%d-u%d", machine, unit), Started: time.Unix(int64(machine), 0), Status: record.Complete,
		Plan:     record.Plan{Kind: record.KindRun},
		Machines: []record.Machine{{Hostname: fmt.Sprintf("m%d-u%d", machine, unit), CPU: fmt.Sprintf("CPU %d", machine), Cores: 1}},
	}
	for k := range c.models {
		run := record.Run{Graph: record.Graph{Name: fmt.Sprintf("model %d", k)}, Config: record.Config{Feed: record.FeedBatches}}
		for range c.launches {
			seconds := math.Exp(log(k) + spread*random.NormFloat64())
			run.Launches = append(run.Launches, record.Launch{Status: record.OK, Epochs: []record.Epoch{{Seconds: seconds, Samples: 1, Steps: 1}}})
		}
		r.Runs = append(r.Runs, run)
	}
	return r
}

// leaders returns the mean of the highest probabilities of each fleet, and how often
// they are true.
func leaders(claims []claim) (stated, truly float64) {
	top := map[int]claim{}
	for _, c := range claims {
		if c.stated > top[c.fleet].stated {
			top[c.fleet] = c
		}
	}
	for _, c := range top {
		stated += c.stated / float64(len(top))
		if c.first {
			truly += 1 / float64(len(top))
		}
	}
	return stated, truly
}

// bin holds claims of about the same probability.
type bin struct {
	low, high    float64
	n            int
	stated, true float64 // means
}

// reliability sorts claims into bins.
func reliability(claims []claim) []bin {
	edges := []float64{0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1}
	var out []bin
	for i, low := range edges[:len(edges)-1] {
		b := bin{low: low, high: edges[i+1]}
		for _, c := range claims {
			if c.stated < b.low || c.stated >= b.high && b.high < 1 {
				continue
			}
			b.n++
			b.stated += c.stated
			if c.first {
				b.true++
			}
		}
		if b.n > 0 {
			b.stated, b.true = b.stated/float64(b.n), b.true/float64(b.n)
			out = append(out, b)
		}
	}
	return out
}
