package formats

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// expected is a launch that a format with a line a launch must hold.
type expected struct {
	run    *record.Run
	launch *record.Launch
	median float64
}

// okLaunches are those whose median is a number.
func okLaunches(r *record.Record) []expected {
	var out []expected
	for i := range r.Runs {
		for k := range r.Runs[i].Launches {
			l := &r.Runs[i].Launches[k]
			measured := stats.Measured(*l)
			if l.Status != record.OK || len(measured) == 0 {
				continue
			}
			median := stats.MedianOf(measured, func(e record.Epoch) float64 { return e.Seconds })
			if finite(median) {
				out = append(out, expected{&r.Runs[i], l, median})
			}
		}
	}
	return out
}

func TestRoundTrips(t *testing.T) {
	for _, e := range examples() {
		t.Run(e.name, func(t *testing.T) { checkAll(t, e.record, e.c) })
	}
}

// checkAll reads every format back and compares it with the record.
func checkAll(t *testing.T, r *record.Record, c *compare.Comparison) {
	t.Helper()
	checkCSV(t, r)
	checkEpochsCSV(t, r)
	checkBenchfmt(t, r)
	checkOpenMetrics(t, r, c)
	checkJUnit(t, r, c)
	checkMLLog(t, r)
	checkMarkdown(t, r, c)
	checkBills(t, r)
	checkEstimate(t, r)
}

func checkCSV(t *testing.T, r *record.Record) {
	t.Helper()
	data, err := CSV(r, false)
	lines := parsed(t, data, err, readCSV)
	lines = slices.DeleteFunc(lines, isFigure)
	n := 0
	for _, run := range r.Runs {
		for _, l := range run.Launches {
			if n >= len(lines) {
				t.Fatalf("csv has %d lines", n)
			}
			got := lines[n]
			if got["graph"] != run.Graph.Name || got["status"] != l.Status || got["reason"] != l.Reason || got["seed"] != strconv.FormatUint(run.Config.Seed, 10) {
				t.Errorf("csv: %q is not of %q, %s", got, run.Graph.Name, l.Status)
			}
			if measured := stats.Measured(l); len(measured) > 0 {
				same(t, "csv epoch_s", got["epoch_s"], stats.MedianOf(measured, func(e record.Epoch) float64 { return e.Seconds }))
			}
			same(t, "csv first_step_s", got["first_step_s"], l.Cold.FirstStep)
			checkScriptCSV(t, &run, &l, got)
			n++
		}
	}
	if n != len(lines) {
		t.Errorf("csv has %d lines for %d launches", len(lines), n)
	}
}

// same is whether a cell reads back as the number; empty stands for none.
func same(t *testing.T, what, cell string, want float64) {
	t.Helper()
	if !finite(want) {
		if cell != "" {
			t.Errorf("%s: %q for %v", what, cell, want)
		}
		return
	}
	if got, err := strconv.ParseFloat(cell, 64); err != nil || got != want {
		t.Errorf("%s: %q, want %v", what, cell, want)
	}
}

func checkEpochsCSV(t *testing.T, r *record.Record) {
	t.Helper()
	data, err := CSV(r, true)
	lines := parsed(t, data, err, readCSV)
	lines = slices.DeleteFunc(lines, isFigure)
	for _, run := range r.Runs {
		for _, l := range run.Launches {
			if len(l.Epochs) == 0 { // its status is there all the same
				if len(lines) == 0 || lines[0]["status"] != l.Status || lines[0]["epoch_s"] != "" {
					t.Fatal("csv of epochs: a launch without any is missing")
				}
				lines = lines[1:]
			}
			for _, e := range l.Epochs {
				if len(lines) == 0 {
					t.Fatal("csv of epochs: an epoch is missing")
				}
				same(t, "csv of epochs, epoch_s", lines[0]["epoch_s"], e.Seconds)
				same(t, "csv of epochs, loss", lines[0]["loss"], float64(e.Loss))
				checkEpochBeside(t, &e, lines[0])
				lines = lines[1:]
			}
		}
	}
	if len(lines) != 0 {
		t.Errorf("csv of epochs: %d lines more", len(lines))
	}
}

