package formats

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/harmless"
)

// The XML that CI servers read (the schema of Ant's junit task, as Jenkins' JUnit
// plugin takes it). Control characters that XML cannot hold become U+FFFD.
type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"` // seconds
	Timestamp  string          `xml:"timestamp,attr"`
	Hostname   string          `xml:"hostname,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        string          `xml:"system-out,omitempty"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Classname string         `xml:"classname,attr"`
	Name      string         `xml:"name,attr"`
	Time      string         `xml:"time,attr"` // seconds
	Failures  []junitFailure `xml:"failure"`
	Skipped   *junitSkipped  `xml:"skipped"`
	Out       string         `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

// JUnit has a test case for each configuration. Failed launches fail it, and so does
// a comparison with a base that finds it slower; an undecided one is skipped. In a
// sweep, a point that runs out of memory is a result, not a failure. A candidate that
// a search did not try is skipped.
func JUnit(r *record.Record, c *compare.Comparison) ([]byte, error) {
	suite := junitSuite{Name: "epochtime " + r.Plan.Kind, Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05")}
	suite.Properties = append(suite.Properties, junitProperty{"id", r.ID}, junitProperty{"epochtime", r.Epochtime}, junitProperty{"status", r.Status})
	for _, key := range sortedKeys(r.Labels) {
		suite.Properties = append(suite.Properties, junitProperty{"label." + key, r.Labels[key]})
	}
	if len(r.Machines) > 0 {
		suite.Hostname = r.Machines[0].Hostname
	}
	names, total := report.RunTitles(r), 0.0
	for i := range r.Runs {
		seconds := measuredSeconds(r.Runs[i])
		total += seconds
		one := junitCase{Classname: "epochtime." + r.Plan.Kind, Name: names[i], Time: number(seconds), Out: caseLog(r, &r.Runs[i])}
		if untried := len(r.Runs[i].Launches) == 0; untried && r.Plan.Kind == record.KindTune {
			one.Skipped = &junitSkipped{Message: "not tried in the time of the search"}
		} else {
			one.Failures = launchFailures(r, &r.Runs[i])
		}
		judge(&one, pairOf(r, i, c), c)
		suite.add(one)
	}
	for _, one := range missing(c) {
		suite.add(one)
	}
	suite.Time = number(total)
	if r.Estimate != nil {
		suite.Out = strings.Join(report.EstimateAnswer(r.Estimate), "\n")
	}
	return encodeJUnit(suite)
}

// encodeJUnit writes a suite. What cannot be seen is escaped as in harmless.Lines.
func encodeJUnit(suite junitSuite) ([]byte, error) {
	out, err := xml.MarshalIndent(junitSuites{Suites: []junitSuite{suite}}, "", "  ")
	return []byte(xml.Header + harmless.Lines(string(out)) + "\n"), err
}

func (s *junitSuite) add(one junitCase) {
	s.Cases = append(s.Cases, one)
	s.Tests++
	switch {
	case len(one.Failures) > 0:
		s.Failures++
	case one.Skipped != nil:
		s.Skipped++
	}
}

// measuredSeconds is the time of all epochs, warm-up and validation included. Times that are not
// positive and finite are left out.
func measuredSeconds(r record.Run) float64 {
	total := 0.0
	for _, l := range r.Launches {
		for _, e := range l.Epochs {
			if finite(e.Seconds) && e.Seconds > 0 {
				total += e.Seconds
			}
			if finite(e.Validation) && e.Validation > 0 {
				total += e.Validation
			}
		}
	}
	return total
}

// caseLog is what a run took, what of a script it is, what is not in its time, and the
// bill of which it is the whole.
func caseLog(r *record.Record, run *record.Run) string {
	lines := []string{epochLine(*run)}
	if known := run.Settings; known != nil && known.Name == record.SettingsBest {
		lines = append(lines, "settings: "+known.Name+", "+report.FromSearch(known.From, known.Found))
	}
	if part := report.ScriptPart(run.Graph.Script); part != "" {
		lines = append(lines, "script: "+part)
	}
	for _, n := range run.Graph.Notices {
		lines = append(lines, "notice: "+report.NoticeText(n))
	}
	lines = append(lines, limitLog(r, run)...)
	if bill := report.BillOf(r, run); bill != nil {
		var b strings.Builder
		report.Bill(&b, *bill, 0)
		lines = append(lines, "", b.String())
	}
	return strings.TrimPrefix(strings.Join(lines, "\n"), "\n")
}

func epochLine(r record.Run) string {
	if r.Summary == nil {
		return ""
	}
	out := fmt.Sprintf("epoch time %s", report.Seconds(r.Summary.EpochSeconds.Median))
	if r.Summary.EpochSeconds.Known() {
		out += ", 95 % interval " + report.Range(r.Summary.EpochSeconds)
	}
	if text := report.Details(r); text != "" {
		out += "\n" + text
	}
	for _, warning := range r.Warnings {
		out += "\nwarning: " + warning
	}
	return out
}

func launchFailures(r *record.Record, run *record.Run) []junitFailure {
	list := failures(r, run)
	switch {
	case len(list) == 0:
		return nil
	case len(run.Launches) == 0:
		return []junitFailure{{Type: "launch", Message: list[0]}}
	}
	first := slices.IndexFunc(run.Launches, func(l record.Launch) bool { return l.Status != record.OK })
	return []junitFailure{{Type: "launch", Message: "launches failed: " + run.Launches[first].Status, Text: strings.Join(list, "\n")}}
}

// pairOf returns the comparison of a record's run, nil where there is none.
func pairOf(r *record.Record, i int, c *compare.Comparison) *compare.Pair {
	if c == nil {
		return nil
	}
	for k := range c.Pairs {
		if c.Pairs[k].New == &r.Runs[i] {
			return &c.Pairs[k]
		}
	}
	return nil
}

func judge(one *junitCase, p *compare.Pair, c *compare.Comparison) {
	if p == nil {
		return
	}
	text := verdictLine(*p)
	if blind := report.Blind(*p, c); blind != "" {
		text = blind + " " + text
	}
	switch p.Verdict {
	case compare.Slower:
		one.Failures = append(one.Failures, junitFailure{Type: "slower", Message: text, Text: strings.Join(p.Doubts, "\n")})
	case compare.Inconclusive:
		if len(one.Failures) == 0 {
			one.Skipped = &junitSkipped{Message: text}
		}
	}
	one.Out = strings.TrimPrefix(one.Out+"\n"+text, "\n")
}

// missing returns a skipped case for each configuration that only the base has.
func missing(c *compare.Comparison) []junitCase {
	if c == nil {
		return nil
	}
	var out []junitCase
	for _, title := range c.OnlyBase {
		out = append(out, junitCase{Classname: "epochtime.compare", Name: title, Time: "0", Skipped: &junitSkipped{Message: "only in the base"}})
	}
	return out
}

// verdictLine is the result of a comparison, and unless it is blind what it could
// have found.
func verdictLine(p compare.Pair) string {
	what := "seconds per epoch"
	if p.PerExample {
		what = "seconds per example"
	}
	out := fmt.Sprintf("%s: %s %s against the base", p.Verdict, report.Change(p.Ratio.Median), what)
	if p.Ratio.Known() {
		out += fmt.Sprintf(", %.3g %% interval %s", 100*p.Ratio.Confidence, report.Changes(p.Ratio))
	}
	if p.Verdict == compare.Inconclusive && p.Needed > 0 && !p.Blind() {
		out += fmt.Sprintf("; it takes about %d launches per side", p.Needed)
	}
	out += "."
	if p.Failures != nil {
		out += " " + p.Failures.String()
	}
	if seen := report.Seen(p); seen != "" && !p.Blind() {
		out += " " + seen
	}
	return out
}
