package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/estimate"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
)

// row is an estimate with what was measured.
type row struct {
	model       string
	from        string // what it was estimated from
	asked       record.Asked
	estimate    *record.Estimate
	measured    record.Interval
	err, beyond float64
	within      bool
}

// tables are those of the estimates of each session itself, and from other sessions, with
// their figures.
func tables(list []session) string {
	var own, others []row
	for _, s := range list {
		if r, ok := ownRow(s); ok {
			own = append(own, r)
			others = append(others, otherRows(s, r, list)...)
		}
	}
	var out strings.Builder
	for _, t := range []struct {
		title string
		rows  []row
	}{{"Estimated in the session that measures it", own}, {"Estimated from the probes of another session", others}} {
		if len(t.rows) > 0 {
			fmt.Fprintf(&out, "%s\n\n%s\n\n%s\n\n", t.title, grid(t.rows), figures(t.rows))
		}
	}
	return out.String()
}

// ownRow is the estimate of a session itself; false where it has none.
func ownRow(s session) (row, bool) {
	if err := estimate.Fill(s.record); err != nil || s.record.Estimate.Measured == nil {
		return row{}, false
	}
	e := s.record.Estimate
	r := row{
		model: s.model, from: "its own", asked: e.Asked, estimate: e, measured: e.Measured.Epoch,
		err: e.Measured.Error, beyond: e.Measured.Beyond, within: e.Measured.Within,
	}
	return r, true
}

// otherRows are the estimates of what a session measured from the probes of others.
func otherRows(s session, measured row, list []session) []row {
	var out []row
	for _, other := range list {
		if other.model != s.model || other.batch == s.batch {
			continue
		}
		rec, err := estimate.From(probesOf(other.record), s.record.Runs[0].Graph.SHA256, measured.asked)
		if err != nil {
			continue // its batch is outside
		}
		r := measured
		r.estimate, r.from = rec.Estimate, fmt.Sprintf("batch %d", other.batch)
		r.err, r.beyond, r.within = estimate.Against(r.estimate.Epoch, r.measured)
		out = append(out, r)
	}
	return out
}

// probesOf is a record without the runs that verify it, which would be probes for others.
func probesOf(rec *record.Record) *record.Record {
	out, e := *rec, *rec.Estimate
	out.Runs = slices.Concat(rec.Runs[:1], rec.Runs[1+e.Held:])
	e.Held = 0
	out.Estimate = &e
	return &out
}

func grid(rows []row) string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"model", "from", "batch", "examples", "× probe", "measured", "interval", "estimated", "90 %", "error", "beyond", "within"})
	for _, r := range rows {
		t.AppendRow(table.Row{
			r.model, r.from, r.asked.Batch, r.asked.Samples, fmt.Sprintf("%.1f", r.estimate.Furthest),
			report.Seconds(r.measured.Median), report.Range(r.measured), report.Seconds(r.estimate.Epoch.Median), report.Range(r.estimate.Epoch),
			fmt.Sprintf("%+.1f %%", 100*r.err), fmt.Sprintf("%.1f %%", 100*r.beyond), r.within,
		})
	}
	return t.RenderMarkdown()
}

// figures are what is to be reached.
func figures(rows []row) string {
	var errs, beyond, wide []float64
	covered := 0
	for _, r := range rows {
		errs, beyond = append(errs, math.Abs(r.err)), append(beyond, r.beyond)
		wide = append(wide, stats.Width(r.estimate.Epoch))
		if r.within {
			covered++
		}
	}
	out := fmt.Sprintf("%d estimates. Error beyond the measured interval: median %.1f %%, 90th percentile %.1f %%. Whole error: median %.1f %%, 90th percentile %.1f %%. Within the stated interval: %.0f %%; half its width: median %.0f %%.",
		len(rows), 100*quantile(beyond, 0.5), 100*quantile(beyond, 0.9), 100*quantile(errs, 0.5), 100*quantile(errs, 0.9), 100*float64(covered)/float64(len(rows)), 100*quantile(wide, 0.5))
	return out
}

// quantile is the smallest value that at least that share of values does not exceed.
func quantile(values []float64, share float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[min(len(values)-1, max(0, int(math.Ceil(share*float64(len(values))))-1))]
}

// costs compares what estimates of large epochs took with what measuring takes: as many
// launches, each with a cold start, an epoch to warm up and one that is measured.
func costs(large []session) string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"model", "examples", "an epoch", "probes", "over one epoch", "over measuring it"})
	for _, s := range large {
		if estimate.Fill(s.record) != nil {
			continue
		}
		e := s.record.Estimate
		measuring := float64(s.record.Plan.Blocks) * (e.Cold.Median + 2*e.Epoch.Median)
		t.AppendRow(table.Row{
			s.model, e.Samples, report.Seconds(e.Epoch.Median), report.Seconds(e.Probed), fmt.Sprintf("%.3f", e.Probed/e.Epoch.Median), fmt.Sprintf("%.3f", e.Probed/measuring),
		})
	}
	if t.Length() == 0 {
		return ""
	}
	return "What estimates of large epochs cost\n\n" + t.RenderMarkdown() + "\n"
}
