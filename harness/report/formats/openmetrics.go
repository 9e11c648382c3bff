package formats

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/internal/harmless"
)

// pair is a key and its value.
type pair struct{ key, value string }

// sample is one line of a family.
type sample struct {
	labels []pair
	value  float64
}

// family is a gauge, the only type that readers of Prometheus' older text format take
// too, such as node exporter's collector of text files. That one refuses timestamps,
// so there are none.
type family struct {
	name, unit, help string
	samples          []sample
}

// unbounded are the families in which +Inf is a value, and not a lack of one.
var unbounded = map[string]bool{"epochtime_night_smallest_slowdown_ratio": true}

// OpenMetrics is the record as gauges in seconds and bytes (OpenMetrics 1.0), for node
// exporter's collector of text files. Labels are the settings, the same from night
// to night. Numbers that are not known are left out.
func OpenMetrics(r *record.Record, c *compare.Comparison) []byte {
	var b bytes.Buffer
	for _, f := range slices.Concat(measured(r), besides(r), machines(r), spent(r), metered(r), priced(r), billed(r), estimatedFamilies(r), limited(r), effected(r), compared(r, c)) {
		writeFamily(&b, f)
	}
	b.WriteString("# EOF\n")
	return b.Bytes()
}

func measured(r *record.Record) []family {
	labels := uniqueLabels(r.Runs)
	of := func(name, unit, help string, value func(record.Summary) float64) family {
		f := family{name: name, unit: unit, help: help}
		for i, run := range r.Runs {
			if run.Summary != nil {
				f.samples = append(f.samples, sample{labels[i], value(*run.Summary)})
			}
		}
		return f
	}
	return []family{
		about(r),
		{"epochtime_started_timestamp_seconds", "seconds", "When the measurement began, since 1970.",
			[]sample{{[]pair{{"graphs", graphsOf(r)}, {"kind", r.Plan.Kind}}, float64(r.Started.UnixMilli()) / 1e3}}},
		of("epochtime_epoch_seconds", "seconds", "Median over launches of the median epoch.", func(s record.Summary) float64 { return s.EpochSeconds.Median }),
		of("epochtime_epoch_low_seconds", "seconds", "Lower end of its 95 % interval.", func(s record.Summary) float64 { return float64(s.EpochSeconds.Low) }),
		of("epochtime_epoch_high_seconds", "seconds", "Upper end of its 95 % interval.", func(s record.Summary) float64 { return float64(s.EpochSeconds.High) }),
		of("epochtime_epoch_mean_seconds", "seconds", "Mean over all measured epochs.", func(s record.Summary) float64 { return s.MeanEpochSeconds }),
		of("epochtime_step_seconds", "seconds", "Median time of a step.", func(s record.Summary) float64 { return s.StepSeconds }),
		of("epochtime_first_step_seconds", "seconds", "Median time of the first step, part of no epoch but a cold first one.", func(s record.Summary) float64 { return s.FirstStepSeconds }),
		of("epochtime_wait_ratio", "ratio", "Share of the epoch that waits for its next batch.", func(s record.Summary) float64 { return s.WaitShare }),
		of("epochtime_examples_per_second", "", "Examples of an epoch over its time.", func(s record.Summary) float64 { return s.ExamplesPerSecond }),
		of("epochtime_peak_memory_bytes", "bytes", "Largest resident memory of a worker.", func(s record.Summary) float64 { return float64(s.PeakRSS) }),
		of("epochtime_final_loss", "", "Loss after the last epoch of the last launch.", func(s record.Summary) float64 { return float64(s.FinalLoss) }),
		launches(r, labels),
		failedLaunches(r, labels),
	}
}

// about is the record's own line: its labels, such as the commit.
func about(r *record.Record) family {
	labels := []pair{{"id", r.ID}, {"version", r.Epochtime}, {"kind", r.Plan.Kind}, {"status", r.Status}}
	names := map[string]bool{}
	for _, key := range sortedKeys(r.Labels) {
		name := "label_" + harmless.LabelName(key)
		if !names[name] { // two that differ only in what a name cannot hold
			labels = append(labels, pair{name, r.Labels[key]})
		}
		names[name] = true
	}
	return family{name: "epochtime_record", help: "The record that these numbers are of.", samples: []sample{{labels, 1}}}
}

// graphsOf tells the files of several records apart, which one reader may join.
func graphsOf(r *record.Record) string {
	names := map[string]bool{}
	for _, run := range r.Runs {
		names[run.Graph.Name] = true
	}
	return strings.Join(sortedKeys(names), " ")
}

