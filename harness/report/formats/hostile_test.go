package formats

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"epochtime/harness/baseline"
	"epochtime/harness/compare"
	"epochtime/harness/nightly"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
	"epochtime/internal/hostile"
)

// Whatever text a record holds, each format can be read, and a person who looks at it
// sees all of it.
func TestHostile(t *testing.T) {
	for _, kind := range hostile.Kinds {
		r := hostile.Record(kind, "id\x1b[31m\u202e=1\nFORGED")
		var c *compare.Comparison
		if kind == record.KindAB {
			c = against(r, r)
		}
		t.Run(kind, func(t *testing.T) {
			checkAll(t, r, c)
			for _, format := range Names() {
				if format == "json" {
					continue // the record itself: the terminal's writer escapes what it holds
				}
				for _, epochs := range []bool{false, true} {
					if epochs && format != "csv" {
						continue // no other format differs
					}
					out, err := Write(format, r, Options{Comparison: c, Epochs: epochs})
					if err != nil {
						t.Fatal(err)
					}
					if found := hostile.Found(string(out)); len(found) > 0 {
						t.Errorf("%s lets through %d, such as %s", format, len(found), found[0])
					}
				}
			}
		})
	}
}

// No cell of CSV is a formula, also for a spreadsheet whose separator is another.
func TestNoFormulas(t *testing.T) {
	for _, kind := range hostile.Kinds {
		for _, epochs := range []bool{false, true} {
			data, err := CSV(hostile.Record(kind, "=1"), epochs)
			if err != nil {
				t.Fatal(err)
			}
			lines, err := readRawCSV(data)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				for _, cell := range line {
					for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;\t\r\n|\"", r) }) {
						part = strings.TrimLeft(part, " ")
						if part != "" && strings.ContainsAny(part[:1], "=+-@") && !json.Valid([]byte(strings.TrimLeft(cell, "+"))) || strings.HasPrefix(part, "＝") {
							t.Fatalf("a spreadsheet runs %.80q", cell)
						}
					}
				}
			}
		}
	}
}

// Markdown renders without links, images, HTML, headings or emphasis of hostile text.
func TestNoMarkup(t *testing.T) {
	for _, kind := range hostile.Kinds {
		r := hostile.Record(kind, "[x](http://evil.example)")
		var c *compare.Comparison
		headlines := 1
		if kind == record.KindAB {
			c, headlines = against(r, r), 3
		}
		checkMarkup(t, kind, Markdown(r, c), map[string]int{"Strong": headlines})
	}
}

// checkMarkup renders Markdown as a forge does, and finds markup beyond what is allowed.
func checkMarkup(t *testing.T, what string, data []byte, allowed map[string]int) {
	t.Helper()
	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	_ = ast.Walk(md.Parser().Parse(text.NewReader(data)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		name := n.Kind().String()
		if e, ok := n.(*ast.Emphasis); ok && e.Level == 2 {
			name = "Strong"
		}
		switch name {
		case "Link", "Image", "AutoLink", "RawHTML", "HTMLBlock", "Heading", "Emphasis", "Strong", "Strikethrough", "Blockquote", "FencedCodeBlock", "ThematicBreak", "TaskCheckBox":
			if entering {
				if allowed[name]--; allowed[name] < 0 {
					t.Errorf("%s: a name became a %s", what, name)
				}
			}
		}
		return ast.WalkContinue, nil
	})
}

// A record with failed launches never looks like one that went well.
func TestFailuresShow(t *testing.T) {
	for name, runs := range map[string][]record.Run{
		"some": {run("good", config(), six...), failing(record.Killed, 0.25, 0.25)},
		"all":  {failing(record.Error)},
		"none": {{Graph: record.Graph{Name: "bad"}, Config: config()}},
	} {
		r := of(record.KindRun, runs...)
		for i := range r.Runs {
			r.Runs[i].Warnings = nil // as in a record that somebody has edited
		}
		for format, want := range map[string][]string{
			"text": {"of ", " launches failed: "}, "markdown": {"**Launches failed:**", "bad: "}, "csv": {"bad,", ",because,"}, "json": {`"because"`},
			"benchfmt": {"--- FAIL: BenchmarkEpoch/graph=bad", "\nFAIL\n"}, "openmetrics": {"epochtime_failed_launches{graph=\"bad\"", "epochtime_launches{graph=\"bad\""},
			"junit": {`failures="1"`, "<failure "}, "mllog": {`"status":"aborted"`},
		} {
			for _, epochs := range []bool{false, true} {
				out, err := Write(format, r, Options{Epochs: epochs})
				if err != nil {
					t.Fatal(err)
				}
				if name == "none" && (format == "csv" || format == "mllog" || format == "json" || format == "text") {
					continue // they tell of launches, and there is none
				}
				for _, part := range want {
					if !bytes.Contains(out, []byte(part)) {
						t.Errorf("%s, %s launches failed, without %q:\n%s", format, name, part, out)
					}
				}
			}
		}
	}
}

