package page

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// expected computes what a number of the page is from the launches of the records, by
// other means than the page.
func expected(t *testing.T, f *fleet.Fleet, records []*record.Record, s shown) []float64 {
	t.Helper()
	machine := machineOf(records, s)
	switch {
	case strings.HasPrefix(s.Caption, "Rates on "):
		machine = slices.IndexFunc(records, func(r *record.Record) bool { return strings.HasSuffix(s.Caption, r.Machines[0].Name) })
	}
	if machine < 0 {
		t.Fatalf("%+v is of no machine", s)
	}
	r := records[machine]
	if strings.HasPrefix(s.Caption, "Machines over") {
		return overallOf(f, r, machine, s.Figure)
	}
	if s.Figure == "limit" {
		return []float64{limitOf(t, r, s.Row).Median}
	}
	for m := range r.Runs {
		name := r.Runs[m].Graph.Name
		if s.Row == name || strings.Contains(s.Caption, name) {
			return ofRun(t, f, records, machine, m, s)
		}
	}
	if s.Figure == "spread-launches" {
		return []float64{spreadOf(r)}
	}
	t.Fatalf("%+v is of no model", s)
	return nil
}

// machineOf is the index of the record whose machine a number is of.
func machineOf(records []*record.Record, s shown) int {
	return slices.IndexFunc(records, func(r *record.Record) bool { return r.Machines[0].Name == s.Row || r.Machines[0].Name == s.Column })
}

// expectedBelow is what stands below a number.
func expectedBelow(f *fleet.Fleet, records []*record.Record, s shown) string {
	machine := machineOf(records, s)
	switch {
	case s.Figure == "price":
		return "list, made, 2026-03-01"
	case s.Figure == "limit":
		for _, rate := range records[machine].Limits[0].Rates {
			if strings.HasSuffix(s.Row, report.LimitTitle(rate.Name)) {
				return report.LimitRange(rate.Value, rate.Unit)
			}
		}
	case s.Figure == "achieved" || s.Figure == "utilized":
		return belowRoofline(f, records[machine], s)
	case s.Column == "energy per epoch":
		model := slices.IndexFunc(f.Rows, func(r *fleet.Row) bool { return strings.HasPrefix(s.Caption, r.Title) })
		var each []float64
		for _, l := range records[machine].Runs[model].Launches {
			each = append(each, l.Energy[0].Joules/float64(l.Energy[0].Epochs))
		}
		return report.Joules(slices.Min(each)) + " to " + report.Joules(slices.Max(each))
	case strings.HasPrefix(s.Caption, "Epoch time of each model"):
		model := slices.IndexFunc(f.Rows, func(r *fleet.Row) bool { return s.Row == r.Title })
		medians := launchMedians(records[machine].Runs[model])
		best := math.Inf(1)
		for _, o := range records {
			best = min(best, medianOf(launchMedians(o.Runs[model])))
		}
		interval := record.Interval{Low: record.Number(slices.Min(medians)), High: record.Number(slices.Max(medians)), Confidence: 0.95}
		return fmt.Sprintf("%s, %s, rank %d", report.Range(interval), report.Factor(best/medianOf(medians)), f.Rows[model].Places[machine].Rank)
	}
	return ""
}

// limitOf is the rate of a row of limits.
func limitOf(t *testing.T, r *record.Record, title string) record.Interval {
	t.Helper()
	at := map[string]int{"probed: matrix product, float32": 0, "probed: memory": 1, "probed: empty step": 2}
	i, known := at[title]
	if !known {
		t.Fatalf("no limit is called %s", title)
	}
	return r.Limits[0].Rates[i].Value
}

// belowRoofline is the interval of a rate: of the work of an epoch over the longest and
// the shortest launch, and of that over the ends of the peak's interval.
func belowRoofline(f *fleet.Fleet, r *record.Record, s shown) string {
	run := r.Runs[slices.IndexFunc(f.Rows, func(row *fleet.Row) bool { return strings.HasPrefix(s.Caption, row.Title) })]
	medians := launchMedians(run)
	flops := run.Graph.FlopsPerExample * float64(run.Launches[0].Epochs[0].Samples)
	low, high := flops/slices.Max(medians), flops/slices.Min(medians)
	if s.Figure == "achieved" {
		return report.LimitRange(record.Interval{Low: record.Number(low), High: record.Number(high), Confidence: 0.95}, record.FlopPerSecond)
	}
	peak := r.Limits[0].Rates[0].Value
	return report.AtLeast(low/float64(peak.High)) + " to " + report.AtLeast(high/float64(peak.Low)) + ", matrix product, float32"
}

func overallOf(f *fleet.Fleet, r *record.Record, machine int, figure string) []float64 {
	p := f.Overall[0].Places[machine]
	return map[string][]float64{"rank": {float64(p.Rank)}, "first": {p.First}, "relative": {p.Relative}, "price": {r.Machines[0].Price.PerHour}}[figure]
}

// launchMedians are the medians of the launches' measured epochs.
func launchMedians(run record.Run) []float64 {
	var out []float64
	for _, l := range run.Launches {
		var epochs []float64
		for _, e := range l.Epochs {
			if !e.Warmup {
				epochs = append(epochs, e.Seconds)
			}
		}
		out = append(out, medianOf(epochs))
	}
	return out
}

