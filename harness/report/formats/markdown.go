package formats

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// Markdown has tables as forges render them (GitHub Flavored Markdown): the
// comparison if there is one, every configuration, what is doubtful, and where it
// was measured. Whatever a name holds is shown as it is.
func Markdown(r *record.Record, c *compare.Comparison) []byte {
	var parts []string
	if c != nil {
		parts = append(parts, comparisonPart(c))
	}
	parts = append(parts, runsTable(r))
	if list := warnings(r); len(list) > 0 {
		parts = append(parts, "Warnings:\n\n"+strings.Join(list, "\n"))
	}
	parts = append(parts, surroundings(r))
	return []byte(strings.Join(parts, "\n\n") + "\n")
}

func runsTable(r *record.Record) string {
	header := table.Row{"configuration", "launches", "epoch time", "95 % interval", "examples/s", "first step", "peak memory", "final loss"}
	names := titles(r.Runs)
	var lines []table.Row
	for i, run := range r.Runs {
		line := table.Row{plain(names[i]), launchCount(run)}
		if s := run.Summary; s != nil {
			line = append(line, report.Seconds(s.EpochSeconds.Median), report.Range(s.EpochSeconds), report.Rate(s.ExamplesPerSecond),
				report.Seconds(s.FirstStepSeconds), report.Bytes(s.PeakRSS), report.Loss(s.FinalLoss))
		} else {
			line = append(line, "–", "–", "–", "–", "–", "–")
		}
		lines = append(lines, line)
	}
	return grid(header, lines)
}

// launchCount tells how many launches are ok, and of how many if some are not.
func launchCount(r record.Run) string {
	ok := 0
	for _, l := range r.Launches {
		if l.Status == record.OK {
			ok++
		}
	}
	if ok == len(r.Launches) {
		return report.Count(ok)
	}
	return fmt.Sprintf("%d of %d", ok, len(r.Launches))
}

func comparisonPart(c *compare.Comparison) string {
	header := table.Row{"configuration", "verdict", "new over base", "interval"}
	var lines []table.Row
	var doubts []string
	for _, p := range c.Pairs {
		interval := "–"
		if p.Ratio.Confidence > 0 {
			interval = percentOf(p.Ratio.Low) + " to " + percentOf(p.Ratio.High)
		}
		lines = append(lines, table.Row{plain(p.Title), string(p.Verdict), percentOf(p.Ratio.Median), interval})
		if p.Verdict == compare.Inconclusive && p.Needed > 0 {
			doubts = append(doubts, fmt.Sprintf("- %s: a verdict takes about %s launches a side", plain(p.Title), report.Count(p.Needed)))
		}
		for _, d := range p.Doubts {
			doubts = append(doubts, "- "+plain(p.Title+": "+d))
		}
	}
	for _, d := range c.Doubts {
		doubts = append(doubts, "- "+plain(d))
	}
	out := fmt.Sprintf("**%s** than the base:", c.Verdict())
	switch c.Verdict() {
	case compare.Same:
		out = "**same** as the base:"
	case compare.Inconclusive:
		out = "**inconclusive**, these launches cannot tell:"
	}
	out += "\n\n" + grid(header, lines)
	if len(doubts) > 0 {
		out += "\n\nDoubts:\n\n" + strings.Join(doubts, "\n")
	}
	return out
}

func warnings(r *record.Record) []string {
	names := titles(r.Runs)
	var out []string
	for i, run := range r.Runs {
		for _, w := range run.Warnings {
			out = append(out, "- "+plain(names[i]+": "+w))
		}
	}
	return out
}

// surroundings say where and when.
func surroundings(r *record.Record) string {
	lines := []table.Row{{"measured", r.Started.UTC().Format("2006-01-02 15:04 UTC")}, {"epochtime", plain(r.Epochtime)}, {"record", plain(r.ID)}}
	for _, key := range sortedKeys(r.Labels) {
		lines = append(lines, table.Row{plain(key), plain(r.Labels[key])})
	}
	for _, m := range r.Machines {
		lines = append(lines, table.Row{"machine", plain(fmt.Sprintf("%s, %s, %d cores, %s", m.Hostname, m.CPU, m.Cores, m.OS))})
	}
	seen := map[string]bool{}
	for _, run := range r.Runs {
		for _, l := range run.Launches {
			if l.TensorFlow != "" && !seen[l.TensorFlow] {
				seen[l.TensorFlow] = true
				lines = append(lines, table.Row{"TensorFlow", plain(l.TensorFlow)})
			}
		}
	}
	return grid(table.Row{"about", ""}, lines)
}

func grid(header table.Row, lines []table.Row) string {
	t := table.NewWriter()
	t.AppendHeader(header)
	t.AppendRows(lines)
	return t.RenderMarkdown()
}

// special is what Markdown gives a meaning, but for |, which the table escapes.
var special = regexp.MustCompile("^[-+]|[\\\\`*_\\[\\]<>#!~&]")

// plain escapes text so that it is shown as it is; newlines become spaces.
func plain(text string) string {
	return special.ReplaceAllString(oneLine(text), `\$0`)
}