func launches(r *record.Record, labels [][]pair) family {
	f := family{name: "epochtime_launches", help: "Launches by how they ended."}
	for i, run := range r.Runs {
		counts := map[string]int{record.OK: 0}
		for _, l := range run.Launches {
			counts[l.Status]++
		}
		for _, status := range sortedKeys(counts) {
			f.samples = append(f.samples, sample{with(labels[i], pair{"status", status}), float64(counts[status])})
		}
	}
	return f
}

// failedLaunches is there also where none failed, for an alert on more than 0.
func failedLaunches(r *record.Record, labels [][]pair) family {
	f := family{name: "epochtime_failed_launches", help: "Launches that did not end well, whatever their status."}
	for i, run := range r.Runs {
		failed := 0
		for _, l := range run.Launches {
			if l.Status != record.OK {
				failed++
			}
		}
		f.samples = append(f.samples, sample{labels[i], float64(failed)})
	}
	return f
}

// compared are the ratios to a base and what they mean.
func compared(r *record.Record, c *compare.Comparison) []family {
	if c == nil {
		return nil
	}
	ratio := family{name: "epochtime_compared_ratio", unit: "ratio", help: "New over base, seconds per epoch or per example."}
	low := family{name: "epochtime_compared_low_ratio", unit: "ratio", help: "Lower end of the ratio's interval."}
	high := family{name: "epochtime_compared_high_ratio", unit: "ratio", help: "Upper end of the ratio's interval."}
	smallest := family{name: "epochtime_smallest_slowdown_ratio", unit: "ratio", help: "Share of time by which an epoch must be longer for these launches to call it; none where they call nothing."}
	verdict := family{name: "epochtime_verdict", help: "1 for what the comparison says, 0 for what it does not."}
	for i, p := range c.Pairs {
		labels := []pair{{"pair", p.Title}}
		if duplicate(c.Pairs[:i], p.Title) {
			labels = append(labels, pair{"number", strconv.Itoa(i)})
		}
		ratio.samples = append(ratio.samples, sample{labels, p.Ratio.Median})
		low.samples = append(low.samples, sample{labels, p.Ratio.Low})
		high.samples = append(high.samples, sample{labels, p.Ratio.High})
		smallest.samples = append(smallest.samples, sample{labels, p.SmallestSlowdown(compare.Power)})
		for _, v := range []compare.Verdict{compare.Faster, compare.Same, compare.Inconclusive, compare.Slower} {
			value := 0.0
			if p.Verdict == v {
				value = 1
			}
			verdict.samples = append(verdict.samples, sample{with(labels, pair{"verdict", string(v)}), value})
		}
	}
	return []family{ratio, low, high, smallest, verdict}
}

func duplicate(before []compare.Pair, title string) bool {
	for _, p := range before {
		if p.Title == title {
			return true
		}
	}
	return false
}

// uniqueLabels are the settings of each run, and a number where they repeat: two
// lines may not have the same labels.
func uniqueLabels(runs []record.Run) [][]pair {
	out := make([][]pair, len(runs))
	seen := map[string]int{}
	for i, r := range runs {
		out[i] = metricLabels(r)
		key := labelText(out[i])
		if n := seen[key]; n > 0 {
			out[i] = append(out[i], pair{"number", strconv.Itoa(n)})
		}
		seen[key]++
	}
	return out
}

// metricLabels are the settings that identify a run. The environment is one label,
// because the names of variables cannot be names of labels.
func metricLabels(r record.Run) []pair {
	out := []pair{{"graph", r.Graph.Name}}
	if r.On != "" {
		out = append(out, pair{"on", r.On})
	}
	if r.Side != "" {
		out = append(out, pair{"side", r.Side})
	}
	if r.Settings != nil {
		out = append(out, pair{"settings", r.Settings.Name})
	}
	for _, s := range setting.All() {
		if text := s.Text(r.Config); text != "" && !s.Comparable { // an empty label is the same as none
			out = append(out, pair{s.Key(), text})
		}
	}
	return out
}

func with(labels []pair, more pair) []pair {
	return append(append([]pair(nil), labels...), more)
}

func labelText(labels []pair) string {
	var parts []string
	for _, l := range labels {
		parts = append(parts, l.key+`="`+harmless.Label(l.value)+`"`)
	}
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func writeFamily(b *bytes.Buffer, f family) {
	var lines []string
	for _, s := range f.samples {
		if finite(s.value) || unbounded[f.name] && math.IsInf(s.value, 1) {
			lines = append(lines, f.name+labelText(s.labels)+" "+number(s.value)+"\n")
		}
	}
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "# TYPE %s gauge\n", f.name)
	if f.unit != "" {
		fmt.Fprintf(b, "# UNIT %s %s\n", f.name, f.unit)
	}
	fmt.Fprintf(b, "# HELP %s %s\n%s", f.name, f.help, strings.Join(lines, ""))
}
