package estimate

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// steady is a machine without noise.
var steady = truth{epoch: 2e-3, step: 1e-3, example: 1e-4}

func probed(t *testing.T, a record.Asked, blocks int) *record.Record {
	t.Helper()
	rec := steady.session(rand.New(rand.NewPCG(1, 1)), a, blocks)
	for i := range rec.Runs { // without noise in what is not the epoch
		for k := range rec.Runs[i].Launches {
			rec.Runs[i].Launches[k].Cold.Start = 0.2
		}
	}
	if err := Fill(rec); err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestCheck(t *testing.T) {
	for want, a := range map[string]record.Asked{
		"samples is 0":                   {Epochs: 1},
		"samples is -1":                  {Samples: -1, Epochs: 1},
		"epochs is 0":                    {Samples: 1},
		"samples is 1000000000000001":    {Samples: Most + 1, Epochs: 1},
		"epochs is 9223372036854775807":  {Samples: 1, Epochs: math.MaxInt},
		"batch is -32":                   {Samples: 1, Epochs: 1, Batch: -32},
		"batch is 9223372036854775807: ": {Samples: 1, Epochs: 1, Batch: math.MaxInt},
	} {
		if err := Check(a); !errors.Is(err, ErrAsked) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", a, err, want)
		}
	}
	if err := Check(record.Asked{Samples: Most, Epochs: Most}); err != nil {
		t.Error(err)
	}
}

// A training takes its cold start, with the data that grows and the first step of a short
// last batch, and all epochs.
func TestTotal(t *testing.T) {
	rec := probed(t, record.Asked{Samples: 1_000_010, Batch: 100, Epochs: 90}, 3)
	e := rec.Estimate
	// 0.2 + 0.1 + 0.05 s for start, load and first step; 0.05 for that of 10 examples; a
	// microsecond for each example; and the first epoch of a probe is longer by a fifth.
	least := 0.4 + 1e-6*1_000_010
	if c := e.Cold.Median; c < least || c > least+0.2 {
		t.Errorf("the cold start is %g s, want %g and a fifth of a probe's epoch", c, least)
	}
	if want := e.Cold.Median + 90*e.Epoch.Median; math.Abs(e.Total.Median/want-1) > 1e-9 {
		t.Errorf("the total is %g s, want %g", e.Total.Median, want)
	}
	if e.Steps != 10_001 {
		t.Errorf("%d steps", e.Steps)
	}
}

func TestCostAndEnergy(t *testing.T) {
	rec := probed(t, record.Asked{Samples: 100_000, Batch: 100, Epochs: 10}, 3)
	if e := rec.Estimate; e.Cost != nil || e.Joules != nil {
		t.Errorf("nothing has a price, or tells its energy: %+v, %+v", e.Cost, e.Joules)
	}
	rec.Machines[0].Price = &record.Price{PerHour: 36, Currency: "EUR"}
	for i := range rec.Runs {
		for k := range rec.Runs[i].Launches {
			l := &rec.Runs[i].Launches[k]
			examples := 3 * float64(l.Resolved.Samples)
			l.Energy = []record.Energy{
				{Domain: "package-0", Source: record.EnergyRAPL, Joules: 0.02 * examples, Epochs: 3},
				{Domain: record.DomainPlatform, Source: record.EnergyRAPL, Joules: 0.05 * examples, Epochs: 3}, // has that of the package in it
				{Domain: "gpu-0", Source: record.EnergyNVML, Joules: 0.01 * examples, Epochs: 3},
			}
		}
	}
	if err := Fill(rec); err != nil {
		t.Fatal(err)
	}
	e := rec.Estimate
	if e.Joules == nil || math.Abs(e.Joules.Median/3000-1) > 1e-6 {
		t.Errorf("energy: %+v, want 3000 J", e.Joules)
	}
	if e.Cost == nil || math.Abs(e.Cost.Total.Median/(0.01*e.Total.Median)-1) > 1e-9 || e.Cost.Currency != "EUR" {
		t.Errorf("cost: %+v of %g s", e.Cost, e.Total.Median)
	}
}

