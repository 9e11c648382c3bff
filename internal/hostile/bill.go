package hostile

import "epochtime/harness/record"

// bill is of a graph.
func (t *text) bill(graph string) record.Bill {
	known := record.Interval{Median: 0.25, Low: 0.125, High: 0.5, Confidence: 0.95}
	b := record.Bill{
		Graph: graph, Whole: known, Explained: known, Steps: 2, PerStep: 0.0625, PerEpoch: 0.0625, Bound: record.Part(t.name()), Proof: []string{"ab", t.name(), t.next()}, First: &known,
		Lines: []record.Line{
			{Part: record.PartStep, Seconds: known, Share: 0.5}, {Part: record.PartCallbacks, Missing: t.name()}, {Part: record.PartUnexplained, Missing: t.name()},
		},
	}
	b.Moved = []record.Line{{Part: record.Part(t.name()), Seconds: known, Share: 0.5}}
	b.Lines = append(b.Lines, record.Line{Part: b.Bound, Seconds: known, Share: 0.5})
	for range 3 {
		b.Operations = append(b.Operations, record.Operation{Op: t.name(), Count: 1, Seconds: 0.25, Share: 0.25})
		b.Stages = append(b.Stages, record.Stage{Name: t.name(), File: t.name(), Line: 3, Seconds: 0.25})
	}
	return b
}
