package formats

import (
	"math"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"

	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

var (
	callbacks = record.Notice{About: "callbacks", Text: "TensorBoard is not called, so its files are not in the time."}
	shuffled  = record.Notice{About: "shuffle", Text: "fit shuffles the arrays before every epoch; here they stay in order."}
)

// phase makes a run a phase of a script, with validation after every second epoch and
// metrics, one of them with a name that looks like a unit and one that is no number.
func phase(n int, r record.Run, notices ...record.Notice) record.Run {
	r.Graph.Script = &record.Script{File: "train.py", Arguments: []string{"--width", "64"}, Call: "fit", Line: 40 + n, Phase: n, Phases: 2}
	r.Graph.Notices = notices
	for i := range r.Launches {
		validated := 0.0 // seconds until then
		for k := range r.Launches[i].Epochs {
			e := &r.Launches[i].Epochs[k]
			e.Start += validated
			e.Metrics = map[string]record.Number{"accuracy": record.Number(0.5 + e.Seconds/4), "ns": 3, "top k/MB": 0.25, "auc": record.Number(math.NaN())}
			if k%2 == 1 {
				e.Validation, e.ValidationSteps, e.ValidationSamples = e.Seconds/8, 4, 100
				e.Metrics["val_loss"] = 0.75
				validated += e.Validation
			}
			e.RSS = 300 << 20
		}
	}
	return r
}

func coldConfig() record.Config {
	c := config()
	c.Cold, c.Warmup = true, 0
	return c
}

// scriptRecord is of two phases, the second measured cold.
func scriptRecord() *record.Record {
	return of(record.KindRun, phase(1, run("train-1", config(), six...), callbacks, shuffled), phase(2, run("train-2", coldConfig(), six...), callbacks))
}

// scriptSides are two phases as the sides of an ab.
func scriptSides() *record.Record {
	a, b := phase(1, run("train", config(), six...), callbacks), phase(1, run("train", config(), times(1.5, six)...), callbacks, shuffled)
	a.Side, b.Side = "A", "B"
	return of(record.KindAB, a, b)
}

// ofScript puts texts and numbers wherever a script has them.
func ofScript(r *record.Run, name, key, value string, seconds float64, loss record.Number) {
	r.Graph.Notices = []record.Notice{{About: name, Text: value}}
	r.Graph.Script = &record.Script{File: key, Arguments: []string{value}, Call: name, Phase: 1, Phases: 2}
	e := &r.Launches[0].Epochs[1]
	e.Metrics = map[string]record.Number{name: loss, "m" + key: 0.5}
	e.Validation, e.ValidationSteps = seconds, 1
	r.Summary, _ = stats.Summarize(r)
}

// checkEpochBeside reads back what an epoch has beside its training.
func checkEpochBeside(t *testing.T, e *record.Epoch, got map[string]string) {
	t.Helper()
	same(t, "csv of epochs, validation_examples", got["validation_examples"], float64(e.ValidationSamples))
	if e.ValidationSteps > 0 {
		same(t, "csv of epochs, validation_s", got["validation_s"], e.Validation)
	}
	for name, v := range e.Metrics {
		same(t, "csv of epochs, metric."+name, got["metric."+name], float64(v))
	}
}

// checkScriptCSV reads back what launches have beside their epoch times.
func checkScriptCSV(t *testing.T, run *record.Run, l *record.Launch, got map[string]string) {
	t.Helper()
	if got["script"] != report.ScriptPart(run.Graph.Script) || got["notices"] != noticesOf(run) {
		t.Errorf("csv: script %q and notices %q of %v", got["script"], got["notices"], run.Graph)
	}
	optional := func(name string, value float64, ok bool) {
		t.Helper()
		if !ok {
			value = math.NaN()
		}
		same(t, "csv "+name, got[name], value)
	}
	whole, validated := stats.WholeMedian(*l)
	optional("whole_epoch_s", whole, validated)
	first, cold := stats.FirstEpoch(run.Config, *l)
	optional("first_epoch_s", first, cold)
	for name, v := range stats.LastMetrics(*l) {
		same(t, "csv metric."+name, got["metric."+name], float64(v))
	}
}

func checkScriptBenchfmt(t *testing.T, w expected, got map[string]float64) {
	t.Helper()
	want := map[string]float64{}
	if v, ok := stats.WholeMedian(*w.launch); ok {
		want["sec/whole-epoch"] = v
	}
	if v, ok := stats.FirstEpoch(w.run.Config, *w.launch); ok {
		want["sec/first-epoch"] = v
	}
	for name, v := range stats.LastMetrics(*w.launch) {
		want["metric/"+escape(name)] = float64(v)
	}
	for unit, v := range want {
		if value, known := got[unit]; known != finite(v) || known && value != v {
			t.Errorf("benchfmt: %v %s, want %v", value, unit, v)
		}
	}
	for unit := range got {
		if _, known := want[unit]; !known && (strings.HasPrefix(unit, "metric/") || strings.HasSuffix(unit, "-epoch")) {
			t.Errorf("benchfmt: there is no %s", unit)
		}
	}
}

func checkScriptMetrics(t *testing.T, run *record.Run, values map[string]float64, series map[string]labels.Labels) {
	t.Helper()
	find := func(what, name string, want float64, more map[string]string) {
		t.Helper()
		if !finite(want) {
			return
		}
		for key, l := range series {
			found := l.Get(labels.MetricName) == name && l.Get("graph") == harmless.Lines(run.Graph.Name) && values[key] == want
			for label, text := range more {
				found = found && l.Get(label) == harmless.Lines(text)
			}
			if found {
				return
			}
		}
		t.Errorf("openmetrics: no %s %s of %q is %v", name, what, run.Graph.Name, want)
	}
	if s := run.Summary; s != nil {
		if i := s.WholeSeconds; i != nil {
			find("", "epochtime_whole_epoch_seconds", i.Median, nil)
			find("", "epochtime_whole_epoch_low_seconds", float64(i.Low), nil)
		}
		if i := s.FirstEpochSeconds; i != nil {
			find("", "epochtime_first_epoch_seconds", i.Median, nil)
			find("", "epochtime_first_epoch_high_seconds", float64(i.High), nil)
		}
		for name, v := range s.Metrics {
			find(name, "epochtime_metric", float64(v), map[string]string{"metric": name})
		}
	}
	for _, n := range run.Graph.Notices {
		find(n.About, "epochtime_notice", 1, map[string]string{"about": n.About, "text": n.Text})
	}
	if s := run.Graph.Script; s != nil {
		find("", "epochtime_script", 1, map[string]string{"script": report.ScriptPart(s), "call": s.Call})
	}
}

func TestScriptMLLog(t *testing.T) {
	r := scriptRecord()
	data, err := MLLog(r)
	events := parsed(t, data, err, readMLLog)
	counts := map[string]int{}
	last := map[string]float64{}
	for _, e := range events {
		counts[e.Key]++
		if e.TimeMS < last[e.Namespace] {
			t.Errorf("%s of %s is at %v, before what came first", e.Key, e.Namespace, e.TimeMS)
		}
		last[e.Namespace] = e.TimeMS
		switch e.Key {
		case "submission_benchmark":
			notices, _ := e.Metadata["notices"].([]any)
			script, _ := e.Metadata["script"].(map[string]any)
			if len(notices) == 0 || notices[0].(map[string]any)["text"] != callbacks.Text || script["file"] != "train.py" {
				t.Errorf("%s has the notices %v and the script %v", e.Namespace, notices, script)
			}
		case "epoch_stop":
			metrics, _ := e.Metadata["metrics"].(map[string]any)
			if auc, known := metrics["auc"]; metrics["ns"] != 3.0 || !known || auc != nil {
				t.Errorf("%s has the metrics %v", e.Namespace, metrics)
			}
		case "eval_stop":
			if e.Metadata["samples"] != 100.0 {
				t.Errorf("%s has %v", e.Namespace, e.Metadata)
			}
		}
	}
	if n := counts["epoch_stop"] / 2; counts["eval_start"] != n || counts["eval_stop"] != n || n != 24 {
		t.Errorf("events: %v", counts)
	}
}

// Every format names every notice, and so does the report of a night.
func TestNoticesEverywhere(t *testing.T) {
	for name, r := range map[string]*record.Record{"run": scriptRecord(), "ab": scriptSides()} {
		for _, format := range Names() {
			for _, epochs := range []bool{false, true} {
				out, err := Write(format, r, Options{Epochs: epochs})
				if err != nil {
					t.Fatal(err)
				}
				hasNotices(t, name+" as "+format, string(out))
			}
		}
	}
	for format, out := range nightForms(t, scriptNight()) {
		hasNotices(t, "night as "+format, out)
	}
}

func hasNotices(t *testing.T, what, out string) {
	t.Helper()
	for _, n := range []record.Notice{callbacks, shuffled} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), n.Text) {
			t.Errorf("%s has no notice %q:\n%s", what, n.Text, out)
		}
	}
}