// What makes an answer doubtful is noted.
func TestNotes(t *testing.T) {
	rec := probed(t, record.Asked{Samples: 1_000_000_000, Batch: 256, Epochs: 1}, 3)
	rec.Machines[0].Cores, rec.Machines[0].MemoryBytes = 2, 1<<30
	rec.Runs[0].Launches[0].Before = &record.Conditions{Load: 9.5}
	if err := Fill(rec); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"9.5 threads wanted to run on 2 cores", "lab has less memory than that, 1 GiB", "more than 1000 times the longest probe"} {
		if !strings.Contains(strings.Join(rec.Estimate.Notes, "\n"), want) {
			t.Errorf("%q is not in %q", want, rec.Estimate.Notes)
		}
	}
}

// Where more examples take no more time, the reason says what to do.
func TestNoSlope(t *testing.T) {
	for asked, want := range map[int]string{1_000_000: "probe again with more launches", 10: "use run with the same settings, or ask for more examples"} {
		rec := probed(t, record.Asked{Samples: 1_000_000, Batch: 256, Epochs: 1}, 2)
		for _, r := range rec.Runs {
			for _, l := range r.Launches {
				for k := range l.Epochs {
					l.Epochs[k].Seconds = 1 / float64(l.Resolved.Samples)
				}
			}
		}
		rec.Estimate.Samples = asked
		if err := Fill(rec); !errors.Is(err, ErrProbes) || !strings.Contains(err.Error(), want) {
			t.Errorf("%d examples: %v", asked, err)
		}
	}
}

