package page

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/madefleet"
)

var one = madefleet.Shape{Machines: 1, Models: 1, Launches: 8, Epochs: 3, Limits: true}

// saidBy are the texts of the figures of records, and fails where a figure lacks its
// drawing or its numbers.
func saidBy(t *testing.T, records ...*record.Record) string {
	t.Helper()
	groups, err := figures(merged(t, fleet.Options{}, records...))
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for _, g := range groups {
		for _, at := range g.Figures {
			fmt.Fprintf(&said, "%s, %s: %s\n", g.Title, at.Title, at.Text)
			if !strings.Contains(string(at.SVG), "<path") || !strings.Contains(string(at.SVG), `role="img"`) || at.Text == "" {
				t.Errorf("%s, %s lacks its drawing or its text", g.Title, at.Title)
			}
		}
	}
	return said.String()
}

func wantSaid(t *testing.T, said string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(said, w) {
			t.Errorf("nothing says %q in\n%s", w, said)
		}
	}
}

func TestSweepAndHistory(t *testing.T) {
	records := append(madefleet.Sessions(one, 30, 15), madefleet.Sweep(one, []int{16, 32, 64, 128}, 128))
	wantSaid(t, saidBy(t, records...), "from batch 128 it runs out of memory", "From 2026-03-16 on it took", "The peak is 100 GFLOP/s (matrix product, float32)")
}

// The roof is the peak that the models are compared with, and not that of a precision in
// which none of them computes.
func TestRoof(t *testing.T) {
	r := madefleet.Records(one)[0]
	faster := r.Limits[0].Rates[0]
	faster.Name, faster.Value.Median = record.RateMatMul+"-bfloat16", 3e11
	r.Limits[0].Rates = append(r.Limits[0].Rates, faster)
	wantSaid(t, saidBy(t, r), "The peak is 100 GFLOP/s (matrix product, float32)")
	r.Runs[0].Roofline = nil
	wantSaid(t, saidBy(t, r), "The peak is 300 GFLOP/s (matrix product, bfloat16)")
}

// varied returns a record with a run for each change.
func varied(kind string, changes ...func(*record.Run)) *record.Record {
	r := madefleet.Records(one)[0]
	r.Plan.Kind = kind
	first := r.Runs[0]
	r.Runs = nil
	for _, change := range changes {
		run := first
		run.Launches = nil
		for _, l := range first.Launches {
			l.Epochs = append([]record.Epoch(nil), l.Epochs...)
			run.Launches = append(run.Launches, l)
		}
		change(&run)
		run.Summary, run.Warnings = stats.Summarize(&run)
		r.Runs = append(r.Runs, run)
	}
	return r
}

// longer makes all epochs of a run longer.
func longer(r *record.Run, factor float64) {
	for l := range r.Launches {
		for e := range r.Launches[l].Epochs {
			r.Launches[l].Epochs[e].Seconds *= factor
		}
	}
}

// threaded is a sweep of threads, which are not as fast as is ideal.
func threaded() *record.Record {
	var changes []func(*record.Run)
	for _, n := range []int{1, 2, 4} {
		changes = append(changes, func(r *record.Run) {
			r.Config.IntraOp = n
			longer(r, 1/float64(n)+0.25)
			for l := range r.Launches {
				r.Launches[l].Resolved.IntraOp = n
			}
		})
	}
	return varied(record.KindSweep, changes...)
}

func TestThreads(t *testing.T) {
	wantSaid(t, saidBy(t, threaded()), "On candidate-1 4 threads are 2.50× as fast as 1, the ideal would be 4.00×.")
}

// Runs that differ in another setting too are no points of one curve.
func TestCurvesOfOneSetting(t *testing.T) {
	at := func(threads, prefetch int) func(*record.Run) {
		return func(r *record.Run) {
			r.Config.IntraOp, r.Config.Prefetch = threads, prefetch
			longer(r, 1/float64(threads)+float64(prefetch))
			for l := range r.Launches {
				r.Launches[l].Resolved.IntraOp = threads
			}
		}
	}
	if said := saidBy(t, varied(record.KindTune, at(1, 0), at(2, 1))); strings.Contains(said, "threads are") {
		t.Errorf("of two runs that differ in two settings it is said: %s", said)
	}
	grid := varied(record.KindSweep, at(1, 0), at(2, 1), at(2, 0), at(1, 1))
	wantSaid(t, saidBy(t, grid), "On candidate-1, prefetch 0 2 threads are 2.00× as fast as 1", "On candidate-1, prefetch 1 2 threads are 1.33× as fast as 1")
}

func TestSides(t *testing.T) {
	r := varied(record.KindAB,
		func(r *record.Run) { r.Side = "A" },
		func(r *record.Run) { r.Side, r.Config.Batch = "B", 128; longer(r, 1.3) })
	wantSaid(t, saidBy(t, r), "Two sides compared", "slower, +30.0 %")
}

// throttled is a launch whose epochs become longer as its machine grows hot.
func throttled() *record.Record {
	return varied(record.KindRun, func(r *record.Run) {
		r.Launches = r.Launches[:1]
		l := &r.Launches[0]
		l.Epochs, l.Cold = nil, record.Cold{Start: 20}
		l.Readings = append(l.Readings, record.Reading{At: 19, Conditions: record.Conditions{Clock: 800, Temperature: 20}}) // before any epoch
		for e := range 120 {
			seconds := 1.0
			if e > 40 {
				seconds = 1.25
			}
			l.Epochs = append(l.Epochs, record.Epoch{Index: e, Start: float64(e), Seconds: seconds, Step: seconds, Steps: 1, Samples: 8})
			l.Readings = append(l.Readings, record.Reading{At: 20 + float64(e), Conditions: record.Conditions{Clock: 3000 - 5*float64(e), Temperature: 50 + float64(e)/4}})
		}
	})
}

func TestSustained(t *testing.T) {
	wantSaid(t, saidBy(t, throttled()), "120 epochs of 1 launch,", "takes 1.00 s per epoch in the first", "and 1.25 s in the last (+25.0 %", "clock: From 2405 MHz to 3000 MHz.", "temperature: From 50 °C to 79.75 °C.")
}

// A record without any launch of a model has no figures, and is no error.
func TestNoFigures(t *testing.T) {
	r := madefleet.Records(one)[0]
	r.Runs[0].Launches = nil
	if said := saidBy(t, r); said != "" {
		t.Errorf("figures of nothing say %s", said)
	}
}

// Labels of ticks do not stand upon each other, and none stands twice.
func TestTicksAt(t *testing.T) {
	for name, c := range map[string]struct {
		scale  plot.Normalizer
		values []int
		want   []string
	}{
		"doubles":      {plot.LogScale{}, []int{16, 32, 64, 128, 256}, []string{"16", "32", "64", "128", "256"}},
		"near another": {plot.LogScale{}, []int{32, 64, 100, 128, 256}, []string{"32", "64", "", "128", "256"}},
		"two sessions": {plot.LinearScale{}, []int{1, 2}, []string{"1", "2"}},
		"many":         {plot.LinearScale{}, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, []string{"1", "", "", "4", "", "", "7", "", "", "10", "", "", "13"}},
		"one":          {plot.LinearScale{}, []int{5}, []string{"5"}},
		"none":         {plot.LinearScale{}, nil, nil},
	} {
		a := plot.Axis{Scale: c.scale}
		ticksAt(&a, c.values, 4)
		var got []string
		if a.Tick.Marker != nil {
			for _, tick := range a.Tick.Marker.Ticks(0, 1) {
				got = append(got, tick.Label)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
