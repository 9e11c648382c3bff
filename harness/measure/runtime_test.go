package measure

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// Settings that a runtime does not have are refused, and so are graphs that it cannot
// train.
func TestRuntimeSettings(t *testing.T) {
	plain, script, fused, scaled := makeGraph(t, "plain"), makeGraph(t, "script"), makeGraph(t, "fused"), makeGraph(t, "scaled")
	script.Script = &graph.Script{File: "train.py", Call: "fit", Line: 4, Phase: 1, Phases: 1}
	fused.Variant.Fused = true
	old := makeGraph(t, "old", `signatures={"train":{"key":"train","loss":"loss"}}`)
	scaled.Preprocess = []graph.Preprocess{{Op: "scale", Input: "x", Factor: 0.5}}
	for _, c := range []struct {
		g       *graph.Manifest
		said    string
		refused string
	}{
		{plain, "runtime=go", ""},
		{plain, "runtime=fit", ""},
		{plain, "runtime=fit batch=64 samples=100 shuffle=yes intra-op=1 callbacks=none metrics=none step=none steps-per-execution=8 compile=on pipeline=memory", ""},
		{plain, "runtime=fit prefetch=2 feed-threads=1 feed=batches", ""},
		{plain, "runtime=tf-function", ""},
		{plain, "runtime=peer worker=loop", ""},
		{plain, "callbacks=none", "callbacks: it is a part of Keras's own fit"},
		{plain, "compile=off", "compile: it is a part"},
		{plain, "runtime=tf-function metrics=none", "metrics: it is a part"},
		{plain, "runtime=fit feed=resident", "feed: it says how the graph is fed"},
		{plain, "fetch=last", ""},
		{plain, "fetch=every runtime=fit", ""},
		{plain, "fetch=last runtime=fit", "fetch: it says how the graph is fed and run from Go"},
		{plain, "fetch=last runtime=tf-function", "fetch: "},
		{plain, "fetch=last feed=resident", "fetch: data that stays on the device is trained on an epoch at a time"},
		{old, "fetch=last", "fetch: the loss cannot be read at the end of an epoch: old was exported before"},
		{old, "fetch=every", ""},
		{plain, "runtime=fit executor=caller-thread", "executor: "},
		{plain, "runtime=fit prefetch=4", "prefetch: "},
		{plain, "runtime=fit preprocess=x:flip", "preprocess: "},
		{plain, "runtime=fit cold=yes", "cold: every launch of the runtime fit begins cold"},
		{plain, "runtime=fit warmup=0", "warmup: the first epoch"},
		{plain, "runtime=tf-function pipeline=memory", "pipeline: "},
		{plain, "runtime=peer", "worker: "},
		{script, "runtime=fit", ""},
		{script, "runtime=fit data=x.npz", "data: under the runtime fit"},
		{script, "runtime=peer worker=loop", "runtime: script is trained by its script's own fit"},
		{fused, "runtime=fit", "runtime: fused has a step that only the exporter makes"},
		{fused, "runtime=peer worker=loop", ""},
		{scaled, "runtime=fit", "runtime: scaled is preprocessed from Go (scale of x)"},
		{scaled, "runtime=go", ""},
	} {
		config := setting.Defaults()
		for _, said := range strings.Fields(c.said) {
			key, value, _ := strings.Cut(said, "=")
			if err := setting.Change(&config, key, value); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Resolve(c.g, config)
		if wrong := (*setting.Error)(nil); c.refused != "" && (!errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), c.refused)) || c.refused == "" && err != nil {
			t.Errorf("%s, %s: %v, want %q", c.g.Name, c.said, err, c.refused)
		}
	}
}

