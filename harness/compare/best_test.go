package compare

import (
	"slices"
	"testing"

	"epochtime/harness/record"
)

// searchedRecord is of a search that confirmed its winner, run 1, which takes so many
// seconds where the default takes one.
func searchedRecord(seconds float64) *record.Record {
	fast := func() record.Run {
		r := runOf("cnn", steady(10, seconds)...)
		r.Config.Executor = record.CallerThread
		return r
	}
	a, b := runOf("cnn", steady(10, 1)...), fast()
	a.Side, b.Side = "A", "B"
	r := recordOf("t", runOf("cnn", steady(3, 1)...), fast(), a, b)
	r.Plan = record.Plan{Kind: record.KindTune, Blocks: 10, Threshold: 0.05}
	r.Runs[0].Summary = new(record.Summary)
	return r
}

func TestBestOf(t *testing.T) {
	for name, c := range map[string]struct {
		seconds float64
		change  func(*record.Record)
		known   bool
		changes []string
	}{
		"faster":         {0.5, nil, true, []string{"executor=caller-thread"}},
		"the same":       {1, nil, true, nil},
		"another kind":   {0.5, func(r *record.Record) { r.Plan.Kind = record.KindAB }, false, nil},
		"interrupted":    {0.5, func(r *record.Record) { r.Status = record.Incomplete }, false, nil},
		"not confirmed":  {0.5, func(r *record.Record) { r.Runs = r.Runs[:2] }, false, nil},
		"too few":        {0.5, func(r *record.Record) { r.Runs[3].Launches = r.Runs[3].Launches[:2] }, false, nil},
		"one failed":     {0.5, func(r *record.Record) { r.Runs[3].Launches[2].Status = record.OOM }, false, nil},
		"default failed": {0.5, func(r *record.Record) { r.Runs[0].Summary = nil }, false, nil},
		"no runs":        {0.5, func(r *record.Record) { r.Runs = nil }, false, nil},
		"default wins":   {2, func(r *record.Record) { r.Runs = r.Runs[:2]; r.Runs[1].Launches = r.Runs[1].Launches[:1] }, true, nil},
		"little tried":   {2, func(r *record.Record) { r.Runs = r.Runs[:2]; r.Runs[1].Launches = nil }, false, nil},
		"of no TensorFlow": {0.5, func(r *record.Record) {
			for i := range r.Runs[1].Launches {
				r.Runs[1].Launches[i].TensorFlow = ""
			}
		}, false, nil},
	} {
		r := searchedRecord(c.seconds)
		if c.change != nil {
			c.change(r)
		}
		b, ok := BestOf(r)
		if ok != c.known {
			t.Errorf("%s: known %v", name, ok)
			continue
		}
		if ok && (!slices.Equal(b.Changes(), c.changes) || b.IsDefault() != (c.changes == nil) || b.Machine.Hostname != "node7" || b.TensorFlow != "2.21.0") {
			t.Errorf("%s: %q, %+v", name, b.Changes(), b)
		}
	}
	if _, ok := BestOf(nil); ok {
		t.Error("nothing has best settings")
	}
}