func checkBenchfmt(t *testing.T, r *record.Record) {
	t.Helper()
	data, err := Benchfmt(r)
	got := parsed(t, data, err, readBenchfmt)
	got = slices.DeleteFunc(got, func(b benchmark) bool { return b.bill })
	if r.Plan.Kind == record.KindProbe {
		checkProbeBenchfmt(t, r, got)
		return
	}
	want := okLaunches(r)
	if len(got) != len(want) {
		t.Fatalf("benchfmt has %d lines for %d launches:\n%s", len(got), len(want), data)
	}
	ab := r.Plan.Kind == record.KindAB
	for i, w := range want {
		if got[i].values["sec/epoch"] != w.median {
			t.Errorf("benchfmt: %v sec/epoch, want %v", got[i].values["sec/epoch"], w.median)
		}
		if name := got[i].parts["graph"]; !ab && name != w.run.Graph.Name {
			t.Errorf("benchfmt: graph %q, want %q", name, w.run.Graph.Name)
		}
		for key, value := range w.run.Config.Env {
			if !ab && got[i].parts["env."+key] != value && value != "" {
				t.Errorf("benchfmt: env.%s is %q, want %q", key, got[i].parts["env."+key], value)
			}
		}
		checkScriptBenchfmt(t, w, got[i].values)
		if got[i].side != oneLine(w.run.Side) {
			t.Errorf("benchfmt: side %q, want %q", got[i].side, w.run.Side)
		}
	}
}

func checkOpenMetrics(t *testing.T, r *record.Record, c *compare.Comparison) {
	t.Helper()
	data := OpenMetrics(r, c)
	values, series, err := readOpenMetrics(data)
	if err != nil {
		t.Fatalf("openmetrics: %v\n%s", err, data)
	}
	for _, run := range r.Runs {
		checkScriptMetrics(t, &run, values, series)
		if run.Summary == nil || !finite(run.Summary.EpochSeconds.Median) {
			continue
		}
		found := false
		for key, l := range series {
			if l.Get(labels.MetricName) == "epochtime_epoch_seconds" && l.Get("graph") == harmless.Lines(run.Graph.Name) && values[key] == run.Summary.EpochSeconds.Median {
				found = true
			}
		}
		if !found {
			t.Errorf("openmetrics: no epochtime_epoch_seconds of %q:\n%s", run.Graph.Name, data)
		}
	}
	if c == nil {
		return
	}
	for _, p := range c.Pairs {
		if n := bytes.Count(data, []byte(`verdict="`+string(p.Verdict)+`"} 1`)); n == 0 {
			t.Errorf("openmetrics: no verdict %s", p.Verdict)
		}
	}
}

func checkJUnit(t *testing.T, r *record.Record, c *compare.Comparison) {
	t.Helper()
	data, err := JUnit(r, c)
	suite := parsed(t, data, err, readJUnit)
	failures := 0
	for _, one := range suite.Cases {
		if len(one.Failures) > 0 {
			failures++
		}
	}
	if suite.Tests != len(suite.Cases) || suite.Failures != failures || len(suite.Cases) < len(r.Runs) {
		t.Errorf("junit counts %d tests, %d failures; there are %d and %d for %d runs", suite.Tests, suite.Failures, len(suite.Cases), failures, len(r.Runs))
	}
}

func checkMLLog(t *testing.T, r *record.Record) {
	t.Helper()
	data, err := MLLog(r)
	events := parsed(t, data, err, readMLLog)
	var epochs []record.Epoch
	runs := 0
	for _, run := range r.Runs {
		for _, l := range run.Launches {
			epochs = append(epochs, l.Epochs...)
			runs++
		}
	}
	for _, e := range events {
		switch e.Key {
		case "run_stop":
			runs--
		case "epoch_stop":
			if len(epochs) == 0 {
				t.Fatal("mllog: one epoch too many")
			}
			want := epochs[0]
			epochs = epochs[1:]
			if got, ok := e.Metadata["seconds"].(float64); finite(want.Seconds) && (!ok || got != want.Seconds) {
				t.Errorf("mllog: %v s, want %v", e.Metadata["seconds"], want.Seconds)
			}
			if e.Metadata["epoch_num"] != float64(want.Index+1) {
				t.Errorf("mllog: epoch %v, want %d", e.Metadata["epoch_num"], want.Index+1)
			}
		}
	}
	if runs != 0 || len(epochs) != 0 {
		t.Errorf("mllog: %d runs and %d epochs are missing", runs, len(epochs))
	}
}

