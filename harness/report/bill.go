package report

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/explain"
	"epochtime/harness/record"
)

// partNames are the lines of a bill in words.
var partNames = map[record.Part]string{
	record.PartStep:        "step, as TensorFlow runs it",
	record.PartInput:       "waiting for the input pipeline",
	record.PartValidation:  "validation",
	record.PartMetrics:     "metrics",
	record.PartCallbacks:   "callbacks",
	record.PartOwn:         "fit's own cost",
	record.PartUnexplained: "not explained",
}

// PartName returns a line of a bill in words.
func PartName(p record.Part) string {
	if name, known := partNames[p]; known {
		return name
	}
	return string(p)
}

// bills writes the bills of a record, then what its launches warn of.
func bills(w io.Writer, rec *record.Record, width int) {
	for i, b := range rec.Bills {
		if i > 0 {
			fmt.Fprintln(w)
		}
		Bill(w, b, width)
	}
	for _, r := range rec.Runs {
		warnings(w, r.Title()+variantOf(r), r, width)
	}
}

// variantOf says which launches of a bill a run is.
func variantOf(r record.Run) string {
	if r.Config.OfGraph() {
		return ", the graph"
	}
	out := ", fit"
	for _, part := range explain.Left(r.Config) {
		out += " without " + PartName(part)
	}
	return out
}

// Bill writes one bill: its lines, what the first epoch takes, the sentence that matters
// and the command that shows it. width is that of the terminal; 0 is unlimited.
func Bill(w io.Writer, b record.Bill, width int) {
	title := fmt.Sprintf("An epoch of %s in Keras's fit, %s:", b.Graph, number(b.Steps, "step"))
	if b.Side != "" {
		title = fmt.Sprintf("Side %s: an epoch of %s in Keras's fit, %s:", b.Side, b.Graph, number(b.Steps, "step"))
	}
	fmt.Fprintf(w, "%s\n\n", Wrap("", title, width))
	fmt.Fprintf(w, "%s\n\n", billTable(b, width))
	for _, text := range BillNotes(b) {
		fmt.Fprintln(w, Wrap("", text, width))
	}
	fmt.Fprintf(w, "\n%s\n", Wrap("", Sentence(b), width))
	if len(b.Proof) > 0 {
		fmt.Fprintf(w, "This shows it:\n\n  %s\n", quoted(b.Proof))
	}
	if len(b.Operations) > 0 {
		fmt.Fprintf(w, "\n%s\n", billOperations(b, width))
	}
}

func billTable(b record.Bill, width int) string {
	var rows []table.Row
	for _, line := range b.Lines {
		if line.Missing != "" {
			rows = append(rows, table.Row{PartName(line.Part), "not known", none, none})
			continue
		}
		rows = append(rows, table.Row{PartName(line.Part), signed(line.Seconds.Median), signedRange(line.Seconds), percentOf(line.Share)})
	}
	rows = append(rows, table.Row{"what fit takes", Seconds(b.Whole.Median), Range(b.Whole), "100 %"})
	return Grid(table.Row{"part", "per epoch", "95 % interval", "share"}, rows, width)
}

// signedRange is between, or a dash where the interval is not known.
func signedRange(i record.Interval) string {
	if !i.Known() {
		return none
	}
	return between(i)
}

func percentOf(share float64) string {
	if share < 0 {
		return "−" + percent(-share)
	}
	return percent(share)
}

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
			text += fmt.Sprintf(" (%.0f %% interval %.2f – %.2f)", 100*e.Confidence, float64(e.Low), float64(e.High))
		}
		out = append(out, text+".")
	}
	if b.PerStep > 0 || b.PerEpoch > 0 {
		out = append(out, fmt.Sprintf("Fit's own cost is %s a step and %s an epoch.", Seconds(b.PerStep), Seconds(b.PerEpoch)))
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
	text := ""
	for _, s := range list {
		if text != "" {
			text += ", "
		}
		text += s.Name + place(s) + " " + Seconds(s.Seconds)
	}
	if text == "" {
		return ""
	}
	return "Drawn alone, the pipeline takes per epoch: " + text + "."
}

// Sentence returns what a bill comes to, in one sentence.
func Sentence(b record.Bill) string {
	i := slices.IndexFunc(b.Lines, func(l record.Line) bool { return l.Part == b.Bound && l.Missing == "" })
	if i < 0 {
		return "These launches cannot tell what most of the epoch goes into: more of them would help, and so would a quieter machine."
	}
	line := b.Lines[i]
	part := percent(line.Share)
	switch b.Bound {
	case record.PartInput:
		return fmt.Sprintf("Input-bound: %s of the epoch waits for the input pipeline%s.", part, slowest(b.Stages))
	case record.PartOwn:
		out := fmt.Sprintf("Call-bound: %s of the epoch is fit's own cost, %s on each of %s.", part, Seconds(b.PerStep), number(b.Steps, "step"))
		if saved := explain.Saved(b); saved > 0 {
			out = fmt.Sprintf("%s; steps_per_execution=%d would save about %s.", out[:len(out)-1], explain.PerCall, Seconds(saved))
		}
		return out
	case record.PartStep:
		out := fmt.Sprintf("Compute-bound: %s of the epoch is TensorFlow's own step", part)
		if len(b.Operations) > 0 {
			out += fmt.Sprintf(", %s of it in %s", percent(b.Operations[0].Share), b.Operations[0].Op)
		}
		return out + "."
	}
	return fmt.Sprintf("%s of the epoch goes into %s.", part, PartName(b.Bound))
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

func billOperations(b record.Bill, width int) string {
	var rows []table.Row
	for _, o := range b.Operations[:min(mostBillOperations, len(b.Operations))] {
		rows = append(rows, table.Row{o.Op, Count(o.Count), percent(o.Share)})
	}
	return Wrap("", fmt.Sprintf("Operations of a traced step, in which the device is idle for %s:", percent(b.Idle)), width) + "\n\n" +
		Grid(table.Row{"operation", "count", "share"}, rows, width)
}
