package formats

import (
	"strconv"

	"epochtime/harness/record"
	"epochtime/harness/report"
)

// besides are the gauges of what runs have beside their epoch times, and of scripts.
func besides(r *record.Record) []family {
	labels := uniqueLabels(r.Runs)
	out := intervals(r, labels, "whole_epoch", "training and validation of an epoch", func(s *record.Summary) *record.Interval { return s.WholeSeconds })
	out = append(out, intervals(r, labels, "first_epoch", "the first epoch of a cold launch", func(s *record.Summary) *record.Interval { return s.FirstEpochSeconds })...)
	return append(out, compiledMetrics(r, labels), scriptParts(r), notices(r.Runs))
}

// intervals are the gauges of a median over launches and of its interval.
func intervals(r *record.Record, labels [][]pair, name, what string, of func(*record.Summary) *record.Interval) []family {
	middle := family{name: "epochtime_" + name + "_seconds", unit: "seconds", help: "Median over launches of " + what + "."}
	low := family{name: "epochtime_" + name + "_low_seconds", unit: "seconds", help: "Lower end of its 95 % interval."}
	high := family{name: "epochtime_" + name + "_high_seconds", unit: "seconds", help: "Upper end of its 95 % interval."}
	for i := range r.Runs {
		if r.Runs[i].Summary == nil {
			continue
		}
		if v := of(r.Runs[i].Summary); v != nil {
			middle.samples = append(middle.samples, sample{labels[i], v.Median})
			low.samples = append(low.samples, sample{labels[i], float64(v.Low)})
			high.samples = append(high.samples, sample{labels[i], float64(v.High)})
		}
	}
	return []family{middle, low, high}
}

// compiledMetrics are the metrics that models were compiled with.
func compiledMetrics(r *record.Record, labels [][]pair) family {
	f := family{name: "epochtime_metric", help: "A metric by Keras's name as computed last, the median over launches."}
	for i, run := range r.Runs {
		if run.Summary == nil {
			continue
		}
		for _, name := range sortedKeys(run.Summary.Metrics) {
			f.samples = append(f.samples, sample{with(labels[i], pair{"metric", name}), float64(run.Summary.Metrics[name])})
		}
	}
	return f
}

// scriptParts say which part of a script a graph is.
func scriptParts(r *record.Record) family {
	var lines [][]pair
	for _, run := range r.Runs {
		if s := run.Graph.Script; s != nil {
			lines = append(lines, []pair{
				{"graph", run.Graph.Name}, {"script", report.ScriptPart(s)}, {"call", s.Call}, {"line", strconv.Itoa(s.Line)},
				{"phase", strconv.Itoa(s.Phase)}, {"phases", strconv.Itoa(s.Phases)},
			})
		}
	}
	return family{name: "epochtime_script", help: "The part of a script that a graph is.", samples: ones(lines)}
}

// notices are there once for each graph.
func notices(runs []record.Run) family {
	const help = "What of a person's own training is not in the times of a graph, or is there in another way."
	var lines [][]pair
	for _, run := range runs {
		for _, n := range run.Graph.Notices {
			lines = append(lines, []pair{{"graph", run.Graph.Name}, {"about", n.About}, {"text", n.Text}})
		}
	}
	return family{name: "epochtime_notice", help: help, samples: ones(lines)}
}

// ones are lines of the value 1, without those whose labels are there already.
func ones(list [][]pair) []sample {
	var out []sample
	seen := map[string]bool{}
	for _, labels := range list {
		if text := labelText(labels); !seen[text] {
			seen[text] = true
			out = append(out, sample{labels, 1})
		}
	}
	return out
}
