package explain

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// PerCall is the steps_per_execution that a bill proposes where Python's calls are what
// takes the time.
const PerCall = 32

// bound finds the largest line, and the command that shows it. Launches that differ by
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
	b.Proof = proof(shown, full.Command[1:])
}

// sides are the settings whose comparison shows a part.
var sides = map[record.Part][2]string{
	record.PartInput:     {"pipeline=" + record.PipelineScript, "pipeline=" + record.PipelineMemory},
	record.PartMetrics:   {"metrics=" + record.PartScript, "metrics=" + record.PartNone},
	record.PartCallbacks: {"callbacks=" + record.PartScript, "callbacks=" + record.PartNone},
	record.PartOwn:       {"steps-per-execution=1", fmt.Sprintf("steps-per-execution=%d", PerCall)},
	record.PartStep:      {"runtime=" + record.RuntimeFit, "runtime=" + record.RuntimeGo},
}

// proof returns the command line that shows a part, from the words that measure fit as it
// is. A comparison is of training, so validation is shown by the whole epochs of a run.
func proof(p record.Part, words []string) []string {
	if p == record.PartValidation {
		return slices.Concat([]string{"run"}, words)
	}
	out, ofA := []string{"ab"}, []string{}
	for _, word := range words {
		name, value, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		switch {
		case p == record.PartStep && word == "--runtime="+value: // each side has its own
		case p == record.PartStep && strings.HasPrefix(word, "--") && slices.Contains(setting.OfFit(), name):
			ofA = append(ofA, "--a", name+"="+value)
		default:
			out = append(out, word)
		}
	}
	return slices.Concat(out, []string{"--a", sides[p][0], "--b", sides[p][1]}, ofA)
}

// ByStep reports whether the larger part of fit's own cost falls on its steps.
func ByStep(b record.Bill) bool { return b.PerStep*float64(b.Steps) >= b.PerEpoch }

// Saved returns how much less an epoch of a bill takes, in seconds, with steps_per_execution
// at PerCall: fit's own cost then falls on fewer calls. It is an estimate.
func Saved(b record.Bill) float64 {
	calls := (b.Steps + PerCall - 1) / PerCall
	return b.PerStep * float64(b.Steps-calls)
}
