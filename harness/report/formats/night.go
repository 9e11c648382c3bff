package formats

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"epochtime/harness/baseline"
	"epochtime/harness/compare"
	"epochtime/harness/nightly"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/harmless"
)

// NightMarkdown is the report of a nightly job: its result, a table of all
// comparisons, remarks, and every session.
func NightMarkdown(n *nightly.Night) []byte {
	verb := "Nightly"
	if n.Accepting {
		verb = "Accepting"
	}
	parts := []string{fmt.Sprintf("# %s, %s", verb, n.Started.UTC().Format("2006-01-02 15:04 UTC"))}
	for _, line := range report.NightHeadlines(n) {
		parts = append(parts, "**"+harmless.Markdown(line)+"**")
	}
	if len(n.Comparisons) > 0 {
		header, rows := report.NightTable(n)
		for _, row := range rows {
			for i := range row {
				row[i] = harmless.Markdown(fmt.Sprint(row[i]))
			}
		}
		parts = append(parts, grid(header, rows), report.NightSees)
	}
	var remarks []string
	for _, line := range report.NightRemarks(n) {
		remarks = append(remarks, "- "+harmless.Markdown(line))
	}
	if len(remarks) > 0 {
		parts = append(parts, strings.Join(remarks, "\n"))
	}
	for _, c := range n.Comparisons {
		for _, s := range c.Sessions {
			parts = append(parts, "## "+harmless.Markdown(s.Name), strings.TrimSpace(string(Markdown(s.Record, report.NightVerdict(s)))))
		}
	}
	return []byte(strings.Join(parts, "\n\n") + "\n")
}

// NightJUnit has a test case for each comparison of a night. Whatever was not compared
// is an error, a regression a failure, and what is undecided is skipped.
func NightJUnit(n *nightly.Night) ([]byte, error) {
	suite := junitSuite{Name: "epochtime nightly", Timestamp: n.Started.UTC().Format("2006-01-02T15:04:05"), Time: "0"}
	suite.Properties = []junitProperty{{"commit", n.Commit}, {"result", string(n.Result())}}
	for _, c := range n.Comparisons {
		suite.add(nightCase(c))
	}
	if result := n.Result(); len(n.Comparisons) == 0 || result == nightly.Stopped || result == nightly.Unfinished {
		suite.add(junitCase{Classname: "epochtime.nightly", Name: "night", Time: "0", Failures: []junitFailure{
			{Type: string(result), Message: strings.Join(report.NightHeadlines(n), " ")},
		}})
	}
	return encodeJUnit(suite)
}

func nightCase(c nightly.Comparison) junitCase {
	one := junitCase{Classname: "epochtime.nightly", Name: c.Graph + " against " + string(c.Base), Time: "0", Out: string(c.Outcome)}
	text := string(c.Outcome)
	if s := c.Last(); s != nil && c.Outcome != nightly.Running {
		text = verdictLine(s.Pair)
		one.Time = number(measuredSeconds(s.Record.Runs[0]) + measuredSeconds(s.Record.Runs[1]))
		if s.Pair.Failures != nil {
			text = s.Pair.Failures.String()
		}
	}
	if c.Problem != "" {
		text = c.Problem
	}
	switch c.Outcome {
	case nightly.Same, nightly.Faster, nightly.Accepted:
		one.Out = text
	case nightly.Inconclusive, nightly.Unconfirmed:
		one.Skipped = &junitSkipped{Message: text}
	default:
		one.Failures = []junitFailure{{Type: string(c.Outcome), Message: text, Text: strings.Join(c.Notes, "\n")}}
	}
	if s := c.Last(); s != nil {
		for _, n := range compare.Notices(s.Pair.Base, s.Pair.New) {
			one.Out += "\nnotice: " + report.NoticeText(n)
		}
	}
	return one
}

// NightMetrics are the result of a night and the outcome of each comparison as gauges,
// as OpenMetrics has those of a record.
func NightMetrics(n *nightly.Night) []byte {
	result := family{name: "epochtime_night_result", help: "1 for what the night says, 0 for what it does not."}
	for _, r := range []nightly.Result{nightly.Passed, nightly.Undecided, nightly.Regression, nightly.Problem, nightly.Stopped, nightly.Unfinished} {
		result.samples = append(result.samples, sample{[]pair{{"result", string(r)}}, indicator(n.Result() == r)})
	}
	started := family{
		"epochtime_night_started_timestamp_seconds", "seconds", "When the night began, since 1970.",
		[]sample{{nil, float64(n.Started.UnixMilli()) / 1e3}},
	}
	ratio := family{name: "epochtime_night_ratio", unit: "ratio", help: "Tonight's build over the other, seconds per epoch or per example."}
	sees := family{name: "epochtime_night_smallest_slowdown_ratio", unit: "ratio", help: "Smallest slowdown that would be called, as a share."}
	outcomes := family{name: "epochtime_night_outcome", help: "1 for the outcome of a comparison."}
	promoted := family{name: "epochtime_night_promoted", help: "1 if tonight's build is now the good one of this graph."}
	for _, c := range n.Comparisons {
		labels := []pair{{"graph", c.Graph}, {"base", string(c.Base)}}
		outcomes.samples = append(outcomes.samples, sample{with(labels, pair{"outcome", string(c.Outcome)}), 1})
		if c.Base == baseline.Good {
			promoted.samples = append(promoted.samples, sample{labels, indicator(c.Promoted)})
		}
		if s := c.Last(); s != nil {
			ratio.samples = append(ratio.samples, sample{labels, s.Pair.Ratio.Median})
			sees.samples = append(sees.samples, sample{labels, unseen(nightly.Sees(s.Pair))})
		}
	}
	var b bytes.Buffer
	for _, f := range []family{started, result, outcomes, promoted, ratio, sees, notices(comparedRuns(n))} {
		writeFamily(&b, f)
	}
	b.WriteString("# EOF\n")
	return b.Bytes()
}

// comparedRuns are those of the last sessions of a night.
func comparedRuns(n *nightly.Night) []record.Run {
	var out []record.Run
	for _, c := range n.Comparisons {
		if s := c.Last(); s != nil && s.Record != nil {
			out = append(out, s.Record.Runs...)
		}
	}
	return out
}

// unseen is +Inf where it is not known what a night sees: an alert must fire.
func unseen(share float64) float64 {
	if math.IsNaN(share) {
		return math.Inf(1)
	}
	return share
}

func indicator(v bool) float64 {
	if v {
		return 1
	}
	return 0
}
