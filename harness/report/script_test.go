package report

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Notices as the exporter words them.
var (
	callbacks = record.Notice{About: "callbacks", Text: "TensorBoard and ReduceLROnPlateau are not called, so what they do is not in the time."}
	shuffled  = record.Notice{About: "shuffle", Text: "fit shuffles the arrays before every epoch; here they stay in order."}
)

// phase makes a run a phase of a script, with validation, metrics and notices.
func phase(n, of int, r record.Run, notices ...record.Notice) record.Run {
	r.Graph.Name = "train"
	if of > 1 {
		r.Graph.Name = fmt.Sprintf("train-%d", n)
	}
	r.Graph.SHA256 = r.Graph.Name
	r.Graph.Script = &record.Script{File: "examples/train.py", Arguments: []string{"--width", "64"}, Call: "fit", Line: 41 + n, Phase: n, Phases: of}
	r.Graph.Notices = notices
	for i := range r.Launches {
		for k := range r.Launches[i].Epochs {
			e := &r.Launches[i].Epochs[k]
			e.Validation, e.ValidationSteps, e.ValidationSamples = e.Seconds/8, 4, 100
			e.Metrics = map[string]record.Number{"accuracy": 0.91234, "val_accuracy": 0.8875, "val_loss": 0.4, "auc": record.Number(math.NaN())}
		}
	}
	return r
}

func cold(r record.Run) record.Run {
	r.Config.Cold, r.Config.Warmup = true, 0
	return r
}

// ofScripts are records of scripts, of all kinds.
func ofScripts() map[string]*record.Record {
	eight := []float64{0.25, 0.252, 0.248, 0.251, 0.249, 0.253, 0.247, 0.25}
	of1 := func(change func(*record.Run), by float64, notices ...record.Notice) record.Run {
		return phase(1, 1, like(change, scaled(by, eight...)...), notices...)
	}
	failed := failing(phase(1, 1, like(plain), callbacks), record.Error, "the data is gone", 2)
	both := []record.Run{of1(plain, 1, callbacks, shuffled), of1(callerThread, 0.4, callbacks, shuffled)}
	return map[string]*record.Record{
		"script": kind(record.KindRun, phase(1, 3, like(plain, eight...), callbacks, shuffled), phase(2, 3, like(plain, eight...), callbacks),
			phase(3, 3, like(plain, eight[:2]...), callbacks, record.Notice{About: "strategy", Text: "MirroredStrategy: one replica is timed."})),
		"script-cold":   kind(record.KindRun, cold(of1(plain, 1))),
		"script-failed": kind(record.KindRun, failed),
		"script-ab":     kind(record.KindAB, on("A", both[0]), on("B", both[1])),
		"script-phases": kind(record.KindAB, on("A", phase(1, 2, like(plain, eight...), callbacks)), on("B", phase(2, 2, like(plain, eight...), shuffled))),
		"script-sweep":  kind(record.KindSweep, of1(batch(32), 1, callbacks), cold(of1(batch(64), 0.5, callbacks))),
		"script-tune":   kind(record.KindTune, both[0], both[1], on("A", both[0]), on("B", both[1])),
	}
}

func TestScripts(t *testing.T) {
	for name, rec := range ofScripts() {
		for width, suffix := range map[int]string{0: "", 80: "-80"} {
			var out bytes.Buffer
			Record(&out, rec, Options{Width: width})
			golden(t, "record-"+name+suffix, out.String())
			for line := range strings.Lines(out.String()) {
				if n := columns(strings.TrimSuffix(line, "\n")); width > 0 && n > width && !strings.HasPrefix(line, "  epochtime ") {
					t.Errorf("%s, %d columns: %s", name, n, line)
				}
			}
			for _, n := range Notices(rec.Runs) { // each once, whatever the kind
				if got := strings.Count(strings.Join(strings.Fields(out.String()), " "), n.Text); got != 1 {
					t.Errorf("%s at %d columns has the notice %q %d times:\n%s", name, width, n.Text, got, &out)
				}
			}
		}
	}
}

// Comparisons and rankings of records have the notices too.
func TestComparedScripts(t *testing.T) {
	old, changed := ofScripts()["script"], ofScripts()["script"]
	changed.ID = "1"
	changed.Runs[1].Graph.Notices = []record.Notice{shuffled}
	c, err := compare.Records(old, changed, compare.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	Comparison(&out, c, compare.Options{Threshold: 0.05}, 80)
	golden(t, "comparison-script", out.String())

	out.Reset()
	r, err := compare.Rank([]compare.Named{{Name: "a", Record: old}, {Name: "b", Record: changed}, {Name: "c", Record: old}}, compare.Options{})
	if err != nil {
		t.Fatal(err)
	}
	Rankings(&out, r, 80)
	golden(t, "rankings-script", out.String())
}

func TestScriptPart(t *testing.T) {
	for _, c := range []struct {
		script *record.Script
		want   string
	}{
		{nil, ""},
		{&record.Script{File: "train.py", Call: "fit", Line: 41, Phase: 2, Phases: 3}, "train.py, fit at line 41, 2 of 3"},
		{&record.Script{File: "-m pkg.train", Call: "train_on_batch", Line: 7, Phase: 1, Phases: 1}, "-m pkg.train, train_on_batch at line 7"},
		{&record.Script{File: "note.ipynb", Call: "step"}, "note.ipynb, step"},
		{&record.Script{File: "a.py", Arguments: []string{"--name", "two words"}, Call: "fit", Line: 1, Phase: 1, Phases: 1}, "a.py --name 'two words', fit at line 1"},
		{&record.Script{File: "a.py"}, "a.py"},
	} {
		if got := ScriptPart(c.script); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// A notice is shared by the graphs that have it word for word.
func TestNotices(t *testing.T) {
	other := record.Notice{About: "callbacks", Text: "EarlyStopping is not called."}
	of := func(name string, notices ...record.Notice) record.Run {
		return record.Run{Graph: record.Graph{Name: name, Notices: notices}}
	}
	var got []string
	for _, n := range Notices([]record.Run{of("a", callbacks), of("a", callbacks, other), of("b", shuffled, callbacks), of("c")}) {
		got = append(got, n.Line())
	}
	want := []string{"a; b: callbacks: " + callbacks.Text, "a: callbacks: " + other.Text, "b: " + shuffled.Text}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if got := NoticeText(record.Notice{Text: "It is so."}); got != "It is so." {
		t.Errorf("a notice about nothing is %q", got)
	}
}

// A validation that follows each second epoch, or no summary, is no error.
func TestDetailsOfLittle(t *testing.T) {
	r := like(plain, 0.25)
	if got := Details(r); got != "" {
		t.Errorf("a run without a summary has %q", got)
	}
	r.Summary, _ = stats.Summarize(&r)
	if got := Details(r); got != "" {
		t.Errorf("a run of a built-in model has %q", got)
	}
}
