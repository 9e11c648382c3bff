package formats

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// Markdown has tables as forges render them (GitHub Flavored Markdown): the
// comparison if there is one, failed launches, an estimate, the effects of changes,
// every bill or else every configuration, what they cost, what is timed of scripts with
// every notice, the advice of a search, warnings, and where it was measured. Names are
// shown as they are, with escapes for what cannot be seen.
func Markdown(r *record.Record, c *compare.Comparison) []byte {
	var parts []string
	if c != nil {
		parts = append(parts, comparisonPart(c))
	}
	failed, others := warnings(r)
	if len(failed) > 0 {
		parts = append(parts, "**Launches failed:**\n\n"+strings.Join(failed, "\n"))
	}
	parts = append(parts, results(r)...)
	parts = append(parts, asides(r)...)
	if r.Plan.Kind == record.KindTune {
		parts = append(parts, advice(r))
	}
	if len(others) > 0 {
		parts = append(parts, "Warnings:\n\n"+strings.Join(others, "\n"))
	}
	parts = append(parts, surroundings(r))
	return []byte(strings.Join(parts, "\n\n") + "\n")
}

// results are what a measurement of the record's kind found.
func results(r *record.Record) []string {
	var parts []string
	if r.Estimate != nil {
		parts = append(parts, estimatePart(r))
	}
	if r.Plan.Kind == record.KindFactors {
		parts = append(parts, effectsPart(r))
	}
	for _, b := range r.Bills {
		parts = append(parts, billPart(b))
	}
	if text := report.BillLaunches(r); text != "" {
		parts = append(parts, text)
	}
	switch r.Plan.Kind {
	case record.KindExplain:
	case record.KindProbe:
		for _, l := range r.Limits {
			parts = append(parts, limitsPart(r, l))
		}
	case record.KindLargest:
		parts = append(parts, largestPart(r))
	default:
		parts = append(parts, runsTable(r))
	}
	if text := scalingPart(r); text != "" {
		parts = append(parts, text)
	}
	return parts
}

// asides are what stands below the results: settings, energy, pace, money.
func asides(r *record.Record) []string {
	var parts []string
	for _, line := range report.KnownSettings(r) {
		parts = append(parts, harmless.Markdown(line))
	}
	if note := report.EnergyNote(r); note != "" {
		parts = append(parts, harmless.Markdown(note))
	}
	if text := stats.Busy(r); text != "" && r.Estimate == nil {
		parts = append(parts, "**Warning:** "+harmless.Markdown(text)+".")
	}
	for _, text := range report.Paces(r) {
		parts = append(parts, harmless.Markdown(text))
	}
	if text := costs(r); text != "" {
		parts = append(parts, text)
	}
	if list := utilizations(r); list != "" {
		parts = append(parts, list)
	}
	if list := scripted(report.TimedRuns(r)); list != "" {
		parts = append(parts, list)
	}
	return parts
}

func runsTable(r *record.Record) string {
	header := table.Row{"configuration", "launches", "epoch time", "95 % interval", "examples/s", "first step", "peak memory", "final loss"}
	beside, besides := report.Beside(r.Runs)
	header = append(header, anyOf(beside)...)
	metrics := slices.ContainsFunc(r.Runs, func(r record.Run) bool { return r.Summary != nil && len(r.Summary.Metrics) > 0 })
	if metrics {
		header = append(header, "metrics")
	}
	names, notes := report.Titles(r.Runs), runNotes(r)
	noted := slices.Contains([]string{record.KindSweep, record.KindTune, record.KindEstimate, record.KindFactors}, r.Plan.Kind)
	if noted {
		header = append(header, "note")
	}
	var lines []table.Row
	for i, run := range r.Runs {
		line := table.Row{harmless.Markdown(names[i]), report.Launches(run)}
		if s := run.Summary; s != nil {
			line = append(line, report.Seconds(s.EpochSeconds.Median), report.Range(s.EpochSeconds), report.Rate(s.ExamplesPerSecond),
				report.FirstStep(*s), report.Bytes(s.PeakRSS), report.Loss(s.FinalLoss))
		} else {
			line = append(line, "–", "–", "–", "–", "–", "–")
		}
		line = append(line, anyOf(besides(run))...)
		if metrics {
			line = append(line, harmless.Markdown(metricsOf(run)))
		}
		if noted {
			line = append(line, harmless.Markdown(notes[&r.Runs[i]]))
		}
		lines = append(lines, line)
	}
	return grid(header, lines)
}

// metricsOf lists the metrics of a run.
func metricsOf(r record.Run) string {
	if r.Summary == nil || len(r.Summary.Metrics) == 0 {
		return "–"
	}
	return report.Metrics(r.Summary.Metrics)
}

// anyOf are cells of a table.
func anyOf(texts []string) table.Row {
	var out table.Row
	for _, text := range texts {
		out = append(out, text)
	}
	return out
}

