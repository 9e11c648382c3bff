package record

import (
	"math"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	if err := full().Validate(); err != nil {
		t.Fatal(err)
	}
	launch := func(change func(*Launch)) func(*Record) {
		return func(r *Record) { change(&r.Runs[0].Launches[0]) }
	}
	epoch := func(change func(*Epoch)) func(*Record) {
		return launch(func(l *Launch) { change(&l.Epochs[0]) })
	}
	for _, c := range []struct {
		want   string
		change func(*Record)
	}{
		{"schema: it is 2", func(r *Record) { r.Schema = 2 }},
		{"id: it is empty", func(r *Record) { r.ID = "" }},
		{`id: "a/b" is none`, func(r *Record) { r.ID = "a/b" }},
		{`id: "a\n" is none`, func(r *Record) { r.ID = "a\n" }},
		{`id: "\x1b[2Ja" is none`, func(r *Record) { r.ID = "\x1b[2Ja" }},
		{"an id is at most 64", func(r *Record) { r.ID = strings.Repeat("a", 65) }},
		{`status: "" is neither`, func(r *Record) { r.Status = "" }},
		{`plan.kind: "" is not one of`, func(r *Record) { r.Plan.Kind = "" }},
		{"plan: -1 is not a time", func(r *Record) { r.Plan.MaxTime = -1 }},
		{`runs[0] ("cnn").config.feed: "" is neither "batches" nor "resident"`, func(r *Record) { r.Runs[0].Config.Feed = "" }},
		{`status: "done" is neither`, func(r *Record) { r.Status = "done" }},
		{`plan.kind: "guess"`, func(r *Record) { r.Plan.Kind = "guess" }},
		{`runs[0] ("").graph.name: it is empty`, func(r *Record) { r.Runs[0].Graph.Name = "" }},
		{`runs[0] ("cnn").side: "C"`, func(r *Record) { r.Runs[0].Side = "C" }},
		{"config: a count is negative", func(r *Record) { r.Runs[0].Config.Batch = -32 }},
		{`launches[0].status: "fine" is not one of`, launch(func(l *Launch) { l.Status = "fine" })},
		{"launches[0].machine: 2, and the record holds 2", launch(func(l *Launch) { l.Machine = 2 })},
		{"launches[0].machine: -1", launch(func(l *Launch) { l.Machine = -1 })},
		{"order and block: 3 and -1", launch(func(l *Launch) { l.Order, l.Block = 3, -1 })},
		{"cold: -1.5 is not a time", launch(func(l *Launch) { l.Cold.Load = -1.5 })},
		{"machines[0]: price: -2 is negative: a price is 0 or more", func(r *Record) { r.Machines[0].Price.PerHour = -2 }},
		{"machines[0]: price: it has no currency", func(r *Record) { r.Machines[0].Price.Currency = "" }},
		{"machines[0]: a count is negative", func(r *Record) { r.Machines[0].Sockets = -1 }},
		{"machines[0]: gpus: -700 is not possible", func(r *Record) { r.Machines[0].GPUs[0].PowerLimit = -700 }},
		{"limits[0]: machine 2 and 4 threads", func(r *Record) { r.Limits[0].Machine = 2 }},
		{`limits[0]: rates ("matmul-float32"): the median 9`, func(r *Record) { r.Limits[0].Rates[0].Value.Median = 9 }},
		{"estimate: a count is negative", func(r *Record) { r.Estimate.Samples = -1 }},
		{"estimate: held_out: 2, and the record holds 1 runs", func(r *Record) { r.Estimate.Held = 2 }},
		{"estimate: the median 9 is outside its interval", func(r *Record) { r.Estimate.Epoch.Median = 9 }},
		{`estimate: parts ("examples"): -1 is not possible`, func(r *Record) { r.Estimate.Parts[0].Seconds = -1 }},
		{"estimate: the median 9 is outside its interval", func(r *Record) { r.Estimate.Cost.Total.Median = 9 }},
		{"estimate: measured: an error of +Inf", func(r *Record) { r.Estimate.Measured.Error = math.Inf(1) }},
		{"estimate: -1 is not possible", func(r *Record) { r.Estimate.Spread = -1 }},
		{"estimate: it is missing", func(r *Record) { r.Plan.Kind, r.Estimate = KindEstimate, nil }},
		{"plan.most: it is -1", func(r *Record) { r.Plan.Most = -1 }},
		{"roofline: limits: 2, and the record holds 2", func(r *Record) { r.Runs[0].Roofline.Limits = 2 }},
		{"roofline: limits: -1", func(r *Record) { r.Runs[0].Roofline.Limits = -1 }},
		{`roofline: bound: "luck" is not one of`, func(r *Record) { r.Runs[0].Roofline.Bound = "luck" }},
		{`roofline: shares ("compute"): -1 is not possible`, func(r *Record) { r.Runs[0].Roofline.Shares[0].Share = -1 }},
		{"roofline: the median 9", func(r *Record) { r.Runs[0].Roofline.Utilized.Median = 9 }},
		{"roofline: NaN is not possible", func(r *Record) { r.Runs[0].Roofline.Flops = math.NaN() }},
		{`launches[0].rates ("memory"): the median 9`, launch(func(l *Launch) { l.Rates[0].Value.Median = 9 })},
		{"idle: machine: 2, and the record holds 2", func(r *Record) { r.Idle[0].Machine = 2 }},
		{"idle: NaN is not possible", func(r *Record) { r.Idle[0].Watts = math.NaN() }},
		{"energy[0].epochs: it is -1", launch(func(l *Launch) { l.Energy[0].Epochs = -1 })},
		{"energy[0]: -1 is not possible", launch(func(l *Launch) { l.Energy[0].Joules = -1 })},
		{"readings[0]: at_s: -1 is not a time", launch(func(l *Launch) { l.Readings[0].At = -1 })},
		{"before and after: NaN °C", launch(func(l *Launch) { l.After.Temperature = math.NaN() })},
		{"disturbance: +Inf is not a time", launch(func(l *Launch) { l.Disturbance.Steal = math.Inf(1) })},
		{"epochs[0]: -3 is not a time", epoch(func(e *Epoch) { e.Seconds = -3 })},
		{"epochs[0]: NaN is not a time", epoch(func(e *Epoch) { e.Step = math.NaN() })},
		{"epochs[0]: a time is not finite", epoch(func(e *Epoch) { e.Other = math.Inf(-1) })},
		{"epochs[0]: 32 steps and -1 samples", epoch(func(e *Epoch) { e.Samples = -1 })},
		{"epochs[0]: -2 is not a time", epoch(func(e *Epoch) { e.Validation = -2 })},
		{"epochs[0]: NaN is not a time", epoch(func(e *Epoch) { e.Validation = math.NaN() })},
		{"epochs[0]: -4 steps and 100 samples of validation", epoch(func(e *Epoch) { e.ValidationSteps = -4 })},
		{"epochs[0]: 4 steps and -1 samples of validation", epoch(func(e *Epoch) { e.ValidationSamples = -1 })},
		{`resolved.pipeline: "resident" is not one of`, launch(func(l *Launch) { l.Resolved.Pipeline = FeedResident })},
		{`config.pipeline: "none" is not one of`, func(r *Record) { r.Runs[0].Config.Pipeline = PartNone }},
		{`config.validation: "memory" is not one of`, func(r *Record) { r.Runs[0].Config.Validation = PipelineMemory }},
		{"graph.script: a number is negative", func(r *Record) { r.Runs[0].Graph.Script.Line = -1 }},
		{"graph.script: a number is negative", func(r *Record) { r.Runs[0].Graph.Script.Phase = -1 }},
		{"summary.whole_seconds: the median 9 is outside its interval", func(r *Record) { r.Runs[0].Summary.WholeSeconds.Median = 9 }},
		{"summary.first_epoch_seconds: -1 is not a time", func(r *Record) { r.Runs[0].Summary.FirstEpochSeconds = &Interval{Median: -1} }},
		{"summary.whole_seconds: +Inf is not a time", func(r *Record) { r.Runs[0].Summary.WholeSeconds = &Interval{Median: math.Inf(1)} }},
		{`bills[0] ("cnn"): steps: there are -1`, func(r *Record) { r.Bills = []Bill{{Graph: "cnn", Steps: -1}} }},
		{`bills[0] ("cnn"): -2 is not a time`, func(r *Record) { r.Bills = []Bill{{Graph: "cnn", Whole: Interval{Median: -2}}} }},
		{`bills[0] ("cnn"): lines: "" is of 0 s`, func(r *Record) { r.Bills = []Bill{{Graph: "cnn", Lines: []Line{{}}}} }},
		{`bills[0] ("cnn"): lines: "own" is of NaN s`, func(r *Record) {
			r.Bills = []Bill{{Graph: "cnn", Moved: []Line{{Part: PartOwn, Seconds: Interval{Median: math.NaN()}}}}}
		}},
		{`bills[0] ("cnn"): NaN is not a time`, func(r *Record) { r.Bills = []Bill{{Graph: "cnn", PerStep: math.NaN()}} }},
		{"summary: -1 is not a time", func(r *Record) { r.Runs[0].Summary.MeanEpochSeconds = -1 }},
		{"the median 9 is outside its interval", func(r *Record) { r.Runs[0].Summary.EpochSeconds.Median = 9 }},
	} {
		r := full()
		c.change(r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q in it", err, c.want)
		}
	}
}