// Workers that are not of the graph get its examples in a file, which is made once and
// is gone afterwards; they are not compared with Keras step by step.
func TestExamplesForOtherRuntimes(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	g := makeGraph(t, "cnn")
	l := newLab()
	o := l.options()
	o.Launches = 3
	s, err := NewRun([]Configuration{
		configured(t, g), configured(t, g, "runtime=fit"), configured(t, g, "runtime=peer", "worker=loop"), configured(t, g, "runtime=fit", "samples=100"),
	}, o)
	measured(t, s, err)
	if len(l.made) != 2 || len(l.parity) != 1 {
		t.Errorf("%d files of examples and %d comparisons with Keras were made, want 2 and 1", len(l.made), len(l.parity))
	}
	for _, job := range l.made {
		if !job.Config.OfGraph() || len(job.Config.Worker) > 0 || job.Examples == "" {
			t.Errorf("examples were asked for by %+v", job)
		}
		if _, err := os.Stat(filepath.Dir(job.Examples)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the folder of %s is left: %v", job.Examples, err)
		}
	}
	for _, job := range l.jobs {
		if (job.Examples == "") != job.Config.OfGraph() {
			t.Errorf("the runtime %q trains on the file %q", job.Config.Runtime, job.Examples)
		}
	}
}

// What may not be meant in the data is known to whoever makes the examples of it, and
// stands in the record of every runtime that trains on them.
func TestWarningsOfExamples(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	l := newLab()
	l.doubts = []string{"the class folders are called train and test"}
	o := l.options()
	var told []string
	o.Watcher = &listener{notice: func(_ NoticeKind, text string) { told = append(told, text) }}
	s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"), "runtime=fit")}, o)
	measured(t, s, err)
	run := s.Record().Runs[0]
	if !slices.Equal(run.Warnings, l.doubts) || len(told) != 1 || !strings.Contains(told[0], l.doubts[0]) {
		t.Errorf("the run warns of %q, and %q was told", run.Warnings, told)
	}
	for i, launch := range run.Launches {
		if !slices.Equal(launch.Warnings, l.doubts) {
			t.Errorf("launch %d warns of %q", i, launch.Warnings)
		}
	}
}

// A worker whose first loss is another trains something else, which fails its launches,
// in whichever order they were made. The graph's own is the reference.
func TestOtherWork(t *testing.T) {
	shuffled := func(g *graph.Manifest) { g.Settings.Shuffle = true }
	for _, c := range []struct {
		name   string
		change func(*graph.Manifest)
		loss   float64
		status string
	}{
		{"the same", func(*graph.Manifest) {}, 1.0009, record.OK},
		{"another", func(*graph.Manifest) {}, 1.0011, record.Error},
		{"not a number", func(*graph.Manifest) {}, 3, record.Error},
		{"in random order", shuffled, 1.2, record.OK},
		{"in random order, another", shuffled, 1.3, record.Error},
	} {
		for seed := range uint64(4) {
			rec, err := trained(t, c.change, seed, c.loss, "runtime=go", "runtime=fit")
			if failed := c.status != record.OK; errors.Is(err, ErrFailed) != failed {
				t.Errorf("%s: %v", c.name, err)
			}
			for i, want := range []string{record.OK, c.status} {
				for _, l := range rec.Runs[i].Launches {
					if l.Status != want || want != record.OK && !strings.Contains(l.Reason, "it trains something else than the runtime go") {
						t.Errorf("%s: a launch of run %d is %s: %s", c.name, i, l.Status, l.Reason)
					}
				}
				if (rec.Runs[i].Summary != nil) != (want == record.OK) {
					t.Errorf("%s: the summary of run %d is %+v", c.name, i, rec.Runs[i].Summary)
				}
			}
		}
	}
}

// Without the graph's own, what was launched first is the reference.
func TestOtherWorkWithoutTheGraph(t *testing.T) {
	for seed := range uint64(4) {
		rec, err := trained(t, func(*graph.Manifest) {}, seed, 2, "runtime=fit", "runtime=tf-function")
		if !errors.Is(err, ErrFailed) {
			t.Error(err)
		}
		for _, r := range rec.Runs {
			want := record.Error
			if r.Launches[0].Order == 0 {
				want = record.OK
			}
			for _, l := range r.Launches {
				if l.Status != want {
					t.Errorf("launch %d of %s is %s: %s", l.Order, r.Config.Runtime, l.Status, l.Reason)
				}
			}
		}
	}
}

