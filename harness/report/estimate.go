package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
)

// estimated writes what training would take: the answer first.
func estimated(w io.Writer, rec *record.Record, width int) {
	e := rec.Estimate
	if e == nil { // not of a measurement
		fmt.Fprintln(w, "The record has no estimate.")
		return
	}
	for _, text := range EstimateAnswer(e) {
		fmt.Fprintln(w, Wrap("", text, width))
	}
	if rows := EstimateRows(e); len(rows) > 0 {
		fmt.Fprintf(w, "\n%s\n", Grid(EstimateHeader, rows, width))
	}
	for i, text := range EstimateBasis(e) {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, Wrap("", text, width))
	}
	for _, text := range e.Notes {
		fmt.Fprintln(w, Wrap("note: ", text, width))
	}
	if e.Cost != nil {
		for _, text := range Prices(rec) {
			fmt.Fprintln(w, Wrap("", text, width))
		}
	}
	titles := RunTitles(rec)
	for i, r := range rec.Runs {
		warnings(w, titles[i], r, width)
	}
}

// EstimateAnswer returns what training would take, a sentence each: an epoch first, then all
// of them, memory, energy and money; or why that is not known.
func EstimateAnswer(e *record.Estimate) []string {
	what := fmt.Sprintf("An epoch of %s at %s", number(e.Samples, "example"), batchName(e))
	if e.Reason != "" {
		return []string{fmt.Sprintf("%s: not known: %s.", what, e.Reason)}
	}
	out := []string{
		fmt.Sprintf("%s: %s", what, figure(e.Epoch)),
		fmt.Sprintf("%s with the cold start: %s", number(e.Epochs, "epoch"), figure(e.Total)),
	}
	if m := e.Memory; m != nil {
		text := "Peak memory: " + Bytes(uint64(m.Median))
		if m.Known() {
			text += fmt.Sprintf(" (%s–%s, %.0f %%)", Bytes(uint64(m.Low)), Bytes(uint64(m.High)), 100*m.Confidence)
		}
		out = append(out, text)
	}
	if j := e.Joules; j != nil {
		text := fmt.Sprintf("Energy of an epoch: %s J", Amount(j.Median))
		if j.Known() {
			text += fmt.Sprintf(" (%s–%s, %.0f %%)", Amount(float64(j.Low)), Amount(float64(j.High)), 100*j.Confidence)
		}
		out = append(out, text)
	}
	if c := e.Cost; c != nil {
		text := "Cost: " + Money(c.Total.Median, c.Currency)
		if c.Total.Known() {
			text += fmt.Sprintf(" (%s, %.0f %%)", MoneyRange(c.Total, c.Currency), 100*c.Total.Confidence)
		}
		out = append(out, text+fmt.Sprintf(", and %s for an epoch", Money(c.PerEpoch.Median, c.Currency)))
	}
	return append(out, verifiedText(e)...)
}

// batchName is a batch as a sentence has it.
func batchName(e *record.Estimate) string {
	if e.Batch == 0 {
		return "the full batch"
	}
	return "batch " + Count(e.Batch)
}

// figure is a duration with its interval.
func figure(i record.Interval) string {
	if !i.Known() {
		return Seconds(i.Median)
	}
	return fmt.Sprintf("%s (%s, %.0f %%)", Seconds(i.Median), Range(i), 100*i.Confidence)
}

// verifiedText compares an estimate with what was measured of it.
func verifiedText(e *record.Estimate) []string {
	m := e.Measured
	if m == nil {
		return nil
	}
	measured := fmt.Sprintf("Measured: %s in %s", figure(m.Epoch), launchCount(m.Launches))
	if e.Reason != "" {
		return []string{measured}
	}
	side := "long"
	if m.Error < 0 {
		side = "short"
	}
	text := fmt.Sprintf("%s. The estimate is %s too %s", measured, percentOf(max(m.Error, -m.Error)), side)
	if m.Epoch.Known() {
		text += fmt.Sprintf(", %s beyond the interval of what was measured", percentOf(m.Beyond))
	}
	switch {
	case !e.Epoch.Known():
	case m.Within:
		text += "; its own interval holds what was measured"
	default:
		text += "; its own interval does not hold what was measured"
	}
	return []string{text + "."}
}

func launchCount(n int) string {
	if n == 1 {
		return "1 launch"
	}
	return Count(n) + " launches"
}

// EstimateRun says what a run of an estimate is for.
func EstimateRun(e *record.Estimate, run int) string {
	switch {
	case e == nil:
		return ""
	case e.HoldsOut(run):
		return "verifies"
	case run == 0 && e.From == "":
		return "pilot"
	}
	return "probe"
}

// EstimateHeader is the header of EstimateRows.
var EstimateHeader = table.Row{"part", "each", "in an epoch", "share"}

// EstimateRows says of what an epoch is made that was estimated.
func EstimateRows(e *record.Estimate) []table.Row {
	var out []table.Row
	for _, p := range e.Parts {
		out = append(out, table.Row{estimatePart(p.Name), Seconds(p.Each), Seconds(p.Seconds), percent(p.Share)})
	}
	return out
}

var estimateParts = map[string]string{
	record.PartExamples: "examples",
	record.PartSteps:    "steps, whatever their batch",
	record.PartEpoch:    "the epoch itself",
	record.PartLast:     "the last, shorter step",
	record.PartWaiting:  "of all these, waiting for a batch",
}

func estimatePart(name string) string {
	if text, known := estimateParts[name]; known {
		return text
	}
	return name
}

// EstimateBasis says what an estimate is computed from, and how sure that is.
func EstimateBasis(e *record.Estimate) []string {
	if e.Reason != "" || e.Launches == 0 {
		return nil
	}
	text := fmt.Sprintf("From %s of short epochs, which took %s", launchCount(e.Launches), Seconds(e.Probed))
	if e.Furthest > 1 {
		text += fmt.Sprintf("; an epoch has %s times the steps of the longest", Rate(e.Furthest))
	}
	out := text + "."
	if e.Spread > 0 {
		out += fmt.Sprintf(" Launches alike differ by %s, and the model may be off by %s (standard deviations).", percent(e.Spread), percent(e.Model))
	}
	return []string{strings.TrimSpace(out)}
}
