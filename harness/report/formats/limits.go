package formats

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// limitColumns are those of what a probe's launches found, as in rate.memory, and of how
// near other launches are to the limits of their machine.
func limitColumns(r *record.Record) []csvColumn {
	var out []csvColumn
	for _, name := range rateNames(r) {
		out = append(out, csvColumn{name: "rate." + name, cell: func(at row) string {
			rate, ok := record.Limits{Rates: at.launch.Rates}.Rate(name)
			return known(rate.Value.Median, ok)
		}})
	}
	if !slices.ContainsFunc(r.Runs, func(run record.Run) bool { return run.Roofline != nil }) {
		return out
	}
	return append(out,
		csvColumn{name: "flops_per_s", cell: func(at row) string { return known(flopsPerSecond(at)) }},
		csvColumn{name: "utilization", cell: func(at row) string { return known(utilization(at)) }},
		csvColumn{name: "bound", cell: func(at row) string {
			if at.run.Roofline == nil {
				return ""
			}
			return at.run.Roofline.Bound
		}},
	)
}

// rateNames are those of the rates that launches found, in the order of the first.
func rateNames(r *record.Record) []string {
	var out []string
	for _, run := range r.Runs {
		for _, l := range run.Launches {
			for _, rate := range l.Rates {
				if !slices.Contains(out, rate.Name) {
					out = append(out, rate.Name)
				}
			}
		}
	}
	return out
}

// flopsPerSecond is the rate of arithmetic of a launch.
func flopsPerSecond(at row) (float64, bool) {
	seconds, ok := stats.LaunchMedian(*at.launch)
	if !ok || seconds <= 0 || at.run.Roofline == nil || at.run.Roofline.Flops <= 0 {
		return 0, false
	}
	return at.run.Roofline.Flops / seconds, true
}

// utilization is that rate over the peak that the run is compared with.
func utilization(at row) (float64, bool) {
	rate, ok := flopsPerSecond(at)
	if !ok || at.run.Roofline.Limits >= len(at.record.Limits) {
		return 0, false
	}
	peak, ok := at.record.Limits[at.run.Roofline.Limits].Rate(at.run.Roofline.Peak)
	return rate / peak.Value.Median, ok
}

// limited are the gauges of what machines can do at most, and how near runs are to it.
func limited(r *record.Record) []family {
	limit := family{name: "epochtime_limit", help: "What a machine can do at most, in the unit of the label."}
	for _, l := range r.Limits {
		for _, rate := range l.Rates {
			if rate.Value.Median > 0 {
				labels := []pair{{"machine", machineTitle(r, l.Machine)}, {"device", l.Device}, {"threads", number(float64(l.Threads))}, {"tensorflow", l.TensorFlow}, {"of", rate.Name}, {"unit", rate.Unit}}
				limit.samples = append(limit.samples, sample{labels, rate.Value.Median})
			}
		}
	}
	rate := family{name: "epochtime_flops_per_second", help: "Floating-point operations of an epoch over its time."}
	used := family{name: "epochtime_utilization_ratio", unit: "ratio", help: "That rate over the peak of this machine."}
	share := family{name: "epochtime_limit_share_ratio", unit: "ratio", help: "Least share of an epoch that a limit accounts for."}
	labels := uniqueLabels(r.Runs)
	for i, run := range r.Runs {
		if run.Roofline == nil {
			continue
		}
		if run.Roofline.Achieved.Median > 0 {
			rate.samples = append(rate.samples, sample{labels[i], run.Roofline.Achieved.Median})
		}
		if run.Roofline.Utilized.Median > 0 {
			used.samples = append(used.samples, sample{labels[i], run.Roofline.Utilized.Median})
		}
		for _, s := range run.Roofline.Shares {
			share.samples = append(share.samples, sample{with(labels[i], pair{"of", s.Of}), s.Share})
		}
	}
	return []family{limit, rate, used, share}
}

func machineTitle(r *record.Record, i int) string {
	if i < 0 || i >= len(r.Machines) {
		return ""
	}
	return r.Machines[i].Title()
}

// limitsPart is a table of what a probe found.
func limitsPart(r *record.Record, l record.Limits) string {
	var lines []table.Row
	for _, rate := range l.Rates {
		lines = append(lines, table.Row{harmless.Markdown(report.LimitTitle(rate.Name)), report.Limit(rate.Value.Median, rate.Unit), report.LimitRange(rate.Value, rate.Unit)})
	}
	out := "Limits of " + harmless.Markdown(report.LimitsOf(r, l)) + ":\n\n" + grid(table.Row{"limit", "median", "95 % interval"}, lines)
	for i, note := range report.LimitNotes(l) {
		if i == 0 {
			out += "\n"
		}
		out += "\n- " + harmless.Markdown(note)
	}
	return out
}

// largestPart is the table of a search for the largest batch, and what it has found.
func largestPart(r *record.Record) string {
	out := grid(report.LargestTable(r))
	for _, sentence := range report.LargestFound(r) {
		out += "\n\n" + harmless.Markdown(sentence)
	}
	return out
}

// scalingPart is the table of how models scale over devices; empty: none does.
func scalingPart(r *record.Record) string {
	header, rows := report.ScalingTable(r)
	if len(rows) == 0 {
		return ""
	}
	for _, row := range rows {
		row[0] = harmless.Markdown(fmt.Sprint(row[0]))
	}
	return grid(header, rows) + "\n\n" + strings.Join(report.ScalingNotes(r), "\n\n")
}

// utilizations are a line for each run of which limits are known.
func utilizations(r *record.Record) string {
	out, titles := "", report.Titles(r.Runs)
	for i := range r.Runs {
		if text := report.Utilization(r, i); text != "" {
			out += "\n- " + harmless.Markdown(titles[i]+": "+text)
		}
	}
	if out == "" {
		return ""
	}
	return "Of what this machine can do:\n" + out
}

// limitLog are the lines of what a probe found, or of how near a run is to it.
func limitLog(r *record.Record, run *record.Run) []string {
	var out []string
	for i := range r.Runs {
		if text := report.Utilization(r, i); &r.Runs[i] == run && text != "" {
			out = append(out, text)
		}
	}
	if r.Plan.Kind != record.KindProbe {
		return out
	}
	for _, l := range r.Limits {
		for _, rate := range l.Rates {
			out = append(out, report.LimitTitle(rate.Name)+": "+report.Limit(rate.Value.Median, rate.Unit))
		}
	}
	return out
}