// What real measurements write now and then is valid.
func TestValidateAllows(t *testing.T) {
	for name, change := range map[string]func(*Record){
		"no summary":          func(r *Record) { r.Runs[0].Summary = nil },
		"no interval":         func(r *Record) { r.Runs[0].Summary.EpochSeconds = Interval{Median: 1, Low: Number(math.NaN())} },
		"an epoch of no time": func(r *Record) { r.Runs[0].Launches[0].Epochs[0] = Epoch{Loss: Number(math.NaN())} },
		"no hello": func(r *Record) {
			r.Runs[0].Launches[0].Machine, r.Machines, r.Limits, r.Idle, r.Runs[0].Roofline = 0, nil, nil, nil, nil
		},
		"a metric of no value": func(r *Record) { r.Runs[0].Summary.Metrics["auc"] = Number(math.NaN()) },
		"no script":            func(r *Record) { r.Runs[0].Graph.Script, r.Runs[0].Graph.Notices = nil, nil },
		"no sides":             func(r *Record) { r.Runs[0].Side = "" },
		"a remainder below 0":  func(r *Record) { r.Runs[0].Launches[0].Epochs[0].Other = -1e-9 },
	} {
		r := full()
		change(r)
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadValidates(t *testing.T) {
	r := full()
	text := strings.Replace(written(t, r), `"seconds": 1,`, `"seconds": -1,`, 1)
	_, err := Read(strings.NewReader(text))
	if err == nil || !strings.Contains(err.Error(), "epochs[0]: -1 is not a time") {
		t.Errorf("a negative epoch is read with %v", err)
	}
}