func TestFrom(t *testing.T) {
	rec := probed(t, record.Asked{Samples: 1_000_000, Batch: 256, Epochs: 1}, 3)
	got, err := From(rec, "a", record.Asked{Samples: 500_000, Batch: 128, Epochs: 2})
	if err != nil {
		t.Fatal(err)
	}
	e, want := got.Estimate, steady.seconds(128, 500_000)
	if math.Abs(e.Epoch.Median/want-1) > 0.01 || len(e.Between) != 2 || e.From != rec.ID || got.ID == rec.ID {
		t.Errorf("%+v, want %g s", e, want)
	}
	if !strings.Contains(e.Notes[0], "this is of lab") {
		t.Errorf("notes %q", e.Notes)
	}
	own := rec.Estimate.Epoch
	if wide, narrow := e.Epoch.High/record.Number(e.Epoch.Median), own.High/record.Number(own.Median); wide <= narrow {
		t.Errorf("from another session it is as sure as in its own: %g and %g", wide, narrow)
	}
	if e.Probed != rec.Estimate.Probed || e.Launches != rec.Estimate.Launches {
		t.Errorf("%d launches took %g s, and %d launches %g s in their own record", e.Launches, e.Probed, rec.Estimate.Launches, rec.Estimate.Probed)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	if _, again := From(got, "a", e.Asked); again != nil {
		t.Errorf("an answer from an answer: %v", again)
	}
}

// Probes of the best form of a graph answer for the graph, whose name is asked for again.
func TestFromBest(t *testing.T) {
	rec := probed(t, record.Asked{Samples: 1_000_000, Batch: 256, Epochs: 1}, 3)
	change(rec, func(r *record.Run) {
		r.Graph = record.Graph{Name: "cnn-jit", SHA256: "b"}
		r.Settings = &record.Settings{Name: record.SettingsBest, Graph: "a"}
	})
	for _, graph := range []string{"a", "b"} {
		if _, err := From(rec, graph, record.Asked{Samples: 500_000, Batch: 128, Epochs: 2}); err != nil {
			t.Errorf("of %s: %v", graph, err)
		}
	}
	if _, err := From(rec, "c", record.Asked{Samples: 500_000, Batch: 128, Epochs: 2}); !errors.Is(err, ErrProbes) {
		t.Errorf("of another graph: %v", err)
	}
}

func TestFromRefuses(t *testing.T) {
	asked := record.Asked{Samples: 500_000, Batch: 128, Epochs: 2}
	for want, change := range map[string]func(*record.Record){
		"of the kind run": func(r *record.Record) { r.Plan.Kind = record.KindRun },
		"of another graph, cnn, or of another export":   func(r *record.Record) { change(r, func(run *record.Run) { run.Graph.SHA256 = "b" }) },
		"it takes epochs of two lengths":                func(r *record.Record) { r.Runs = r.Runs[:2] },
		"batches of 256 to 256 were probed, and 128 is": func(r *record.Record) { r.Runs = r.Runs[:3] },
		"its launches are of several machines": func(r *record.Record) {
			r.Machines = append(r.Machines, record.Machine{Hostname: "other"})
			r.Runs[2].Launches[0].Machine = 1
		},
		"from thread-pool to caller-thread": func(r *record.Record) {
			change(r, func(run *record.Run) {
				if run.Config.Batch != 64 {
					for k := range run.Launches {
						run.Launches[k].Resolved.Executor = record.CallerThread
					}
				}
			})
			for i := range r.Runs {
				if r.Runs[i].Config.Batch == 64 {
					for k := range r.Runs[i].Launches {
						r.Runs[i].Launches[k].Resolved.Executor = record.ThreadPool
					}
				}
			}
		},
		"it takes epochs of two lengths at the same batch": func(r *record.Record) { change(r, func(run *record.Run) { run.Launches = nil }) },
	} {
		rec := probed(t, record.Asked{Samples: 1_000_000, Batch: 256, Epochs: 1}, 3)
		change(rec)
		if _, err := From(rec, "a", asked); !errors.Is(err, ErrProbes) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	rec := probed(t, record.Asked{Samples: 1_000_000, Batch: 256, Epochs: 1}, 3)
	if _, err := From(rec, "a", record.Asked{Samples: 0, Batch: 256, Epochs: 1}); !errors.Is(err, ErrAsked) {
		t.Error(err)
	}
	if _, err := From(nil, "a", asked); !errors.Is(err, ErrProbes) {
		t.Error(err)
	}
}

func change(r *record.Record, of func(*record.Run)) {
	for i := range r.Runs {
		of(&r.Runs[i])
	}
}

// A record that a person changed, or launches that say nonsense, lead to an error or an
// answer that can be kept, never to a panic.
func TestNonsense(t *testing.T) {
	for name, change := range map[string]func(*record.Launch){
		"no steps": func(l *record.Launch) { l.Resolved.Steps, l.Resolved.Batch = 0, 0 },
		"no time":  func(l *record.Launch) { l.Epochs[1].Seconds, l.Epochs[2].Seconds, l.Epochs[3].Seconds = 0, 0, 0 },
		"next to none": func(l *record.Launch) {
			l.Epochs[1].Seconds, l.Epochs[2].Seconds, l.Epochs[3].Seconds = 5e-324, 5e-324, 5e-324
		},
		"very long":     func(l *record.Launch) { l.Epochs[1].Seconds = 1e300 },
		"less for more": func(l *record.Launch) { l.Epochs[1].Seconds = 1 / float64(l.Resolved.Samples) },
		"a huge batch":  func(l *record.Launch) { l.Resolved.Batch = math.MaxInt },
	} {
		rec := probed(t, record.Asked{Samples: 1_000_000, Batch: 256, Epochs: 2}, 2)
		for i := range rec.Runs {
			for k := range rec.Runs[i].Launches {
				change(&rec.Runs[i].Launches[k])
			}
		}
		err := Fill(rec)
		if (err != nil) != (rec.Estimate.Reason != "") {
			t.Errorf("%s: %v, and %q", name, err, rec.Estimate.Reason)
		}
		if err := rec.Validate(); err != nil {
			t.Errorf("%s: what was filled in cannot be kept: %v", name, err)
		}
	}
}

func TestAgainst(t *testing.T) {
	known := func(median, low, high float64) record.Interval {
		return record.Interval{Median: median, Low: record.Number(low), High: record.Number(high), Confidence: 0.9}
	}
	for _, c := range []struct {
		estimated, measured record.Interval
		err, beyond         float64
		within              bool
	}{
		{known(11, 9, 13), known(10, 9.5, 10.5), 0.1, 0.05, true},
		{known(10.2, 9, 13), known(10, 9.5, 10.5), 0.02, 0, true},
		{known(8, 7, 9), known(10, 9.5, 10.5), -0.2, 0.15, false},
		{known(8, 7, 9), record.Interval{Median: 10}, -0.2, 0.2, false},
		{known(8, 7, 9), record.Interval{}, 0, 0, false},
	} {
		err, beyond, within := Against(c.estimated, c.measured)
		if math.Abs(err-c.err) > 1e-9 || math.Abs(beyond-c.beyond) > 1e-9 || within != c.within {
			t.Errorf("%+v against %+v: %g, %g, %v", c.estimated, c.measured, err, beyond, within)
		}
	}
}
