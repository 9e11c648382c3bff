package report

import (
	"math"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// explained are records of bills.
func explained() map[string]*record.Record {
	failed := billed(6, bill(record.PartInput))
	failed.Runs[1].Launches, failed.Runs[1].Summary = nil, nil
	failed.Runs[1] = failing(failed.Runs[1], record.Error, "the cache does not fit into memory", 1)
	lines := failed.Bills[0].Lines
	lines[1] = record.Line{Part: record.PartInput, Seconds: unknown(0), Missing: "the cache does not fit into memory"}
	lines[len(lines)-1] = record.Line{Part: record.PartUnexplained, Seconds: unknown(0), Missing: "not every line is known"}
	failed.Bills[0].Explained, failed.Bills[0].Bound, failed.Bills[0].Proof = unknown(0), "", nil
	nothing := billed(0)
	nothing.Bills = []record.Bill{{Graph: "train", Whole: unknown(0), Explained: unknown(0), Lines: []record.Line{{Part: record.PartUnexplained, Seconds: unknown(0), Missing: "it was not launched"}}}}
	return map[string]*record.Record{
		"explain-input": billed(6, bill(record.PartInput)), "explain-call": billed(6, bill(record.PartOwn)), "explain-step": billed(6, bill(record.PartStep)),
		"explain-few": billed(2, withoutIntervals(bill(record.PartInput))), "explain-failed": failed, "explain-nothing": nothing,
		"explain-sides": billed(6, billOn("A", bill(record.PartStep)), billOn("B", bill(record.PartOwn))),
	}
}

// billed is a record of bills, with the launches of a few of their variants.
func billed(launches int, bills ...record.Bill) *record.Record {
	seconds := make([]float64, launches)
	for i := range seconds {
		seconds[i] = 0.4
	}
	fit := like(func(r *record.Run) { r.Graph.Name, r.Config.Runtime = "train", record.RuntimeFit }, seconds...)
	memory, input, graph := fit, fit, fit
	memory.Config.Pipeline, graph.Config.Runtime = record.PipelineMemory, ""
	input.Config.Step, input.Config.Metrics = record.PartNone, record.PartNone
	rec := kind(record.KindExplain, fit, memory, input, graph)
	rec.Bills = bills
	return rec
}

func billOn(name string, b record.Bill) record.Bill {
	b.Side = name
	return b
}

func unknown(median float64) record.Interval {
	return record.Interval{Median: median, Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
}

func withoutIntervals(b record.Bill) record.Bill {
	for i := range b.Lines {
		b.Lines[i].Seconds = unknown(b.Lines[i].Seconds.Median)
	}
	b.Whole, b.Explained, b.First = unknown(b.Whole.Median), unknown(b.Explained.Median), new(unknown(b.First.Median))
	return b
}

// bill is of an epoch of 10 s, of which the part that it is bound by takes six.
func bill(bound record.Part) record.Bill {
	const whole = 10.0
	around := func(v float64) record.Interval {
		return record.Interval{Median: v, Low: record.Number(v - 0.125), High: record.Number(v + 0.25), Confidence: 0.95}
	}
	b := record.Bill{
		Graph: "train", Whole: around(whole), Explained: record.Interval{Median: 1.004, Low: 0.97, High: 1.04, Confidence: 0.95}, Steps: 1200, Bound: bound, First: new(around(38)),
		PerStep: 0.0005, PerEpoch: 0.125, Hidden: 0.25, Idle: 0.125, Proof: []string{"ab", "train.py", "--runtime=fit", "--a", "pipeline=script", "--b", "pipeline=memory"},
		Stages: []record.Stage{{Name: "map", File: "train.py", Line: 38, Seconds: 5.5}, {Name: "batch", Seconds: 0.01}},
		Operations: []record.Operation{
			{Op: "Conv2DBackpropFilter", Count: 4, Seconds: 0.1, Share: 0.44}, {Op: "MatMul", Count: 20, Seconds: 0.05, Share: 0.22}, {Op: "a", Count: 1, Share: 0.01},
			{Op: "b", Count: 1, Share: 0.01}, {Op: "c", Count: 1, Share: 0.01}, {Op: "sixth", Count: 1, Share: 0.01},
		},
	}
	for _, line := range []struct {
		part    record.Part
		seconds float64
	}{{record.PartStep, 1}, {record.PartInput, 1}, {record.PartValidation, 1.25}, {record.PartMetrics, 0.0001}, {record.PartCallbacks, 0.0625}, {record.PartOwn, 0.725}} {
		if line.part == bound {
			line.seconds = 6
		}
		b.Lines = append(b.Lines, record.Line{Part: line.part, Seconds: around(line.seconds), Share: line.seconds / whole})
	}
	b.Lines = append(b.Lines, record.Line{Part: record.PartUnexplained, Seconds: around(-0.04), Share: -0.004})
	return b
}

// A line below 0 and a part that is hardly there read as what they are.
func TestPercentOf(t *testing.T) {
	for share, want := range map[float64]string{0: "0 %", 0.5: "50 %", -0.25: "−25 %", -0.0004: "> −0.1 %", 0.0004: "< 0.1 %", -0.02: "−2.0 %"} {
		if got := percentOf(share); got != want {
			t.Errorf("%g: %s, want %s", share, got, want)
		}
	}
}

// What is said of fit's own cost is where it falls.
func TestCallBound(t *testing.T) {
	b := bill(record.PartOwn)
	if got := Sentence(b); !strings.HasPrefix(got, "Call-bound: 60 % of the epoch is fit's own cost, 500 µs on each of 1,200 steps; steps_per_execution=32 would save about 581 ms.") {
		t.Error(got)
	}
	b.PerStep, b.PerEpoch = 0, 6
	if got, want := Sentence(b), "Bound by fit itself: 60 % of the epoch is its own cost, 6.00 s of it whatever the number of steps."; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// The runs of a bill are named by what their launches leave out of its fit.
func TestRunTitles(t *testing.T) {
	r := like(func(r *record.Run) { r.Config.Runtime, r.Config.Callbacks = record.RuntimeFit, record.PartNone })
	rec := kind(record.KindExplain, r, r, r, r, r)
	rec.Runs[1].Config.Validation, rec.Runs[1].Config.Pipeline = record.PartNone, record.PipelineMemory
	rec.Runs[2].Config.Compile = record.CompileOff
	rec.Runs[3].Config.Step, rec.Runs[3].Config.Validation = record.PartNone, record.PartNone
	rec.Runs[4].Config.Runtime = ""
	want := "cnn, fit|cnn, fit without input pipeline and validation|cnn, fit, not compiled|cnn, fit's input alone|cnn, the graph"
	if got := strings.Join(RunTitles(rec), "|"); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	rec.Bills = []record.Bill{{Graph: "cnn"}}
	if BillOf(rec, &rec.Runs[0]) != &rec.Bills[0] || BillOf(rec, &rec.Runs[1]) != nil {
		t.Error("the bill is not that of fit as it is")
	}
}
