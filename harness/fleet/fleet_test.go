package fleet

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"epochtime/harness/price"
	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/hostile"
	"epochtime/internal/madefleet"
)

// sources names records by their ids.
func sources(records ...*record.Record) []Source {
	var out []Source
	for _, r := range records {
		out = append(out, Source{r.ID + ".json", r})
	}
	return out
}

func merged(t *testing.T, o Options, records ...*record.Record) *Fleet {
	t.Helper()
	f, err := Merge(sources(records...), o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// said reports whether one of the sentences has all parts.
func said(list []string, parts ...string) bool {
	return slices.ContainsFunc(list, func(s string) bool {
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(s, p) })
	})
}

var small = madefleet.Shape{Machines: 3, Models: 2, Launches: 8, Epochs: 3, Priced: true, Energy: true}

// Machines of their own types stand beside one another, the fastest first, and the only
// unit of each is said.
func TestMachines(t *testing.T) {
	f := merged(t, Options{}, madefleet.Records(small)...)
	if len(f.Units) != 3 || len(f.Machines) != 3 || len(f.Rows) != 2 || len(f.Overall) != 1 {
		t.Fatalf("%d units, %d machines, %d rows, %d rankings", len(f.Units), len(f.Machines), len(f.Rows), len(f.Overall))
	}
	if !said(f.Notes, "Only one unit of each machine") || !said(f.Notes, "one session on each machine") {
		t.Errorf("notes: %q", f.Notes)
	}
	sum := 0.0
	for i, p := range f.Overall[0].Places {
		sum += p.First
		if p.Rank < 1 || p.Relative > 1 || p.Relative <= 0 {
			t.Errorf("machine %d: %+v", i, p)
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("the probabilities of being first add up to %g", sum)
	}
	if p := f.Overall[0].Places[2]; p.Rank != 1 || p.First < 0.95 {
		t.Errorf("the fastest machine is %+v", p)
	}
}

// A cell of one session has the summary's own figures.
func TestCell(t *testing.T) {
	f := merged(t, Options{}, madefleet.Records(small)...)
	for _, r := range f.Rows {
		for i, c := range r.Cells {
			want := c.Runs[0].Summary
			got, ok := c.Seconds()
			if !ok || got != want.EpochSeconds || c.Level() != Launches || c.Memory() != want.PeakRSS {
				t.Errorf("%s on %s: %+v, want %+v", r.Name(), f.Machines[i].Name, got, want.EpochSeconds)
			}
			if v := c.ExamplesPerSecond(); math.Abs(v/want.ExamplesPerSecond-1) > 1e-9 {
				t.Errorf("%g examples/s, want %g", v, want.ExamplesPerSecond)
			}
			if cost, ok := c.Cost(); !ok || math.Abs(cost.Median/(got.Median/3600*f.Machines[i].Price.PerHour)-1) > 1e-9 {
				t.Errorf("an epoch costs %g", cost.Median)
			}
		}
	}
}

// Units of one type are one machine, and what they differ by is told apart from what
// launches differ by.
func TestUnits(t *testing.T) {
	records := madefleet.Records(small)
	for u := range 3 {
		twin := madefleet.Records(small)[0]
		twin.ID = fmt.Sprintf("twin%d", u)
		m := &twin.Machines[0]
		m.Hostname, m.ID, m.Name = fmt.Sprintf("twin%d", u), fmt.Sprintf("twin%d", u), fmt.Sprintf("twin-%d", u)
		scale(twin, 1+0.1*float64(u+1))
		records = append(records, twin)
	}
	f := merged(t, Options{}, records...)
	if len(f.Units) != 6 || len(f.Machines) != 3 || len(f.Machines[0].Units) != 4 {
		t.Fatalf("%d units, %d machines", len(f.Units), len(f.Machines))
	}
	c := f.Rows[0].Cells[0]
	s := f.Spread(0)
	if c.Level() != Units || s.Units < 3*s.Launches || !math.IsNaN(s.Sessions) {
		t.Errorf("level %d, spread %+v", c.Level(), s)
	}
	if i, _ := c.Seconds(); i.Known() {
		t.Errorf("four units have the interval %+v", i)
	}
	if said(f.Notes, "Only one unit", "candidate-1") || !said(f.Notes, "Only one unit", "candidate-2 and candidate-3") {
		t.Errorf("notes: %q", f.Notes)
	}
}

// scale makes all epochs of a record longer.
func scale(r *record.Record, factor float64) {
	for i := range r.Runs {
		r.Runs[i].Summary = nil
		for l := range r.Runs[i].Launches {
			for e := range r.Runs[i].Launches[l].Epochs {
				r.Runs[i].Launches[l].Epochs[e].Seconds *= factor
			}
		}
	}
}

// Where all machines are of one type they are ranked as units.
func TestOneType(t *testing.T) {
	a, b := madefleet.Records(small)[0], madefleet.Records(small)[0]
	b.ID = "other"
	b.Machines[0].Hostname, b.Machines[0].ID, b.Machines[0].Name = "other", "other", "other"
	f := merged(t, Options{}, a, b)
	if len(f.Machines) != 2 || !said(f.Notes, "of one type, so they are ranked as units") {
		t.Errorf("%d machines, %q", len(f.Machines), f.Notes)
	}
	if p := f.Overall[0].Places; p[0].Rank != 1 || p[1].Rank != 1 || !p[0].Tied(p) {
		t.Errorf("equal machines are not tied: %+v", p)
	}
}

// Launches of several sessions give no interval, though there are many, and a note says
// why.
func TestFewSessions(t *testing.T) {
	f := merged(t, Options{}, madefleet.Sessions(small, 2, 99)...)
	if i, _ := f.Rows[0].Cells[0].Seconds(); i.Known() || len(f.Rows[0].Cells[0].launches(seconds)) < stats.MinLaunches {
		t.Fatalf("two sessions have the interval %+v", i)
	}
	if !said(f.Notes, "an interval takes 6 sessions, however many launches each has") || said(f.Notes, "takes 6 launches") {
		t.Errorf("notes: %q", f.Notes)
	}
}

// Sessions of one unit are told apart.
func TestSessions(t *testing.T) {
	f := merged(t, Options{}, madefleet.Sessions(small, 4, 99)...)
	c := f.Rows[0].Cells[0]
	s := f.Spread(0)
	if len(f.Units) != 1 || len(c.Runs) != 4 || c.Level() != Sessions || math.IsNaN(s.Sessions) || !math.IsNaN(s.Units) {
		t.Errorf("%d units, %d runs, level %d, spread %+v", len(f.Units), len(c.Runs), c.Level(), s)
	}
}

// What cannot be ranked has no rank, and the reason.
func TestUnranked(t *testing.T) {
	dollars, unnamed, free, gift, failed, once := madefleet.Records(small), madefleet.Records(small), madefleet.Records(small), madefleet.Records(small), madefleet.Records(small), madefleet.Records(small)
	dollars[1].Machines[0].Price.Currency = "USD"
	unnamed[1].Machines[0].Price.Currency = price.NoCurrency
	free[1].Machines[0].Price = nil
	gift[1].Machines[0].Price.PerHour = 0
	for i := range failed[1].Runs[0].Launches {
		failed[1].Runs[0].Launches[i].Status = record.OOM
	}
	once[1].Runs[0].Launches = once[1].Runs[0].Launches[:1]
	for _, c := range []struct {
		what    string
		by      Measure
		records []*record.Record
		why     string
		note    []string
	}{
		{"two currencies", Cost, dollars, whyMixed, []string{"several currencies", "candidate-1 in EUR", "candidate-2 in USD"}},
		{"no currency", Cost, unnamed, whyMixed, []string{"candidate-1 in EUR", "candidate-2 without a currency"}},
		{"no price", Cost, free, whyPrice, nil},
		{"a price of 0", Cost, gift, whyFree, nil},
		{"failed launches", Time, failed, whyFailed, []string{"Not in the overall ranking", "of candidate-2: model-01."}},
		{"one launch", Time, once, whyOne, []string{"One launch only", "candidate-2"}},
	} {
		f := merged(t, Options{Rank: c.by}, c.records...)
		p := f.Rows[0].Places[1]
		if p.Rank != 0 || p.Why != c.why || !math.IsNaN(p.First) || c.note != nil && !said(f.Notes, c.note...) {
			t.Errorf("%s: %+v, notes %q", c.what, p, f.Notes)
		}
	}
	f := merged(t, Options{Rank: Energy}, madefleet.Records(madefleet.Shape{Machines: 2, Models: 1, Launches: 6, Epochs: 2})...)
	if p := f.Rows[0].Places[0]; p.Why != whyJoules {
		t.Errorf("energy that was not readable: %+v", p)
	}
}

// Cost and energy rank otherwise than time.
func TestMeasures(t *testing.T) {
	cost := merged(t, Options{Rank: Cost}, madefleet.Records(small)...)
	if p := cost.Overall[0].Places; p[0].Rank != 1 || p[2].Rank != 3 {
		t.Errorf("by cost: %+v", p)
	}
	if p := merged(t, Options{Rank: Energy}, madefleet.Records(small)...).Overall[0].Places; p[2].Rank != 1 {
		t.Errorf("by energy: %+v", p)
	}
}

// The validation behind an epoch is paid too, as in the views of one record.
func TestValidationIsPaid(t *testing.T) {
	records := madefleet.Records(small)
	for _, r := range records {
		for i := range r.Runs {
			for k := range r.Runs[i].Launches {
				for e := range r.Runs[i].Launches[k].Epochs {
					at := &r.Runs[i].Launches[k].Epochs[e]
					at.Validation = 3 * at.Seconds
				}
			}
			r.Runs[i].Summary, _ = stats.Summarize(&r.Runs[i])
		}
	}
	c := merged(t, Options{Rank: Cost}, records...).Rows[0].Cells[0]
	want, known := price.Of(records[0], &records[0].Runs[0])
	got, ok := c.Cost()
	if !known || !ok || math.Abs(got.Median/want.Epoch.Median-1) > 1e-9 {
		t.Errorf("an epoch costs %g, and %g in the record's own views", got.Median, want.Epoch.Median)
	}
	if million, ok := c.CostPerMillion(); !ok || math.Abs(million/want.Million.Median-1) > 1e-2 {
		t.Errorf("a million examples cost %g, and %g in the record's own views", million, want.Million.Median)
	}
}

// Graphs of one name that differ are refused with their records, or shown apart.
func TestDifferentGraphs(t *testing.T) {
	records := madefleet.Records(small)
	records[1].Runs[0].Graph.SHA256 = "ffff"
	_, err := Merge(sources(records...), Options{})
	if !errors.Is(err, ErrDifferent) || !said([]string{err.Error()}, "model-01", records[0].ID+".json", records[1].ID+".json", "measure the same exported folder") {
		t.Fatalf("got %v", err)
	}
	f := merged(t, Options{AllowDifferent: true}, records...)
	if len(f.Rows) != 3 || f.Rows[0].Title == f.Rows[2].Title && f.Rows[0].Title == f.Rows[1].Title {
		t.Fatalf("%d rows", len(f.Rows))
	}
	for _, r := range f.Rows {
		if len(r.Title) > len("model-01") && r.Cells[1] != nil && r.Cells[0] != nil {
			t.Errorf("%s ranks graphs that differ", r.Title)
		}
	}
}

// Doubtful records are warned of.
func TestWarnings(t *testing.T) {
	records := madefleet.Records(small)
	again := *records[0]
	incomplete := madefleet.Records(small)[1]
	incomplete.ID, incomplete.Status = "incomplete", record.Incomplete
	records[2].Machines[0].Name = records[1].Machines[0].Name
	incomplete.Started = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	incomplete.Runs[0].Launches[0].TensorFlow = "2.20.0"
	f := merged(t, Options{Now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}, append(records, &again, incomplete)...)
	for _, want := range [][]string{
		{"the same record as", "counts once"}, {"incomplete.json is incomplete"}, {"incomplete.json began 2030", "clock"},
		{"Two machines have the name candidate-2", "candidate-2 (2)"}, {"TensorFlow differs", "2.20.0", "2.21.0"},
	} {
		if !said(f.Warnings, want...) {
			t.Errorf("nothing says %q in %q", want, f.Warnings)
		}
	}
	if f.Units[1].Name == f.Units[2].Name {
		t.Errorf("two units are called %s", f.Units[1].Name)
	}
}

// A sweep's points are only in the row of the best settings, and a search's sides are
// its result.
func TestBest(t *testing.T) {
	given := madefleet.Records(small)[0]
	swept := madefleet.Sweep(small, []int{16, 64, 256, 1024}, 1024)
	other := madefleet.Records(small)[1]
	f := merged(t, Options{}, given, swept, other)
	var best *Row
	for _, r := range f.Rows {
		if r.Best {
			best = r
		}
	}
	if best == nil || len(f.Rows) != 3 || len(f.Overall) != 2 || !f.Overall[1].Best {
		t.Fatalf("%d rows, %d rankings", len(f.Rows), len(f.Overall))
	}
	if r := best.Cells[0].Runs[0]; r.Config.Batch != 256 {
		t.Errorf("the best batch is %d", r.Config.Batch)
	}
	if best.Cells[1] != f.Rows[0].Cells[1] {
		t.Error("a machine with one setting does not have it as its best")
	}
}

// What a search found stands beside the default, also where it is another export.
func TestSearch(t *testing.T) {
	r := madefleet.Records(madefleet.Shape{Machines: 1, Models: 3, Launches: 6, Epochs: 2})[0]
	r.Plan.Kind = record.KindTune
	r.Runs[0].Side, r.Runs[1].Side = "A", "B" // the last is a candidate
	for l := range r.Runs[1].Launches {
		for e := range r.Runs[1].Launches[l].Epochs {
			r.Runs[1].Launches[l].Epochs[e].Seconds /= 10
		}
	}
	f := merged(t, Options{}, r)
	if len(f.Rows) != 2 || f.Rows[0].Best || !f.Rows[1].Best || f.Rows[1].Title != "model-01" || f.Rows[1].Cells[0].Runs[0].Graph.Name != "model-02" {
		t.Errorf("%d rows: %+v", len(f.Rows), f.Rows)
	}
}

// Launches of one run on two machines count for each.
func TestSplit(t *testing.T) {
	r := madefleet.Records(small)[0]
	r.Machines = append(r.Machines, madefleet.Records(small)[1].Machines[0])
	for i := range r.Runs {
		for l := range r.Runs[i].Launches {
			r.Runs[i].Launches[l].Machine = l % 2
		}
	}
	f := merged(t, Options{}, r)
	if ok, all := f.Rows[0].Cells[1].Counts(); len(f.Machines) != 2 || ok != 4 || all != 4 {
		t.Errorf("%d machines, %d of %d launches", len(f.Machines), ok, all)
	}
}

// Records of every kind with hostile text are merged without a panic.
func TestKinds(t *testing.T) {
	for i, kind := range hostile.Kinds {
		f, err := Merge(sources(hostile.Record(kind, fmt.Sprintf("id%d", i))), Options{AllowDifferent: true})
		if err != nil || len(f.Sources) != 1 {
			t.Errorf("%s: %v", kind, err)
		}
	}
	empty := &record.Record{ID: "empty", Plan: record.Plan{Kind: record.KindRun}}
	if f := merged(t, Options{}, empty); !said(f.Notes, "no epoch times to rank") {
		t.Errorf("notes: %q", f.Notes)
	}
	if _, err := Merge(nil, Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("of nothing: %v", err)
	}
}

// Two values show 80 % of a standard deviation on average, ten 97 %; a variance moves
// towards the others', and a machine's own counts for more the better it is known.
func TestModerate(t *testing.T) {
	for freedom, want := range map[float64]float64{1: 0.7979, 2: 0.8862, 9: 0.9727} {
		if got := unbiased(freedom); math.Abs(got-want) > 1e-4 {
			t.Errorf("of %g degrees of freedom: %.4f, want %.4f", freedom, got, want)
		}
	}
	for freedom, want := range map[float64]float64{3: 1.3820, 4: 1.2533, 100: 1.0076} {
		if got := meanDeviation(freedom); math.Abs(got-want) > 1e-4 {
			t.Errorf("of %g degrees of freedom: the mean is %.4f, want %.4f", freedom, got, want)
		}
	}
	few := &sample{level: Launches, variance: 1, freedom: 1}
	many := &sample{level: Launches, variance: 4, freedom: 100}
	other := &sample{level: Units, variance: 9, freedom: 1}
	moderate([]*sample{few, nil, many, other})
	if few.variance < 1.5 || few.freedom != 1+shared || math.Abs(many.variance-4) > 0.1 || math.Abs(other.variance-9) > 2 {
		t.Errorf("%+v, %+v, %+v", few, many, other)
	}
}
