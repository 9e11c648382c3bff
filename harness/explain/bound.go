package explain

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"epochtime/harness/record"
)

// PerCall is the steps_per_execution that a bill proposes where Python's calls are what
// takes the time.
const PerCall = 32

// bound finds the largest line, and the comparison that shows it. Launches that differ by
// more than that line, or leave more unexplained, show none.
func bound(b *record.Bill, full *record.Run) {
	largest, unexplained := record.Line{}, 0.0
	for _, line := range b.Lines {
		switch {
		case line.Missing != "":
		case line.Part == record.PartUnexplained:
			unexplained = math.Abs(line.Share)
		case line.Share > largest.Share:
			largest = line
		}
	}
	if unexplained > largest.Share || largest.Seconds.Known() && largest.Seconds.Low <= 0 {
		return
	}
	b.Bound = largest.Part
	if full == nil || len(full.Command) < 2 {
		return
	}
	shown := b.Bound
	if shown == record.PartOwn && !ByStep(*b) {
		shown = record.PartStep // fewer calls would change little
	}
	a, with := map[record.Part][2]string{
		record.PartInput:      {"pipeline=" + record.PipelineScript, "pipeline=" + record.PipelineMemory},
		record.PartValidation: {"validation=" + record.PartScript, "validation=" + record.PartNone},
		record.PartMetrics:    {"metrics=" + record.PartScript, "metrics=" + record.PartNone},
		record.PartCallbacks:  {"callbacks=" + record.PartScript, "callbacks=" + record.PartNone},
		record.PartOwn:        {"steps-per-execution=1", fmt.Sprintf("steps-per-execution=%d", PerCall)},
		record.PartStep:       {"runtime=" + record.RuntimeFit, "runtime=" + record.RuntimeGo},
	}[shown], []string{"ab"}
	if a[0] == "" {
		return
	}
	words := full.Command[1:]
	if shown == record.PartStep {
		words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.HasPrefix(w, "--runtime=") })
	}
	b.Proof = slices.Concat(with, words, []string{"--a", a[0], "--b", a[1]})
}

// ByStep reports whether the larger part of fit's own cost falls on its steps.
func ByStep(b record.Bill) bool { return b.PerStep*float64(b.Steps) >= b.PerEpoch }

// Saved returns how much less an epoch of a bill takes, in seconds, with steps_per_execution
// at PerCall: fit's own cost then falls on fewer calls. It is an estimate.
func Saved(b record.Bill) float64 {
	calls := (b.Steps + PerCall - 1) / PerCall
	return b.PerStep * float64(b.Steps-calls)
}