// failing is a run whose last launch failed.
func failing(status string, seconds ...float64) record.Run {
	r := run("bad", config(), seconds...)
	r.Launches = append(r.Launches, record.Launch{Status: status, Reason: "because", Order: len(seconds), Started: began})
	return r
}

// The launch that a search ends with its time is no failure, as in the text.
func TestSearchOutOfTime(t *testing.T) {
	r := tuneRecord()
	r.Runs[0].Launches = append(r.Runs[0].Launches, record.Launch{Status: record.Interrupted, Reason: "the time limit of 1m0s was reached", Started: began})
	r.Runs[0].Summary, r.Runs[0].Warnings = stats.Summarize(&r.Runs[0])
	for format, unwanted := range map[string]string{"junit": "<failure", "benchfmt": "FAIL", "markdown": "interrupted", "text": "interrupted"} {
		out, err := Write(format, r, Options{})
		if err != nil || strings.Contains(string(out), unwanted) {
			t.Errorf("%s has %q (%v):\n%s", format, unwanted, err, out)
		}
	}
	r.Status = record.Incomplete
	if len(failures(r, &r.Runs[0])) == 0 {
		t.Error("a search that was interrupted has no failure")
	}
}

// What goes well is not marked.
func TestNoFailures(t *testing.T) {
	for format, unwanted := range map[string]string{
		"text": "failed", "markdown": "failed", "benchfmt": "FAIL", "openmetrics": "epochtime_failed_launches{graph=\"cnn\",samples=\"1000\",batch=\"32\",feed=\"batches\",prefetch=\"2\",feed_threads=\"1\",device=\"cpu\"} 1",
		"junit": "<failure", "mllog": "aborted",
	} {
		out, err := Write(format, plainRecord(), Options{})
		if err != nil || strings.Contains(string(out), unwanted) {
			t.Errorf("%s has %q (%v):\n%s", format, unwanted, err, out)
		}
	}
}

// The report of a night is as harmless as that of a record.
func TestHostileNight(t *testing.T) {
	r := hostile.Record(record.KindAB, "id")
	night := &nightly.Night{Started: began, Ended: true}
	for i, s := range hostile.Strings() {
		c := nightly.Comparison{Graph: s, Base: baseline.Good, BaseCommit: s, Outcome: nightly.Failed, Problem: "p" + s, Notes: []string{"n" + s}}
		if i == 0 {
			c.Sessions = []nightly.Session{{Name: "s\x1b\u202e<b>\nFORGED", Record: r, Pair: compare.Sides(&r.Runs[0], &r.Runs[1], compare.Options{})}}
		}
		night.Comparisons = append(night.Comparisons, c)
		night.Commit, night.Problem = night.Commit+s, night.Problem+" "+s
		night.Notes = append(night.Notes, "w"+s)
	}
	junit, err := NightJUnit(night)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readJUnit(junit); err != nil {
		t.Errorf("junit: %v", err)
	}
	metrics := NightMetrics(night)
	if _, _, err := readOpenMetrics(metrics); err != nil {
		t.Errorf("openmetrics: %v", err)
	}
	var text bytes.Buffer
	report.Night(&text, night, 0)
	markdown := NightMarkdown(night)
	for name, out := range map[string][]byte{"junit": junit, "openmetrics": metrics, "markdown": markdown, "text": text.Bytes()} {
		if found := hostile.Found(string(out)); len(found) > 0 {
			t.Errorf("%s lets through %d, such as %s", name, len(found), found[0])
		}
	}
	checkMarkup(t, "night", markdown, map[string]int{"Heading": 2, "Strong": 20})
}