func medianOf(values []float64) float64 {
	sorted := slices.Clone(values)
	sort.Float64s(sorted)
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

func ofRun(t *testing.T, f *fleet.Fleet, records []*record.Record, machine, model int, s shown) []float64 {
	t.Helper()
	r := records[machine]
	run := r.Runs[model]
	seconds := medianOf(launchMedians(run))
	rate := float64(run.Launches[0].Epochs[0].Samples) / seconds
	p := f.Rows[model].Places[machine]
	switch s.Figure {
	case "epoch":
		return []float64{seconds}
	case "epoch-interval": // of seven launches, from the first to the last
		return []float64{slices.Min(launchMedians(run)), slices.Max(launchMedians(run))}
	case "examples":
		return []float64{rate}
	case "cost":
		return []float64{r.Machines[0].Price.PerHour * seconds / 3600}
	case "cost-million":
		return []float64{r.Machines[0].Price.PerHour * 1e6 / rate / 3600}
	case "joules":
		var each []float64
		for _, l := range run.Launches {
			each = append(each, l.Energy[0].Joules/float64(l.Energy[0].Epochs))
		}
		return []float64{medianOf(each)}
	case "joules-million":
		var each []float64
		for _, l := range run.Launches {
			each = append(each, l.Energy[0].Joules/float64(l.Energy[0].Epochs)/float64(l.Epochs[0].Samples)*1e6)
		}
		return []float64{medianOf(each)}
	case "achieved":
		return []float64{run.Graph.FlopsPerExample * rate}
	case "utilized":
		return []float64{run.Graph.FlopsPerExample * rate / r.Limits[0].Rates[0].Value.Median}
	case "memory":
		most := uint64(0)
		for _, l := range run.Launches {
			most = max(most, l.Memory.PeakRSS)
		}
		return []float64{float64(most)}
	case "launches":
		return []float64{float64(len(run.Launches))}
	case "rank":
		return []float64{float64(p.Rank)}
	case "first":
		return []float64{p.First}
	case "relative":
		best := math.Inf(1)
		for _, o := range records {
			best = min(best, medianOf(launchMedians(o.Runs[model])))
		}
		return []float64{best / seconds}
	}
	return ofFigure(t, run, r, s, seconds)
}

// ofFigure are the numbers below figures. Those of launches are in the order of the
// table, so that any launch may be meant.
func ofFigure(t *testing.T, run record.Run, r *record.Record, s shown, seconds float64) []float64 {
	t.Helper()
	work := run.Graph.FlopsPerExample * float64(run.Launches[0].Resolved.Batch)
	achieved := run.Graph.FlopsPerExample * float64(run.Launches[0].Epochs[0].Samples) / seconds
	switch s.Figure {
	case "launch-median":
		return parsed(s.Value, launchMedians(run), launchMedians(run)[:0])
	case "launch-range":
		var least, most []float64
		for _, l := range run.Launches {
			var epochs []float64
			for _, e := range l.Epochs[1:] {
				epochs = append(epochs, e.Seconds)
			}
			least, most = append(least, slices.Min(epochs)), append(most, slices.Max(epochs))
		}
		return parsed(s.Value, least, most)
	case "roof-work":
		return []float64{work}
	case "roof-rate":
		return []float64{achieved}
	case "roof-share":
		return []float64{achieved / r.Limits[0].Rates[0].Value.Median}
	}
	return ofParts(t, run, s)
}

// ofParts are the means of parts of epochs and launches.
func ofParts(t *testing.T, run record.Run, s shown) []float64 {
	t.Helper()
	sum := 0.0
	for _, l := range run.Launches {
		measured, warm, step, wait, other := 0.0, 0.0, 0.0, 0.0, 0.0
		for _, e := range l.Epochs {
			if e.Warmup {
				warm += e.Seconds
				continue
			}
			measured, step, wait, other = measured+e.Seconds, step+e.Step, wait+e.Wait, other+e.Other
		}
		n := float64(len(l.Epochs) - 1)
		v, known := map[string]float64{
			"part-epoch-1": step / n, "part-epoch-2": wait / n, "part-epoch-3": other / n,
			"part-launch-1": l.Cold.Start, "part-launch-2": l.Cold.Load, "part-launch-3": l.Cold.Compile, "part-launch-4": warm, "part-launch-5": measured,
		}[s.Figure]
		if !known {
			t.Fatalf("%+v is not known here", s)
		}
		sum += v
	}
	return []float64{sum / float64(len(run.Launches))}
}

// spreadOf is the root of the mean square, over models, of the standard deviation of the
// launches' logarithms.
func spreadOf(r *record.Record) float64 {
	total := 0.0
	for _, run := range r.Runs {
		sum, squares, n := 0.0, 0.0, 0.0
		for _, m := range launchMedians(run) {
			sum, squares, n = sum+math.Log(m), squares+math.Log(m)*math.Log(m), n+1
		}
		total += (squares - sum*sum/n) / (n - 1)
	}
	return math.Sqrt(total / float64(len(r.Runs)))
}

// parsed returns the values of the launch that is shown: the one whose first value is
// nearest to the first that is shown. Second may be empty.
func parsed(shown string, first, second []float64) []float64 {
	text, _, _ := strings.Cut(shown, " ")
	v, _ := strconv.ParseFloat(text, 64)
	at := 0
	for i := range first {
		if math.Abs(first[i]-v) < math.Abs(first[at]-v) {
			at = i
		}
	}
	if len(second) == 0 {
		return first[at : at+1]
	}
	return []float64{first[at], second[at]}
}
