package page

import (
	"fmt"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// estimates are the tables of what training would take, of the records of estimates.
func estimates(f *fleet.Fleet) []*table {
	var out []*table
	for _, s := range f.Sources {
		if e := s.Record.Estimate; e != nil && s.Record.Plan.Kind == record.KindEstimate && len(s.Record.Runs) > 0 {
			out = append(out, estimateTable(s.Record.Runs[0].Title()+" ("+at(f, s)+")", e))
		}
	}
	return out
}

// estimateTable has a line for each part of an answer, or why there is none.
func estimateTable(name string, e *record.Estimate) *table {
	batch := "the full batch"
	if e.Batch > 0 {
		batch = "batch " + report.Count(e.Batch)
	}
	t := &table{Caption: fmt.Sprintf("%s: %s at %s", name, counted(e.Samples, "example", "examples"), batch), Head: []string{"", "estimate", percentOf(e.Epoch.Confidence)}}
	if e.Reason != "" {
		t.Rows = append(t.Rows, row{Head: "an epoch", Cells: []cell{words("not known"), words(e.Reason)}})
	} else {
		t.Rows = append(t.Rows,
			estimateRow("an epoch", "estimate-epoch", e.Epoch, report.Seconds),
			estimateRow(counted(e.Epochs, "epoch", "epochs")+" with the cold start", "estimate-total", e.Total, report.Seconds))
		if e.Memory != nil {
			t.Rows = append(t.Rows, estimateRow("peak memory", "estimate-memory", *e.Memory, func(v float64) string { return report.Bytes(uint64(max(0, v))) }))
		}
		if e.Joules != nil {
			t.Rows = append(t.Rows, estimateRow("energy of an epoch", "estimate-joules", *e.Joules, report.Joules))
		}
		if c := e.Cost; c != nil {
			money := func(v float64) string { return report.Money(v, c.Currency) }
			t.Rows = append(t.Rows, estimateRow("cost of an epoch", "estimate-cost", c.PerEpoch, money), estimateRow("cost of all", "estimate-cost-all", c.Total, money))
		}
	}
	if m := e.Measured; m != nil {
		t.Rows = append(t.Rows, estimateRow("an epoch, as measured", "estimate-measured", m.Epoch, report.Seconds))
	}
	return t
}

// percentOf titles intervals by their confidence.
func percentOf(confidence float64) string {
	if confidence <= 0 {
		return "interval"
	}
	return fmt.Sprintf("%.3g %% interval", 100*confidence)
}

func estimateRow(head, figure string, i record.Interval, format func(float64) string) row {
	return row{Head: head, Cells: []cell{
		number(figure, format(i.Median), i.Median), ends(figure+"-interval", rangeOf(i, format), i),
	}}
}

// rangeOf formats an interval.
func rangeOf(i record.Interval, format func(float64) string) string {
	if !i.Known() {
		return dash
	}
	return format(float64(i.Low)) + " to " + format(float64(i.High))
}
