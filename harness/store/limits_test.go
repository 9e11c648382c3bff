package store

import (
	"slices"
	"testing"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// probed is a record of a probe with 2 threads that found a peak.
func probed(id string, hours, peak float64, changes ...func(*record.Record)) *record.Record {
	r := sample(id, "probe", hours, 1, 1)
	r.Plan.Kind = record.KindProbe
	r.Runs[0].Launches[0] = record.Launch{
		Status: record.OK, TensorFlow: "2.21.0", Resolved: record.Resolved{Device: "cpu", IntraOp: 2},
		Rates: []record.Rate{{Name: "matmul-float32", Unit: record.FlopPerSecond, Value: record.Interval{Median: peak}}},
	}
	for _, change := range changes {
		change(r)
	}
	r.Limits = stats.Limits(r)
	return r
}

// The limits of a machine are those of its newest probe, of the same TensorFlow, device
// and threads.
func TestLimits(t *testing.T) {
	s := fresh(t)
	of := record.Limits{Machine: 7, TensorFlow: "2.21.0", Device: "cpu", Threads: 2}
	if found, err := s.Limits(lab, of); found != nil || err != nil {
		t.Errorf("nothing was probed: %+v, %v", found, err)
	}
	launch := func(change func(*record.Launch)) func(*record.Record) {
		return func(r *record.Record) { change(&r.Runs[0].Launches[0]) }
	}
	add(
		t, s,
		probed("1", 0, 100),
		probed("2", 1, 200),
		probed("3", 2, 300, launch(func(l *record.Launch) { l.Resolved.IntraOp = 1 })),
		probed("4", 3, 400, launch(func(l *record.Launch) { l.TensorFlow = "2.22.0" })),
		probed("5", 4, 500, launch(func(l *record.Launch) { l.Resolved.Device = "gpu" })),
		probed("6", 5, 600, func(r *record.Record) { r.Machines[0].CPU = "another" }),
		probed("7", 6, 700, func(r *record.Record) { r.Status = record.Incomplete }),
		probed("8", 7, 800, func(r *record.Record) { r.Runs[0].Config.Env = map[string]string{"TF_ENABLE_ONEDNN_OPTS": "0"} }),
		sample("9", "probe", 8, 1, 6), // a graph of that name
	)
	found, err := s.Limits(lab, of)
	if err != nil || found == nil || found.Probed != "2" || found.Rates[0].Value.Median != 200 {
		t.Errorf("%+v, %v; want the second", found, err)
	}
	add(t, s, probed("a", 9, 900, func(r *record.Record) { r.Runs[0].Launches = slices.Repeat(r.Runs[0].Launches, stats.MinLaunches) }), probed("b", 10, 1000))
	if found, err := s.Limits(lab, of); err != nil || found == nil || found.Probed != "a" {
		t.Errorf("%+v, %v; want the one of many launches, not the newest", found, err)
	}
	of.Threads = 1
	if found, err := s.Limits(lab, of); err != nil || found == nil || found.Probed != "3" {
		t.Errorf("%+v, %v; want the third", found, err)
	}
	of.Device = "tpu"
	if found, err := s.Limits(lab, of); found != nil || err != nil {
		t.Errorf("%+v, %v; want none", found, err)
	}
}

// Neither a probe nor a search for a batch is in the trend of a graph.
func TestTrendOfEpochsAlone(t *testing.T) {
	s := fresh(t)
	largest := sample("3", "cnn", 2, 9, 1)
	largest.Plan.Kind = record.KindLargest
	add(t, s, sample("1", "cnn", 0, 1, 6), sample("2", "cnn", 1, 1, 6), largest, probed("4", 3, 100))
	trend, err := s.Trend(Filter{Graph: "cnn"})
	if err != nil || len(trend.Points) != 2 || trend.Others != 0 {
		t.Errorf("%+v, %v", trend, err)
	}
}
