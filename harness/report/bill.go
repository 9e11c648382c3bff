package report

import (
	"fmt"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/explain"
	"epochtime/harness/record"
	"epochtime/harness/stats"
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

// bills writes the bills of a record, then from how many launches they are and what
// these warn of.
func bills(w io.Writer, rec *record.Record, width int) {
	if len(rec.Bills) == 0 {
		fmt.Fprintln(w, "There is no bill: nothing was measured.")
	}
	for i, b := range rec.Bills {
		if i > 0 {
			fmt.Fprintln(w)
		}
		Bill(w, b, width)
	}
	if text := BillLaunches(rec); text != "" {
		fmt.Fprintf(w, "\n%s\n", Wrap("", text, width))
	}
	titles := RunTitles(rec)
	for i, r := range rec.Runs {
		warnings(w, titles[i], r, width)
	}
}

// RunTitles is Titles of a record's runs. Those that make a bill are named by what their
// launches leave out.
func RunTitles(rec *record.Record) []string {
	out := Titles(rec.Runs)
	if rec.Plan.Kind != record.KindExplain {
		return out
	}
	for i, r := range rec.Runs {
		out[i] = r.Graph.Name + ", " + Variant(rec, &rec.Runs[i])
		if r.Side != "" {
			out[i] += ", side " + r.Side
		}
	}
	return out
}

// Variant says what the launches of a run leave out of a bill's fit, as in "fit without
// callbacks".
func Variant(rec *record.Record, run *record.Run) string {
	if run.Config.OfGraph() {
		return "the graph"
	}
	c, whole := run.Config, explain.WholeOf(rec, run).Config
	left := explain.Left(c, whole)
	switch {
	case c.Step == record.StepStamped:
		return "fit with stamped steps"
	case slices.Contains(left, record.PartStep):
		return "fit's input alone"
	}
	out := "fit"
	for i, part := range left {
		out += []string{" without ", " and "}[min(i, 1)] + shortNames[part]
	}
	if explain.Uncompiled(c, whole) {
		out += ", not compiled"
	}
	return out
}

// shortNames are the parts of fit that launches can leave out.
var shortNames = map[record.Part]string{
	record.PartInput: "input pipeline", record.PartValidation: "validation", record.PartMetrics: "metrics", record.PartCallbacks: "callbacks",
}

// BillOf returns the bill of which a run is fit as it is, nil for any other run.
func BillOf(rec *record.Record, run *record.Run) *record.Bill {
	if explain.WholeOf(rec, run) != run {
		return nil
	}
	i := slices.IndexFunc(rec.Bills, func(b record.Bill) bool { return b.Graph == run.Graph.Name && b.Side == run.Side })
	if i < 0 {
		return nil
	}
	return &rec.Bills[i]
}

// BillLaunches says from how many launches the bills of a record are; empty where none
// worked.
func BillLaunches(rec *record.Record) string {
	fewest, most := launches(rec)
	if most == 0 || len(rec.Bills) == 0 {
		return ""
	}
	count := number(fewest, "block")
	if fewest != most {
		count = fmt.Sprintf("%d to %d blocks", fewest, most)
	}
	out := fmt.Sprintf("Each line is from %s of launches, of which each leaves out one part.", count)
	if fewest < stats.MinLaunches {
		out += fmt.Sprintf(" An interval takes %d blocks or more.", stats.MinLaunches)
	}
	return out
}

// Bill writes one bill: its lines, what the first epoch takes, the sentence that matters
// and the command that shows it. width is that of the terminal; 0 is unlimited.
func Bill(w io.Writer, b record.Bill, width int) {
	fmt.Fprintf(w, "%s\n\n", Wrap("", BillTitle(b), width))
	fmt.Fprintf(w, "%s\n", Grid(BillHeader, BillRows(b), width))
	for i, text := range BillNotes(b) {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, Wrap("", text, width))
	}
	fmt.Fprintf(w, "\n%s\n", Wrap("", Sentence(b), width))
	if command := BillCommand(b); command != "" {
		fmt.Fprintf(w, "This shows it:\n\n  %s\n", command)
	}
	if rows := BillOperations(b); len(rows) > 0 {
		fmt.Fprintf(w, "\n%s\n\n%s\n", Wrap("", Idle(b), width), Grid(OperationsHeader, rows, width))
	}
}

// BillTitle says of which epoch a bill is.
func BillTitle(b record.Bill) string {
	out := fmt.Sprintf("n epoch of %s in Keras's fit", b.Graph)
	if b.Steps > 0 {
		out += ", " + number(b.Steps, "step")
	}
	if b.Side != "" {
		return fmt.Sprintf("Side %s: a%s:", b.Side, out)
	}
	return "A" + out + ":"
}

// BillHeader is the header of BillRows.
var BillHeader = table.Row{"part", "per epoch", "95 % interval", "share"}

// BillRows returns the lines of a bill, and what they add up to.
func BillRows(b record.Bill) []table.Row {
	var rows []table.Row
	for _, line := range b.Lines {
		if line.Missing != "" {
			rows = append(rows, table.Row{PartName(line.Part), "not known", none, none})
			continue
		}
		rows = append(rows, table.Row{PartName(line.Part), signed(line.Seconds.Median), signedRange(line.Seconds), percentOf(line.Share)})
	}
	if b.Whole.Median <= 0 {
		return append(rows, table.Row{"what fit takes", "not known", none, none})
	}
	return append(rows, table.Row{"what fit takes", Seconds(b.Whole.Median), Range(b.Whole), "100 %"})
}

// BillCommand returns the command line that shows what a bill comes to, quoted for a
// shell; empty where there is none.
func BillCommand(b record.Bill) string {
	if len(b.Proof) == 0 {
		return ""
	}
	return quoted(b.Proof)
}

// signedRange is between, or a dash where the interval is not known.
func signedRange(i record.Interval) string {
	if !i.Known() {
		return none
	}
	return between(i)
}

// percentOf is percent of a share that may be below 0.
func percentOf(share float64) string {
	switch {
	case share >= 0:
		return percent(share)
	case share > -0.001:
		return "> −0.1 %"
	}
	return "−" + percent(-share)
}
