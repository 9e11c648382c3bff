package madefleet

import (
	"fmt"
	"math"
	"math/rand/v2"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Known returns a record for each machine, of a run of all models with their default
// settings and the best ones. The best are another export, which takes the share of the
// default's time that ratio names.
func Known(s Shape, ratio float64) []*record.Record {
	out := Records(s)
	for i, r := range out {
		r.ID = "known" + r.ID
		var runs []record.Run
		for _, base := range r.Runs {
			sha := base.Graph.SHA256
			best := copied(base)
			base.Settings = &record.Settings{Name: record.SettingsDefault, Graph: sha}
			best.Settings = &record.Settings{Name: record.SettingsBest, Graph: sha, From: fmt.Sprintf("5ea2c400%d", i), Found: began.AddDate(0, 0, -1)}
			best.Graph.Name, best.Graph.SHA256, best.Config.InterOp = base.Graph.Name+"-jit", "b"+sha[1:], 1
			scale(&best, ratio)
			runs = append(runs, base, best)
		}
		r.Runs = runs
	}
	return out
}

// Factors returns a record of factors on the first machine: the default, a larger batch
// that takes half the time, and one that runs out of memory.
func Factors(s Shape) *record.Record {
	m := maker{s, rand.New(rand.NewPCG(2, 2)), 0}
	r := m.record(0, 0, m.model)
	r.ID, r.Plan.Kind, r.Plan.LeftOut = "madefactors", record.KindFactors, []string{"width: its function takes none"}
	base := r.Runs[0]
	larger, failed := copied(base), copied(base)
	larger.Factor, larger.Config.Batch = &record.Factor{Name: "batch", From: "64", To: "256"}, 256
	scale(&larger, 0.5)
	failed.Factor, failed.Config.Batch = &record.Factor{Name: "batch", From: "64", To: "4096"}, 4096
	for i := range failed.Launches {
		l := &failed.Launches[i]
		l.Status, l.Reason, l.Epochs = record.OOM, "the memory limit was reached", nil
	}
	failed.Summary, failed.Warnings = stats.Summarize(&failed)
	r.Runs = []record.Run{base, larger, failed}
	return r
}

// Largest returns a record of a search for the largest batch on the first machine, which
// trains at fits and not at fails.
func Largest(s Shape, fits, fails int) *record.Record {
	m := maker{s, rand.New(rand.NewPCG(3, 3)), 0}
	r := m.record(0, 0, m.model)
	r.ID, r.Plan.Kind, r.Plan.Most = "madelargest", record.KindLargest, 1<<20
	first := r.Runs[0]
	r.Runs = nil
	for _, batch := range []int{fits, fails} {
		run := copied(first)
		run.Command, run.Config.Batch, run.Config.MemoryLimit = nil, batch, 1<<30
		run.Launches = run.Launches[:1]
		run.Launches[0].Resolved.Batch = batch
		if batch == fails {
			run.Launches[0].Status, run.Launches[0].Reason, run.Launches[0].Epochs = record.OOM, "the memory limit was reached", nil
		}
		run.Summary, run.Warnings = stats.Summarize(&run)
		r.Runs = append(r.Runs, run)
	}
	return r
}

// Estimate returns a record of an estimate on the first machine.
func Estimate(s Shape) *record.Record {
	m := maker{s, rand.New(rand.NewPCG(4, 4)), 0}
	r := m.record(0, 0, m.model)
	about := func(v float64) record.Interval {
		return record.Interval{Median: v, Low: record.Number(0.9 * v), High: record.Number(1.1 * v), Confidence: 0.95}
	}
	memory, joules := about(1<<30), about(250)
	r.ID, r.Plan.Kind, r.Runs = "madeestimate", record.KindEstimate, r.Runs[:1]
	r.Estimate = &record.Estimate{
		Asked: record.Asked{Samples: 1200000, Batch: 64, Epochs: 10}, Steps: 18750, Epoch: about(8), Total: about(81), Cold: about(1), Memory: &memory, Joules: &joules,
		Cost: &record.Cost{PerEpoch: about(0.002), Total: about(0.02), Currency: "EUR"}, Launches: 6, Probed: 12, Furthest: 20,
	}
	return r
}

// copied returns a run whose launches and epochs are its own.
func copied(r record.Run) record.Run {
	r.Launches = append([]record.Launch(nil), r.Launches...)
	for i := range r.Launches {
		r.Launches[i].Epochs = append([]record.Epoch(nil), r.Launches[i].Epochs...)
	}
	return r
}

// scale makes all epochs of a run longer.
func scale(r *record.Run, factor float64) {
	for l := range r.Launches {
		for e := range r.Launches[l].Epochs {
			at := &r.Launches[l].Epochs[e]
			// A little more in one launch, a little less in the next.
			at.Seconds *= factor * math.Exp(0.01*float64(l%2))
		}
	}
	r.Summary, r.Warnings = stats.Summarize(r)
}