// Launches that came before the first of the graph's that worked are judged by it.
func TestEarlierOtherWork(t *testing.T) {
	g := makeGraph(t, "cnn")
	g.Weights = fixedWeights(t, g)
	s, err := NewAB(configured(t, g), configured(t, g, "runtime=fit"), newLab().options())
	if err != nil {
		t.Fatal(err)
	}
	worked := func(order int, loss record.Number) record.Launch {
		return record.Launch{Status: record.OK, Order: order, Epochs: []record.Epoch{{Loss: loss}}}
	}
	s.rec.Runs[0].Launches = []record.Launch{{Status: record.Killed, Order: 0}, worked(3, 1)}
	s.rec.Runs[1].Launches = []record.Launch{worked(1, 2), worked(2, 2)}
	if !s.failOtherWork() {
		t.Error("no earlier launch failed by it")
	}
	for _, l := range s.rec.Runs[1].Launches {
		if l.Status != record.Error {
			t.Errorf("launch %d is %s", l.Order, l.Status)
		}
	}
}

// trained returns the record of an ab whose side B has the given loss in its epochs, and
// side A a loss of 1.
func trained(t *testing.T, change func(*graph.Manifest), seed uint64, loss float64, a, b string) (*record.Record, error) {
	t.Helper()
	g := makeGraph(t, "cnn")
	g.Weights = fixedWeights(t, g)
	change(g)
	l := newLab()
	sideB := configured(t, g, "epochs=2", b)
	l.fail = func(_ int, job protocol.Job) *launch.Outcome {
		out := &launch.Outcome{Launch: record.Launch{Status: record.OK, Wall: 1}, Hello: &protocol.Hello{Machine: record.Machine{Hostname: "lab", Cores: 2}}}
		for i := range job.Config.Warmup + job.Config.Epochs {
			e := record.Epoch{Index: i, Warmup: i < job.Config.Warmup, Start: float64(i), Seconds: 1, Step: 1, Steps: 32, Samples: 1000, Loss: 1}
			if job.Config.Runtime == sideB.Config.Runtime {
				e.Loss = record.Number(loss)
			}
			out.Launch.Epochs = append(out.Launch.Epochs, e)
		}
		return out
	}
	o := l.options()
	o.Launches, o.Seed = 2, seed
	s, err := NewAB(configured(t, g, "epochs=2", a), sideB, o)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Measure(t.Context())
	if n := s.Launched(); n != 4 {
		t.Errorf("%d launches were made where 4 were planned", n)
	}
	return s.Record(), err
}

// fixedWeights gives a graph an index of variables without a random state.
func fixedWeights(t *testing.T, g *graph.Manifest) *graph.Weights {
	t.Helper()
	index := `[{"path":"dense/kernel","dataset":"d","dtype":"float32","shape":[1],"offset":0,"bytes":4,"tensor":"k:0"}]`
	if err := os.WriteFile(filepath.Join(g.Dir, "weights.json"), []byte(index), 0o644); err != nil {
		t.Fatal(err)
	}
	return &graph.Weights{File: "weights.h5.gz", Index: "weights.json"}
}

// What the graph lacks of fit is not said of fit itself.
func TestNoticesOfRuntimes(t *testing.T) {
	g := makeGraph(t, "noticed")
	g.Notices = []graph.Notice{{About: "callbacks", Text: "EarlyStopping is not called."}}
	for runtime, want := range map[string]int{"": 1, record.RuntimeGo: 1, record.RuntimeTFFunction: 1, record.RuntimeFit: 0, record.RuntimeFitJAX: 0} {
		if got := graphRecord(g, record.Config{Runtime: runtime}).Notices; len(got) != want {
			t.Errorf("the runtime %q has the notices %v", runtime, got)
		}
	}
}
