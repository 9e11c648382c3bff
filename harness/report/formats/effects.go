package formats

import (
	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/harmless"
)

// per says of what time an effect is.
func per(e compare.Effect) string {
	if e.PerExample {
		return "example"
	}
	return "epoch"
}

// effectRows has a row of CSV for each effect of a record.
func effectRows(r *record.Record) []row {
	var out []row
	for _, e := range compare.EffectsOf(r) {
		out = append(out, row{record: r, run: e.Run, launch: &record.Launch{}, effect: &e})
	}
	return out
}

// effectColumns are those of a record of effects. Rows of launches have the factor too.
func effectColumns(r *record.Record) []csvColumn {
	if r.Plan.Kind != record.KindFactors {
		return nil
	}
	of := func(name string, value func(record.Factor) string) csvColumn {
		return csvColumn{name, func(at row) string {
			if at.run.Factor == nil {
				return ""
			}
			return value(*at.run.Factor)
		}, true}
	}
	effect := func(name string, value func(compare.Effect) string) csvColumn {
		return csvColumn{name, func(at row) string {
			if at.effect == nil {
				return ""
			}
			return value(*at.effect)
		}, true}
	}
	return []csvColumn{
		of("factor", func(f record.Factor) string { return f.Name }),
		of("from", func(f record.Factor) string { return f.From }),
		of("to", func(f record.Factor) string { return f.To }),
		effect("per", per),
		effect("ratio", func(e compare.Effect) string { return cell(e.Ratio.Median) }),
		effect("low", func(e compare.Effect) string { return cell(e.Ratio.Low) }),
		effect("high", func(e compare.Effect) string { return cell(e.Ratio.High) }),
		effect("p", func(e compare.Effect) string { return known(e.P, e.Ratio.Known()) }),
	}
}

// effected are the gauges of effects.
func effected(r *record.Record) []family {
	ratio := ratios("epochtime_effect", "Time with one change over that of the default.")
	p := family{name: "epochtime_effect_probability_ratio", unit: "ratio", help: "Probability of an effect as large if nothing had changed, adjusted for all of them (Holm)."}
	for _, e := range compare.EffectsOf(r) {
		labels := []pair{{"graph", r.Runs[0].Graph.Name}, {"factor", e.Factor.Name}, {"from", e.Factor.From}, {"to", e.Factor.To}, {"per", per(e)}}
		for i, v := range []float64{e.Ratio.Median, e.Ratio.Low, e.Ratio.High} {
			ratio[i].samples = append(ratio[i].samples, sample{labels, v})
		}
		if e.Ratio.Known() {
			p.samples = append(p.samples, sample{labels, e.P})
		}
	}
	return append(ratio, p)
}

// effectsPart is a table of the effects, and what is said beside them.
func effectsPart(r *record.Record) string {
	header := table.Row{"change", "time per", "ratio", "interval", "told from ×1"}
	var lines []table.Row
	for _, e := range compare.EffectsOf(r) {
		lines = append(lines, table.Row{harmless.Markdown(report.EffectTitle(e)), per(e), report.Times(e.Ratio.Median), report.EffectInterval(e), report.EffectWord(e)})
	}
	out := grid(header, lines)
	for _, note := range report.EffectNotes(r) {
		out += "\n\n" + harmless.Markdown(note)
	}
	return out
}
