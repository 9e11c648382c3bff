package formats

import (
	"bytes"
	"testing"

	"epochtime/harness/baseline"
	"epochtime/harness/compare"
	"epochtime/harness/nightly"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// session is an ab in which the new side takes by times as long.
func session(name string, by float64) nightly.Session {
	r := of(record.KindAB, run("cnn", config(), six...), run("cnn", config(), times(by, six)...))
	r.Runs[0].Side, r.Runs[1].Side = "A", "B"
	return nightly.Session{Name: name, Record: r, Pair: compare.Sides(&r.Runs[0], &r.Runs[1], compare.Options{})}
}

// nights are nights of each result.
func nights() map[string]*nightly.Night {
	failed := session("rnn", 1)
	failed.Record.Runs[1].Launches[2] = record.Launch{Status: record.Killed, Signal: "segmentation fault", Order: 2, Block: 2, Started: began}
	failed.Pair = compare.Sides(&failed.Record.Runs[0], &failed.Record.Runs[1], compare.Options{})
	good := func(graph string, outcome nightly.Outcome, sessions ...nightly.Session) nightly.Comparison {
		return nightly.Comparison{Graph: graph, Base: baseline.Good, BaseCommit: "1234567890", Outcome: outcome, Sessions: sessions, Promoted: outcome == nightly.Same}
	}
	lost := good("gru", nightly.Lost)
	lost.Problem = "a sealed build is gone: it is missing"
	noted := good("cnn", nightly.Same, session("cnn", 1.01))
	noted.Notes = []string{"the graph " + strange + " differs"}
	anchored := good("cnn", nightly.Slower, session("cnn-anchor", 1.2), session("cnn-anchor-confirmation", 1.2))
	anchored.Base = baseline.Anchor
	night := func(ended bool, list ...nightly.Comparison) *nightly.Night {
		return &nightly.Night{Started: began, Commit: "4e1c", Comparisons: list, Ended: ended}
	}
	accepted := night(true, nightly.Comparison{Graph: "cnn", Base: baseline.Tonight, Outcome: nightly.Accepted, Promoted: true, Sessions: []nightly.Session{session("cnn-tonight", 1)}})
	accepted.Accepting = true
	broken := night(false)
	broken.Problem = "tonight's build failed: exit status 2"
	stopped := night(false, good("cnn", nightly.Running))
	stopped.Interrupted = true
	return map[string]*nightly.Night{
		"passed":     night(true, noted),
		"regression": night(true, good("cnn", nightly.Same, session("cnn", 1.01)), anchored, lost),
		"problem":    night(true, good("rnn", nightly.Failed, failed), lost),
		"undecided":  night(true, good("cnn", nightly.Inconclusive, session("cnn", 1.04))),
		"accepted":   accepted,
		"broken":     broken,
		"stopped":    stopped,
		"unfinished": night(false, good("cnn", nightly.Running)),
		"script":     scriptNight(),
	}
}

// scriptNight compares the graphs of a script, of which one has another notice.
func scriptNight() *nightly.Night {
	r := scriptSides()
	s := nightly.Session{Name: "train", Record: r, Pair: compare.Sides(&r.Runs[0], &r.Runs[1], compare.Options{})}
	c := nightly.Comparison{Graph: "train", Base: baseline.Good, BaseCommit: "1234567890", Outcome: nightly.Slower, Sessions: []nightly.Session{s}}
	return &nightly.Night{Started: began, Commit: "4e1c", Comparisons: []nightly.Comparison{c}, Ended: true}
}

// nightForms is a night in every form.
func nightForms(t *testing.T, n *nightly.Night) map[string]string {
	t.Helper()
	junit, err := NightJUnit(n)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	report.Night(&text, n, 80)
	return map[string]string{"markdown": string(NightMarkdown(n)), "junit": string(junit), "openmetrics": string(NightMetrics(n)), "text": text.String()}
}

func TestNights(t *testing.T) {
	for name, n := range nights() {
		t.Run(name, func(t *testing.T) {
			forms := nightForms(t, n)
			for form, out := range forms {
				golden(t, "night-"+name+"."+form, out)
			}
			suite, err := readJUnit([]byte(forms["junit"]))
			if err != nil {
				t.Fatal(err)
			}
			passes := suite.Failures == 0 && suite.Errors == 0 && suite.Skipped == 0 && suite.Tests > 0
			if passes != (n.Result() == nightly.Passed) {
				t.Errorf("%s: the JUnit report passes: %v", n.Result(), passes)
			}
			values, _, err := readOpenMetrics([]byte(forms["openmetrics"]))
			if err != nil || len(values) < 7 {
				t.Errorf("%d metrics, %v", len(values), err)
			}
		})
	}
}
