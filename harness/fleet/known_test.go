package fleet

import (
	"fmt"
	"math"
	"testing"
	"time"

	"epochtime/harness/record"
	"epochtime/internal/madefleet"
)

// The best settings that were known stand beside the default ones of their model, also
// where they are another export, and with the search that found them.
func TestKnown(t *testing.T) {
	f := merged(t, Options{}, madefleet.Known(small, 0.5)...)
	if len(f.Rows) != 4 || len(f.Overall) != 2 {
		t.Fatalf("%d rows, %d rankings", len(f.Rows), len(f.Overall))
	}
	base, best := f.Rows[0], f.Rows[1]
	if base.Best || !best.Best || best.Title != "model-01" || best.Beside != base {
		t.Fatalf("%+v, %+v", base, best)
	}
	for i, g := range best.Gains() {
		if g == nil || math.Abs(g.Ratio.Median-0.5) > 0.01 || !g.Ratio.Known() || g.Best.Runs[0].Graph.Name != "model-01-jit" {
			t.Fatalf("machine %d: %+v", i, g)
		}
		if s, ok := f.SearchOf(g.Best.Runs[0]); !ok || s.ID != fmt.Sprintf("5ea2c400%d", i) {
			t.Errorf("found by %+v", s)
		}
		if s, ok := f.SearchOf(g.Default.Runs[0]); ok {
			t.Errorf("the default was found by %+v", s)
		}
	}
}

// Best settings that were measured again are the best ones, and not the fastest of
// all, which chance has its part in; where nothing is faster they are the default's.
func TestKnownSlower(t *testing.T) {
	known := madefleet.Known(madefleet.Shape{Machines: 1, Models: 1, Launches: 6, Epochs: 2}, 1.2)[0]
	f := merged(t, Options{}, known)
	if r := f.Rows[1]; !r.Best || r.Cells[0].Runs[0].Graph.Name != "model-01-jit" {
		t.Errorf("the best settings are of %+v", r.Cells[0].Runs[0].Graph)
	}
	known.Runs[1].Graph, known.Runs[1].Config = known.Runs[0].Graph, known.Runs[0].Config
	f = merged(t, Options{}, known)
	if len(f.Rows) != 2 || len(f.Rows[0].Cells[0].Runs) != 1 || f.Rows[1].Cells[0].Runs[0].Role != Best {
		t.Errorf("%d rows, the first of %d runs", len(f.Rows), len(f.Rows[0].Cells[0].Runs))
	}
}

// A record of the best settings alone has a row, with those of a machine that has the
// default.
func TestKnownAlone(t *testing.T) {
	records := madefleet.Known(madefleet.Shape{Machines: 2, Models: 1, Launches: 6, Epochs: 2}, 0.5)
	records[0].Runs = records[0].Runs[1:]
	f := merged(t, Options{}, records[0])
	if len(f.Rows) != 1 || !f.Rows[0].Best || f.Rows[0].Beside != nil || f.Rows[0].Gains()[0] != nil {
		t.Fatalf("%d rows", len(f.Rows))
	}
	f = merged(t, Options{}, records...)
	if len(f.Rows) != 2 || f.Rows[1].Title != "model-01" || f.Rows[1].Cells[0] == nil || f.Rows[1].Gains()[0] != nil || f.Rows[1].Gains()[1] == nil {
		t.Errorf("%d rows: %+v", len(f.Rows), f.Rows[len(f.Rows)-1])
	}
}

// The default of an experiment counts as a run, what it changes as tried settings, and
// a graph that is less work not at all.
func TestFactors(t *testing.T) {
	r := madefleet.Factors(madefleet.Shape{Machines: 1, Models: 1, Launches: 6, Epochs: 2})
	narrow := r.Runs[1]
	narrow.Factor, narrow.Graph.SHA256, narrow.Config.Batch = &record.Factor{Name: "width", From: "2", To: "1"}, "less", 512
	r.Runs = append(r.Runs, narrow)
	f := merged(t, Options{}, r)
	if len(f.Rows) != 2 || f.Rows[0].Best || f.Rows[0].Cells[0].Runs[0].Config.Batch != 64 || f.Rows[1].Cells[0].Runs[0].Config.Batch != 256 {
		t.Errorf("%d rows: %+v", len(f.Rows), f.Rows)
	}
	for _, run := range f.Runs() {
		if run.Graph.SHA256 == "less" {
			t.Error("a narrower graph is among the tried settings")
		}
	}
}

// The largest batch is a fact of the models whose graph it is of, the newest one, and its
// launches tell no time.
func TestLargest(t *testing.T) {
	given := madefleet.Records(small)
	old, new := madefleet.Largest(small, 512, 600), madefleet.Largest(small, 1024, 1100)
	old.ID, new.Started = "old", new.Started.Add(time.Hour)
	f := merged(t, Options{}, append(given, new, old)...)
	if len(f.Rows) != 2 {
		t.Fatalf("%d rows", len(f.Rows))
	}
	if c := f.Rows[0].Cells[0]; c.Largest == nil || c.Largest.Fits.Config.Batch != 1024 || len(c.Runs) != 1 {
		t.Errorf("%+v", c)
	}
	if f.Rows[0].Cells[1].Largest != nil || f.Rows[1].Cells[0].Largest != nil {
		t.Error("another machine or model has it too")
	}
}

// Energy of examples, and how near runs are to their machine's limits.
func TestEnergyAndRooflines(t *testing.T) {
	shape := small
	shape.Limits = true
	for _, r := range merged(t, Options{}, madefleet.Records(shape)...).Rows {
		for _, c := range r.Cells {
			joules, _ := c.Joules()
			if million, ok := c.JoulesPerMillion(); !ok || math.Abs(million.Median*8192/1e6/joules.Median-1) > 1e-9 {
				t.Errorf("%g J a million examples, %g J an epoch", million.Median, joules.Median)
			}
			if list := c.Rooflines(); len(list) != 1 || list[0].Utilized.Median <= 0 {
				t.Errorf("%d rooflines", len(list))
			}
		}
	}
}
