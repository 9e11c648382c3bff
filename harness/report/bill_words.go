package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/explain"
	"epochtime/harness/record"
)

// BillNotes returns what a bill says beside its lines, a sentence each.
func BillNotes(b record.Bill) []string {
	var out []string
	for _, line := range b.Lines {
		if line.Missing != "" && line.Part != record.PartUnexplained {
			out = append(out, fmt.Sprintf("Not known: %s: %s.", PartName(line.Part), line.Missing))
		}
	}
	if e := b.Explained; e.Median > 0 {
		text := fmt.Sprintf("The lines without the last add up to %.2f of what fit takes", e.Median)
		if e.Known() {
			text += fmt.Sprintf(" (%.0f %% interval %.2f–%.2f)", 100*e.Confidence, float64(e.Low), float64(e.High))
		}
		out = append(out, text+".")
	}
	if b.PerStep > 0 || b.PerEpoch > 0 {
		out = append(out, fmt.Sprintf("Fit's own cost is %s for each step, and %s for the epoch besides.", Seconds(b.PerStep), Seconds(b.PerEpoch)))
	}
	if b.Hidden > 0 {
		out = append(out, fmt.Sprintf("The input pipeline works %s more, hidden beside the steps.", Seconds(b.Hidden)))
	}
	if text := stages(b.Stages); text != "" {
		out = append(out, text)
	}
	return append(out, firstEpochNote(b)...)
}

// firstEpochNote says what the first epoch takes, and what of it comes but once.
func firstEpochNote(b record.Bill) []string {
	if b.First == nil {
		return nil
	}
	once := b.First.Median - b.Whole.Median
	if i := slices.IndexFunc(b.Lines, func(l record.Line) bool { return l.Part == record.PartValidation }); i >= 0 {
		once += b.Lines[i].Seconds.Median // the first epoch is training alone
	}
	what := "tracing"
	if b.Compiles {
		what = "tracing and compiling"
	}
	text := fmt.Sprintf("The training of the first epoch takes %s, of which %s come but once: %s.", Seconds(b.First.Median), Seconds(math.Max(0, once)), what)
	if b.CompilingPays > 0 {
		text += fmt.Sprintf(" Compiling pays after %s epochs.", Count(int(math.Ceil(b.CompilingPays))))
	}
	return []string{text}
}

// stages says what the transformations of a pipeline take, drawn alone.
func stages(list []record.Stage) string {
	var out []string
	for _, s := range list {
		out = append(out, Seconds(s.Seconds)+" for "+s.Name+place(s))
	}
	if len(out) == 0 {
		return ""
	}
	return "Drawn alone, the pipeline takes per epoch: " + strings.Join(out, ", ") + "."
}

// Sentence returns what a bill comes to, in one sentence.
func Sentence(b record.Bill) string {
	i := slices.IndexFunc(b.Lines, func(l record.Line) bool { return l.Part == b.Bound && l.Missing == "" })
	unknown := slices.ContainsFunc(b.Lines, func(l record.Line) bool { return l.Missing != "" })
	switch {
	case i < 0 && unknown:
		return "What most of the epoch goes into is not known, because not every line is."
	case i < 0:
		return "These launches cannot tell what most of the epoch goes into: more of them would help, and so would a quieter machine."
	}
	line := b.Lines[i]
	part := percent(line.Share)
	switch b.Bound {
	case record.PartInput:
		return fmt.Sprintf("Input-bound: %s of the epoch waits for the input pipeline%s.", part, slowest(b.Stages))
	case record.PartOwn:
		return callBound(b, part)
	case record.PartStep:
		out := fmt.Sprintf("Compute-bound: %s of the epoch is TensorFlow's own step", part)
		if len(b.Operations) > 0 {
			out += fmt.Sprintf(", %s of it in %s", percent(b.Operations[0].Share), b.Operations[0].Op)
		}
		return out + "."
	}
	return fmt.Sprintf("%s of the epoch goes into %s.", part, PartName(b.Bound))
}

// callBound says on what fit's own cost falls.
func callBound(b record.Bill, part string) string {
	if !explain.ByStep(b) {
		return fmt.Sprintf("Bound by fit itself: %s of the epoch is its own cost, %s of it whatever the number of steps.", part, Seconds(b.PerEpoch))
	}
	out := fmt.Sprintf("Call-bound: %s of the epoch is fit's own cost, %s on each of %s", part, Seconds(b.PerStep), number(b.Steps, "step"))
	if saved := explain.Saved(b); saved > 0 {
		out += fmt.Sprintf("; steps_per_execution=%d would save about %s", explain.PerCall, Seconds(saved))
	}
	return out + "."
}

// slowest names the longest transformation of a pipeline.
func slowest(list []record.Stage) string {
	if len(list) == 0 {
		return ""
	}
	s := slices.MaxFunc(list, func(a, b record.Stage) int {
		switch {
		case a.Seconds < b.Seconds:
			return -1
		case a.Seconds > b.Seconds:
			return 1
		}
		return 0
	})
	return ", most of all for the " + s.Name + place(s)
}

// place is where a stage is made, such as " at train.py:38".
func place(s record.Stage) string {
	if s.File == "" {
		return ""
	}
	return fmt.Sprintf(" at %s:%d", s.File, s.Line)
}

// mostBillOperations is how many types of operations a bill shows.
const mostBillOperations = 5

// OperationsHeader is the header of BillOperations.
var OperationsHeader = table.Row{"operation", "count", "share"}

// BillOperations returns the operations that take the most time of a traced step.
func BillOperations(b record.Bill) []table.Row {
	var rows []table.Row
	for _, o := range b.Operations[:min(mostBillOperations, len(b.Operations))] {
		rows = append(rows, table.Row{o.Op, Count(o.Count), percent(o.Share)})
	}
	return rows
}

// Idle says of which step the operations of a bill are.
func Idle(b record.Bill) string {
	return fmt.Sprintf("Operations of a traced step, in which the device is idle for %s:", percent(b.Idle))
}