// scripted says what is timed of scripts, and what is not in the times; empty where
// there is neither.
func scripted(runs []record.Run) string {
	var lines []string
	if text := report.WholeEpochs(runs); text != "" {
		lines = append(lines, "- "+text)
	}
	for _, line := range report.ScriptLines(runs) {
		lines = append(lines, "- "+harmless.Markdown(line))
	}
	for _, n := range report.Notices(runs) {
		lines = append(lines, "- notice: "+harmless.Markdown(n.Line()))
	}
	if len(lines) == 0 {
		return ""
	}
	return "What is timed:\n\n" + strings.Join(lines, "\n")
}

// advice is what a search has come to, with the command line to use.
func advice(r *record.Record) string {
	s := compare.SearchOf(r, compare.Options{Threshold: report.Threshold(0, r)})
	if len(s.Candidates) == 0 {
		return "There are no candidates."
	}
	sentence, command := report.Advice(r, s)
	if command == "" {
		return harmless.Markdown(sentence)
	}
	return harmless.Markdown(sentence) + "\n\n    " + command
}

func comparisonPart(c *compare.Comparison) string {
	header := table.Row{"configuration", "verdict", "change of time", "interval", "sees"}
	var lines []table.Row
	var failed, doubts []string
	for _, p := range c.Pairs {
		lines = append(lines, table.Row{harmless.Markdown(p.Title), string(p.Verdict), report.Change(p.Ratio.Median), report.Changes(p.Ratio), report.SeenCell(p)})
		if p.Verdict == compare.Inconclusive && p.Needed > 0 && !p.Blind() {
			doubts = append(doubts, fmt.Sprintf("- %s: a verdict takes about %s launches per side", harmless.Markdown(p.Title), report.Count(p.Needed)))
		}
		if p.Failures != nil {
			failed = append(failed, p.Title+": "+p.Failures.Counts())
			if evidence := p.Failures.Evidence(); evidence != "" {
				doubts = append(doubts, "- "+harmless.Markdown(p.Title+": "+evidence))
			}
		}
		for _, d := range p.Doubts {
			doubts = append(doubts, "- "+harmless.Markdown(p.Title+": "+d))
		}
	}
	for _, d := range c.Doubts {
		doubts = append(doubts, "- "+harmless.Markdown(d))
	}
	out := fmt.Sprintf("**%s** than the base:", c.Verdict())
	switch c.Verdict() {
	case compare.Same:
		out = "**same** as the base:"
	case compare.Inconclusive:
		out = "**inconclusive**, these launches cannot tell:"
	}
	if c.Failed() {
		out = "**launches failed**: " + harmless.Markdown(strings.Join(failed, ". ")) + ". Of those that worked, " + out
	}
	for _, text := range report.BlindPairs(c) {
		out = harmless.Markdown(text) + "\n\n" + out
	}
	out += "\n\n" + grid(header, lines) + "\n\n" + report.Sees
	if len(doubts) > 0 {
		out += "\n\nDoubts:\n\n" + strings.Join(doubts, "\n")
	}
	return out
}

// warnings are what failed, from the launches themselves, and what else the record
// warns of.
func warnings(r *record.Record) (failed, others []string) {
	names := report.RunTitles(r)
	for i := range r.Runs {
		run := &r.Runs[i]
		known := stats.Failures(run)
		ended := slices.ContainsFunc(run.Launches, func(l record.Launch) bool { return outOfTime(r, l) })
		for _, text := range failures(r, run) {
			failed = append(failed, "- "+harmless.Markdown(names[i]+": "+text))
		}
		for _, text := range run.Warnings {
			if len(failures(r, run)) == 0 && !ended || !slices.Contains(known, text) {
				others = append(others, "- "+harmless.Markdown(names[i]+": "+text))
			}
		}
	}
	return failed, others
}

// surroundings say where and when.
func surroundings(r *record.Record) string {
	lines := []table.Row{{"measured", r.Started.UTC().Format("2006-01-02 15:04 UTC")}, {"epochtime", harmless.Markdown(r.Epochtime)}, {"record", harmless.Markdown(r.ID)}}
	for _, key := range sortedKeys(r.Labels) {
		lines = append(lines, table.Row{harmless.Markdown(key), harmless.Markdown(r.Labels[key])})
	}
	for _, m := range r.Machines {
		lines = append(lines, table.Row{"machine", harmless.Markdown(fmt.Sprintf("%s: %s; %s", m.Title(), m.Type(), m.OS))})
	}
	if text := report.Spent(r); text != "" {
		lines = append(lines, table.Row{"time", harmless.Markdown(text)})
	}
	for _, v := range versions(r) {
		lines = append(lines, table.Row{harmless.Markdown(v.key), harmless.Markdown(v.value)})
	}
	return grid(table.Row{"about", ""}, lines)
}

// versions are those of what trained, each once.
func versions(r *record.Record) []pair {
	var out []pair
	add := func(name, version string) {
		if p := (pair{name, version}); version != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, run := range r.Runs {
		for _, l := range run.Launches {
			add("TensorFlow", report.TensorFlow(l.TensorFlow, l.Build))
			for _, name := range sortedKeys(l.Versions) {
				add(name, l.Versions[name])
			}
		}
	}
	return out
}

func grid(header table.Row, lines []table.Row) string {
	t := table.NewWriter()
	t.AppendHeader(header)
	t.AppendRows(lines)
	return t.RenderMarkdown()
}
