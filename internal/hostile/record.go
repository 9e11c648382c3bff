package hostile

import (
	"fmt"
	"strings"
	"time"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Kinds are the kinds of Record.
var Kinds = []string{record.KindRun, record.KindAB, record.KindSweep, record.KindTune, record.KindExplain, record.KindEstimate, record.KindProbe, record.KindLargest, record.KindFactors, record.KindFleet}

// points is how many there are of a sweep or a search, each with its own settings.
const points = 20

// Record returns a record of a kind that has every hostile text in it, in one of the
// places where a record has text at least, and is valid otherwise. Each configuration
// has one failed launch.
func Record(kind, id string) *record.Record {
	began := time.Date(2026, 3, 1, 2, 30, 0, 0, time.UTC)
	r := &record.Record{
		Schema: record.Schema, Epochtime: "0.1.0", ID: id, Started: began, Argv: Strings(), Labels: map[string]string{}, Status: record.Complete,
		Plan: record.Plan{Kind: kind, Seed: 1, Blocks: 2}, Spent: &record.Spent{Wall: 60, Graphs: 1},
	}
	texts := text{list: Strings()}
	for i, s := range texts.list {
		if kind != record.KindRun || i < points { // each is a column of CSV
			r.Labels["key "+s] = s
		}
	}
	for range 3 {
		r.Machines = append(r.Machines, texts.machine())
	}
	for i := range texts.list {
		r.Idle = append(r.Idle, record.Power{Machine: i % 3, Domain: "d" + texts.list[i], Watts: 4, Seconds: 2})
	}
	sides := []string{"A", "B"}
	switch kind {
	case record.KindRun:
		sides = make([]string, len(texts.list))
	case record.KindSweep, record.KindExplain, record.KindEstimate, record.KindProbe, record.KindLargest, record.KindFactors, record.KindFleet:
		sides = make([]string, points)
	case record.KindTune: // candidates, then the sides that confirm the winner
		sides = append(make([]string, points), sides...)
	}
	for i, side := range sides {
		run := texts.run(i, texts.metrics(kind, i, len(sides)), began)
		run.Side = side
		if kind == record.KindFleet {
			run.On = texts.name()
		}
		r.Runs = append(r.Runs, run)
	}
	if kind == record.KindRun { // and so is each variable
		for i := range r.Runs {
			r.Runs[i].Config.Env = r.Runs[i%points].Config.Env
		}
	}
	if kind == record.KindEstimate {
		r.Estimate = texts.estimate()
	}
	r.Limits = []record.Limits{texts.limits()}
	for i := range r.Runs {
		r.Runs[i].Roofline = texts.roofline(r.Limits[0])
		if kind == record.KindProbe {
			r.Runs[i].Launches[0].Rates = texts.limits().Rates
		}
	}
	if kind == record.KindFactors {
		r.Plan.LeftOut = []string{texts.name(), texts.next()}
		for i := range r.Runs[1:] {
			r.Runs[i+1].Factor = &record.Factor{Name: texts.name(), From: texts.next(), To: texts.next()}
		}
	}
	if kind == record.KindExplain {
		for i := range r.Runs {
			r.Runs[i].Config.Runtime = record.RuntimeFit
			r.Bills = append(r.Bills, texts.bill(r.Runs[i].Graph.Name))
		}
	}
	return r
}

// text hands out hostile texts in turn.
type text struct {
	list []string
	n    int
}

func (t *text) next() string {
	t.n++
	return t.list[t.n%len(t.list)]
}

// name is one that is not empty.
func (t *text) name() string { return "n" + t.next() }

func (t *text) machine() record.Machine {
	return record.Machine{
		Hostname: t.name(), OS: t.name(), Kernel: t.name(), Arch: t.name(), CPU: t.name(), Cores: 8, CPUFeatures: []string{t.name()},
		Governor: t.name(), Virtualization: t.name(), Driver: t.name(),
		ID: t.name(), Name: t.name(), MemoryType: t.name(), Boost: t.name(), SMT: t.name(), Container: t.name(), Product: t.name(),
		Price: &record.Price{Name: t.name(), PerHour: 2.48, Currency: t.name(), Source: t.name(), Date: t.name()},
		GPUs:  []record.GPU{{Model: t.name(), Driver: t.name(), CUDA: t.name()}},
	}
}

// metrics are the names of a run's metrics. Those of all runs are all texts, but in a
// record of many runs, where each is a column of CSV too.
func (t *text) metrics(kind string, run, runs int) []string {
	if kind == record.KindRun {
		return []string{"m" + t.list[run%points]}
	}
	var out []string
	for i := run; i < len(t.list); i += runs {
		out = append(out, "m"+t.list[i])
	}
	return out
}

func (t *text) run(i int, metrics []string, began time.Time) record.Run {
	name := t.list[i%len(t.list)]
	if name == "" {
		name = "no name"
	}
	r := record.Run{
		Graph: record.Graph{
			Name: name, SHA256: t.name(), Dir: t.name(), Architecture: t.name(), Parameters: 10, Variant: map[string]any{t.name(): t.name()},
			Script:  &record.Script{File: t.name(), Arguments: []string{t.name(), t.next()}, Call: t.name(), Line: 41, Phase: 2, Phases: 3},
			Notices: []record.Notice{{About: t.name(), Text: t.name()}, {About: t.next(), Text: t.next()}},
		},
		Config: record.Config{
			Batch: 32, Samples: 64, Epochs: 2, Warmup: 1, Device: t.name(), Seed: 1, Data: []string{t.name()}, Inputs: map[string]string{t.name(): t.name()}, Header: t.name(), Tokens: t.name(),
			ImageSize: t.name(), Preprocess: []string{t.name()}, Feed: record.FeedBatches, Executor: t.name(), Env: map[string]string{t.name(): t.name()},
			Worker: []string{t.name(), t.next()}, LoadWeights: t.name(),
		},
		Command:  []string{"run", t.name(), "--env", t.next()},
		Settings: &record.Settings{Name: record.SettingsBest, From: t.name(), Found: began},
	}
	for k, status := range []string{record.OK, record.Error} {
		r.Launches = append(r.Launches, t.launch(status, metrics, 2*i+k, k, began))
	}
	r.Summary, r.Warnings = stats.Summarize(&r)
	r.Warnings = append(r.Warnings, t.name(), strings.Repeat(t.next(), 3))
	return r
}

func (t *text) launch(status string, metrics []string, order, block int, began time.Time) record.Launch {
	l := record.Launch{
		Status: status, Reason: t.name(), Signal: t.name(), Machine: order % 3, Order: order, Block: block, Started: began.Add(time.Duration(order) * time.Minute), Wall: 2,
		Worker: []string{t.name()}, TensorFlow: t.name(), Devices: []record.Device{{Name: t.name(), Type: t.name()}},
		Resolved: record.Resolved{Device: t.name(), Batch: 32, Samples: 64, Steps: 2, Copied: []string{t.name()}, Borrowed: []string{t.name()}, Env: map[string]string{t.name(): t.name()}},
		Build:    &record.Build{OneDNN: t.name(), XLA: t.name(), CUDA: t.name(), CuDNN: t.name(), CUDAFound: t.name(), CuDNNFound: t.name()},
		Cold:     record.Cold{Start: 0.25, Load: 0.125, FirstStep: 0.0625, Compile: 0.0625},
	}
	if status != record.OK {
		l.Reason = fmt.Sprintf("reason %s", l.Reason)
		return l
	}
	l.Unreadable = []string{t.name()}
	l.Energy = []record.Energy{{Domain: t.name(), Source: t.name(), Joules: 5, Error: 0.5, Seconds: 0.5, Epochs: 2}}
	heat := record.Conditions{Clock: 2600, Temperature: 60, GPUs: []record.GPUCondition{{Clock: 1500, Power: 200, Throttled: []string{t.name()}}}}
	l.Before, l.After = &heat, &heat
	for i := range 3 {
		l.Readings = append(l.Readings, record.Reading{At: 0.75 + float64(i)/4, Conditions: heat, Power: []record.Power{{Domain: t.name(), Watts: 10, Seconds: 0.25}}})
	}
	values := map[string]record.Number{}
	for _, name := range metrics {
		values[name] = 0.5
	}
	for e := range 3 {
		l.Epochs = append(l.Epochs, record.Epoch{
			Index: e, Warmup: e == 0, Start: 0.5 + float64(e)/4, Seconds: 0.25, Wait: 0.0625, Step: 0.125, Other: 0.0625, Steps: 2, Samples: 64, Loss: 1,
			Validation: 0.0625, ValidationSteps: 1, ValidationSamples: 32, Metrics: values,
		})
	}
	return l
}
