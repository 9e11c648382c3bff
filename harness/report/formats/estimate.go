package formats

import (
	"math"
	"strconv"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/harmless"
)

// estimateFigures are the figures of an estimate. Their names say what they are of, and in
// which unit.
func estimateFigures(e *record.Estimate) []figure {
	if e == nil {
		return nil
	}
	if e.Reason != "" {
		return []figure{{name: "epoch_s", seconds: exactly(math.NaN()), share: math.NaN(), missing: e.Reason}}
	}
	var out []figure
	add := func(name string, v *record.Interval) {
		if v != nil {
			out = append(out, figure{name: name, seconds: *v, share: math.NaN()})
		}
	}
	add("epoch_s", &e.Epoch)
	add("total_s", &e.Total)
	add("cold_s", &e.Cold)
	add("peak_rss_bytes", e.Memory)
	add("joules_per_epoch", e.Joules)
	if c := e.Cost; c != nil {
		add("cost_per_epoch_"+c.Currency, &c.PerEpoch)
		add("cost_total_"+c.Currency, &c.Total)
	}
	for _, p := range e.Parts {
		out = append(out, figure{name: "part_" + p.Name + "_s", seconds: exactly(p.Seconds), share: p.Share})
	}
	if m := e.Measured; m != nil {
		add("measured_epoch_s", &m.Epoch)
		out = append(out, figure{name: "error", seconds: exactly(math.NaN()), share: m.Error})
	}
	return out
}

// estimatePart is the answer, of what it is made, and how sure it is.
func estimatePart(r *record.Record) string {
	e := r.Estimate
	list := func(texts []string) string {
		var out []string
		for _, text := range texts {
			out = append(out, "- "+harmless.Markdown(text))
		}
		return strings.Join(out, "\n")
	}
	parts := []string{list(report.EstimateAnswer(e))}
	if rows := report.EstimateRows(e); len(rows) > 0 {
		parts = append(parts, grid(report.EstimateHeader, escaped(rows)))
	}
	basis := append(report.EstimateBasis(e), e.Notes...)
	if e.Cost != nil {
		basis = append(basis, report.Prices(r)...)
	}
	if text := list(basis); text != "" {
		parts = append(parts, text)
	}
	return strings.Join(parts, "\n\n")
}

// estimatedFamilies are the gauges of an estimate.
func estimatedFamilies(r *record.Record) []family {
	e := r.Estimate
	if e == nil || e.Reason != "" {
		return nil
	}
	labels := []pair{{"graph", graphsOf(r)}, {"samples", strconv.Itoa(e.Samples)}, {"batch", strconv.Itoa(e.Batch)}, {"epochs", strconv.Itoa(e.Epochs)}}
	var out []family
	add := func(name, unit, what string, v *record.Interval) {
		if v == nil {
			return
		}
		list := []family{
			{name: name + "_" + unit, unit: unit, help: what},
			{name: name + "_low_" + unit, unit: unit, help: "Lower end of its 90 % interval for one more launch."},
			{name: name + "_high_" + unit, unit: unit, help: "Upper end of its 90 % interval for one more launch."},
		}
		addInterval(list, labels, *v)
		out = append(out, list...)
	}
	add("epochtime_estimate_epoch", "seconds", "What an epoch would take.", &e.Epoch)
	add("epochtime_estimate_total", "seconds", "What all epochs would take, with the cold start.", &e.Total)
	add("epochtime_estimate_cold", "seconds", "What of that happens once.", &e.Cold)
	add("epochtime_estimate_peak_memory", "bytes", "Peak memory it would take.", e.Memory)
	add("epochtime_estimate_epoch_energy", "joules", "Energy an epoch would take.", e.Joules)
	part := family{name: "epochtime_estimate_part_seconds", unit: "seconds", help: "A part of the epoch; all but waiting add up."}
	for _, p := range e.Parts {
		part.samples = append(part.samples, sample{with(labels, pair{"part", p.Name}), p.Seconds})
	}
	out = append(out, part)
	if m := e.Measured; m != nil {
		out = append(out, family{name: "epochtime_estimate_error_ratio", unit: "ratio", help: "Error of the estimate over what was measured.", samples: []sample{{labels, m.Error}}})
	}
	return out
}
