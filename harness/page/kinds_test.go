package page

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/internal/madefleet"
)

// of returns the only number of a figure in a row of the page, and its text.
func of(t *testing.T, list []shown, row, figure string) ([]float64, string) {
	t.Helper()
	at := slices.IndexFunc(list, func(s shown) bool { return s.Row == row && s.Figure == figure })
	if at < 0 {
		t.Fatalf("no row %q has a number of %s", row, figure)
	}
	var out []float64
	for _, v := range strings.Fields(list[at].Value) {
		x, err := strconv.ParseFloat(v, 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	if !showsIt(list[at].Text, out) {
		t.Errorf("%s, %s: %q does not show %v", row, figure, list[at].Text, out)
	}
	return out, list[at].Text
}

func wantNear(t *testing.T, what string, got []float64, want ...float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
	for i := range got {
		if math.Abs(got[i]/want[i]-1) > 1e-6 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
}

// Records of kinds other than runs show what they found, as the records have it.
func TestNumbersOfKinds(t *testing.T) {
	factors, estimate := madefleet.Factors(one), madefleet.Estimate(one)
	f := merged(t, fleet.Options{}, factors, estimate, madefleet.Largest(one, 4096, 4352))
	ctx := open(t, f)
	list := evaluate[[]shown](t, ctx, numbers)

	var each []float64 // the made launches have a block each
	for l := range factors.Runs[0].Launches {
		a, b := factors.Runs[0].Launches[l].Epochs[1:], factors.Runs[1].Launches[l].Epochs[1:]
		seconds := func(e []record.Epoch) float64 { return medianOf([]float64{e[0].Seconds, e[1].Seconds, e[2].Seconds}) }
		each = append(each, seconds(b)/seconds(a))
	}
	got, _ := of(t, list, "batch 64→256", "effect")
	if got[0] < slices.Min(each) || got[0] > slices.Max(each) {
		t.Errorf("the effect is %g, of ratios %v", got[0], each)
	}
	within, _ := of(t, list, "batch 64→256", "effect-interval")
	if within[0] < slices.Min(each)-1e-9 || within[1] > slices.Max(each)+1e-9 || within[0] > got[0] || within[1] < got[0] {
		t.Errorf("its interval is %v, of ratios %v", within, each)
	}
	got, _ = of(t, list, "batch 64→256", "effect-time")
	wantNear(t, "the time", got, medianOf(launchMedians(factors.Runs[1])))

	for row, want := range map[string]struct {
		figure string
		i      record.Interval
	}{
		"an epoch": {"estimate-epoch", estimate.Estimate.Epoch}, "10 epochs with the cold start": {"estimate-total", estimate.Estimate.Total},
		"peak memory": {"estimate-memory", *estimate.Estimate.Memory}, "energy of an epoch": {"estimate-joules", *estimate.Estimate.Joules},
		"cost of an epoch": {"estimate-cost", estimate.Estimate.Cost.PerEpoch}, "cost of all": {"estimate-cost-all", estimate.Estimate.Cost.Total},
	} {
		got, _ := of(t, list, row, want.figure)
		wantNear(t, row, got, want.i.Median)
		got, _ = of(t, list, row, want.figure+"-interval")
		wantNear(t, row, got, float64(want.i.Low), float64(want.i.High))
	}
	got, _ = of(t, list, "model-01", "largest-batch")
	wantNear(t, "the largest batch", got, 4096)
}

// What failed, was left out or is the reason of nothing is said.
func TestKindsSaid(t *testing.T) {
	unknown := madefleet.Estimate(one)
	unknown.ID, unknown.Estimate.Reason = "unknown", "no probe worked"
	swept := madefleet.Sweep(one, []int{16, 64}, 128)
	text := written(t, merged(t, fleet.Options{}, madefleet.Factors(one), unknown, swept, madefleet.Largest(one, 4096, 4352)))
	wantSaid(t, text, "batch 64→4096</th", "failed", "Left out: width: its function takes none.", "no probe worked", "from batch 4,352 it runs out of memory", "model-01 trains at batch 4,096",
		`href="#effects"`, `href="#estimates"`, "What each change does")
	if strings.Contains(written(t, merged(t, fleet.Options{}, swept)), `id="effects"`) {
		t.Error("there is a section of effects without any")
	}
}

// Default and best settings stand side by side on each machine, with the search that
// found them.
func TestBestsSideBySide(t *testing.T) {
	shape := madefleet.Shape{Machines: 2, Models: 2, Launches: 6, Epochs: 3}
	f := merged(t, fleet.Options{}, madefleet.Known(shape, 0.5)...)
	table := bests(f)
	if len(table.Rows) != 4 {
		t.Fatalf("%d rows", len(table.Rows))
	}
	for i, r := range table.Rows {
		run := f.Sources[i%2].Record.Runs[2*(i/2)]
		best := f.Sources[i%2].Record.Runs[2*(i/2)+1]
		if r.Head != run.Graph.Name || r.Sub != "on "+f.Machines[i%2].Name {
			t.Errorf("row %d is %s %s", i, r.Head, r.Sub)
		}
		if r.Cells[0].Value != full(medianOf(launchMedians(run))) || r.Cells[1].Value != full(medianOf(launchMedians(best))) {
			t.Errorf("row %d: %+v", i, r.Cells[:2])
		}
		if !strings.HasPrefix(r.Cells[2].Text, "−4") || r.Cells[2].Sub == "" || r.Cells[3].Text != "batch 64" ||
			r.Cells[4].Text != "batch 64, as "+run.Graph.Name+"-jit, inter-op 1" || r.Cells[4].Sub != "from tune @5ea2c400 of 2026-02-28" {
			t.Errorf("row %d: %+v", i, r.Cells)
		}
	}
	wantSaid(t, written(t, f), "Default and best settings side by side", "model-01, best settings by machine")
	if bests(merged(t, fleet.Options{}, madefleet.Records(shape)...)) != nil {
		t.Error("there is a table of best settings without any")
	}
}

// A machine whose only times are of settings that were tried has them in its headline, and
// two settings of a model are told apart.
func TestHeadlineOfTried(t *testing.T) {
	said := written(t, merged(t, fleet.Options{}, madefleet.Sweep(one, []int{16, 64}, 128)))
	if !strings.Contains(said, "An epoch on candidate-1 takes: model-01, best settings ") {
		t.Errorf("a sweep has the headline %.120q", said[strings.Index(said, "<h1>"):])
	}
	two := varied(record.KindRun, func(*record.Run) {}, func(r *record.Run) { r.Config.Batch = 128 })
	said = written(t, merged(t, fleet.Options{}, two))
	for _, want := range []string{"model-01, batch 64 ", "model-01, batch 128 "} {
		if line, _, _ := strings.Cut(said[strings.Index(said, "<h1>"):], "</h1>"); !strings.Contains(line, want) {
			t.Errorf("the headline is %q, want %q in it", line, want)
		}
	}
}

// What bounds an epoch is named, or what is least known of it.
func TestBounds(t *testing.T) {
	shape := one
	for _, c := range []struct {
		bound, text, sub string
	}{
		{record.BoundCompute, "arithmetic", "at least arithmetic 61 %"},
		{"", "not told apart", "at least arithmetic 61 %, waiting for batches 20 %"},
	} {
		r := madefleet.Records(shape)[0]
		r.Runs[0].Roofline.Bound = c.bound
		r.Runs[0].Roofline.Shares = []record.Share{{Of: record.BoundCompute, Share: 0.61}, {Of: record.BoundFeeding, Share: 0.2}}
		if got := bounds(merged(t, fleet.Options{}, r).Rows[0].Cells[0]); got.Text != c.text || got.Sub != c.sub {
			t.Errorf("%q is shown as %+v", c.bound, got)
		}
	}
	shape.Limits = false
	if got := bounds(merged(t, fleet.Options{}, madefleet.Records(shape)...).Rows[0].Cells[0]); got.Text != dash {
		t.Errorf("without limits it is %+v", got)
	}
}

// Of several probes of a unit the newest is shown, and apart where they are of different
// numbers of threads.
func TestLimitsNewest(t *testing.T) {
	records := madefleet.Sessions(one, 2, 9)
	records[1].Limits[0].Rates[0].Value.Median *= 2
	f := merged(t, fleet.Options{}, records[1], records[0])
	rows := limitRows(f)
	if len(rows) != 3 || rows[0].Head != "probed: matrix product, float32" || rows[0].Cells[0].Value != full(2e11) {
		t.Errorf("%d rows: %+v", len(rows), rows)
	}
	records[0].Limits[0].Threads = 1
	rows = limitRows(merged(t, fleet.Options{}, records...))
	if len(rows) != 6 || rows[0].Head != "probed: matrix product, float32 (cpu, 1 thread, TensorFlow 2.21.0)" {
		t.Errorf("%d rows: %+v", len(rows), rows)
	}
}

func written(t *testing.T, f *fleet.Fleet) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The headline of one machine has each model once, with its best settings behind it.
func TestHeadlineAlone(t *testing.T) {
	f := merged(t, fleet.Options{}, madefleet.Known(madefleet.Shape{Machines: 1, Models: 4, Launches: 6, Epochs: 3}, 0.5)...)
	said := written(t, f)
	at := strings.Index(said, "An epoch on candidate-1 takes: model-01 ")
	if at < 0 {
		t.Fatal("there is no headline")
	}
	line, _, _ := strings.Cut(said[at:], "<")
	if strings.Count(line, "model-01") != 1 || strings.Count(line, " at best settings)") != 3 || !strings.HasSuffix(line, ", and one more model") {
		t.Errorf("the headline is %q", line)
	}
}