func checkMarkdown(t *testing.T, r *record.Record, c *compare.Comparison) {
	t.Helper()
	data := Markdown(r, c)
	found := readMarkdown(data)
	if r.Plan.Kind == record.KindExplain {
		return // see checkBills
	}
	want, first := 2, 0 // tables, and that of the runs
	if c != nil || r.Plan.Kind == record.KindFactors {
		want, first = want+1, 1
	}
	if _, rows := report.CostTable(r); len(rows) > 0 {
		want++
	}
	if r.Estimate != nil && len(r.Estimate.Parts) > 0 {
		want, first = want+1, first+1
	}
	if len(r.Runs) == 0 {
		return
	}
	if len(found) != want {
		t.Fatalf("markdown renders as %d tables, want %d:\n%s", len(found), want, data)
	}
	rows := found[first]
	if r.Plan.Kind == record.KindProbe {
		if len(rows) != 1+len(r.Limits[0].Rates) {
			t.Errorf("markdown: %d lines for %d limits:\n%s", len(rows), len(r.Limits[0].Rates), data)
		}
		return
	}
	if len(rows) != 1+len(r.Runs) {
		t.Fatalf("markdown: %d lines for %d runs:\n%s", len(rows), len(r.Runs), data)
	}
	for i := range r.Runs {
		if len(rows[i+1]) != len(rows[0]) {
			t.Errorf("markdown: %d cells, want %d: %q", len(rows[i+1]), len(rows[0]), rows[i+1])
		}
	}
}

// What a name holds is shown as it is.
func TestMarkdownShows(t *testing.T) {
	rows := readMarkdown(Markdown(strangeRecord(), nil))[0]
	got := strings.NewReplacer(`\`, "", "&amp;", "&").Replace(rows[1][0]) // the parser leaves escapes to the renderer
	if want := strings.NewReplacer(`\`, "", "&amp;", "&").Replace(oneLine(strange)); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// Verdicts and failures are what CI servers see.
func TestJUnitFails(t *testing.T) {
	for name, want := range map[string]struct{ failures, skipped int }{
		"plain": {}, "slower": {1, 0}, "same": {}, "script": {}, "script-ab": {1, 0}, "explain": {1, 0}, "sweep": {}, "failed": {2, 0}, "base": {0, 1}, "empty": {}, "probe": {1, 0}, "limited": {1, 0}, "largest": {},
	} {
		for _, e := range examples() {
			if e.name != name {
				continue
			}
			data, err := JUnit(e.record, e.c)
			if err != nil {
				t.Fatal(err)
			}
			suite, err := readJUnit(data)
			if err != nil || suite.Failures != want.failures || suite.Skipped != want.skipped {
				t.Errorf("%s: %d failures, %d skipped (%v), want %+v:\n%s", name, suite.Failures, suite.Skipped, err, want, data)
			}
		}
	}
	c := against(plainRecord(), plainRecord())
	c.OnlyBase = []string{"gone"}
	data, err := JUnit(plainRecord(), c)
	if err != nil || !bytes.Contains(data, []byte(`name="gone"`)) {
		t.Errorf("a configuration of the base alone is not told (%v)", err)
	}
}

// TestBenchstat runs the real benchstat on what it is for.
func TestBenchstat(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, r *record.Record) string {
		data, err := Benchfmt(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old, changed := write("old", of(record.KindRun, run("cnn", config(), six...))), write("new", of(record.KindRun, run("cnn", config(), times(1.5, six)...)))
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"-col", "side", write("ab", abRecord(1.5))}, []string{"+50.00% (p=0.002 n=6)", "sec/epoch", "Epoch/graph=cnn/samples=1000/batch=32"}},
		{[]string{old, changed}, []string{"+50.00% (p=0.002 n=6)", "256.5m ± 3%", "-33.33%", "300.0Mi"}},
		{[]string{write("script", scriptRecord())}, []string{"sec/whole-epoch", "270.5m ± 3%", "sec/first-epoch", "2.308 ± 3%", "metric/accuracy", "556.1m", "metric/ns", "3.000", "Epoch/graph=train-2/samples=1000/batch=32/cold=yes"}},
		{[]string{"-col", "side", write("explain", explainRecord())}, []string{"own-sec", "187.5m ± ∞", "unexplained-sec", "-125.0m", "Bill/graph=cnn"}},
		{[]string{write("strange", strangeRecord())}, []string{"256.5m", "%F0%9F%98%80"}},
	} {
		cmd := exec.Command("go", append([]string{"tool", "benchstat"}, c.args...)...)
		var complaints bytes.Buffer
		cmd.Stderr = &complaints
		out, err := cmd.Output()
		if err != nil || complaints.Len() > 0 {
			t.Errorf("benchstat %v: %v\n%s", c.args, err, &complaints)
		}
		for _, want := range c.want {
			if !strings.Contains(string(out), want) {
				t.Errorf("benchstat %v does not say %q:\n%s", c.args, want, out)
			}
		}
	}
}
