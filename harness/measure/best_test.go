package measure

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"epochtime/harness/compare"
	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// found are the best settings of a graph: those of another, with assignments.
func found(t *testing.T, of, fast *graph.Manifest, assignments ...string) *compare.Best {
	t.Helper()
	run := func(g *graph.Manifest, list ...string) *record.Run {
		c := configured(t, g, list...)
		return &record.Run{Graph: graphRecord(g, c.Config), Config: c.Config}
	}
	b := &compare.Best{ID: "0decade0", Found: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Default: run(of)}
	b.Winner = run(fast, assignments...)
	return b
}

func nothingKept(string) bool             { return false }
func nameOf(g *graph.Manifest) string     { return g.Name }
func keeps(name string) func(string) bool { return func(s string) bool { return s == name } }

func TestWithBest(t *testing.T) {
	cnn, jit := makeGraph(t, "cnn"), makeGraph(t, "cnn-jit", "variant.jit=true")
	best := found(t, cnn, jit, "intra-op=1", "executor=caller-thread", "env.TF_ENABLE_ONEDNN_OPTS=1")
	named := Configuration{Graph: cnn, Config: setting.Defaults(), Command: []string{"run", "cnn"}}
	got, notes, err := WithBest(named, best, []*graph.Manifest{cnn, jit}, nothingKept, nameOf)
	if err != nil || len(notes) > 0 {
		t.Fatal(notes, err)
	}
	if got, err = Configure(got); err != nil {
		t.Fatal(err)
	}
	if want := "run cnn-jit --env=TF_ENABLE_ONEDNN_OPTS=1 --intra-op=1 --executor=caller-thread"; strings.Join(got.Command, " ") != want || got.Graph != jit {
		t.Errorf("%q of %s, want %q", got.Command, got.Graph.Name, want)
	}
	if s := got.Settings; s.Name != record.SettingsBest || s.From != "0decade0" || s.Graph != cnn.SHA256 || !s.Found.Equal(best.Found) {
		t.Errorf("%+v", s)
	}
	// Without a list of graphs, it is where it was.
	if got, _, err = WithBest(named, best, nil, nothingKept, nameOf); err != nil || got.Graph.SHA256 != jit.SHA256 {
		t.Errorf("%v", err)
	}
	if s := WithDefault(named).Settings; s.Name != record.SettingsDefault || s.Graph != cnn.SHA256 {
		t.Errorf("%+v", s)
	}
}

// What is given stays, and is said, as is other work.
func TestWithBestKeeps(t *testing.T) {
	cnn := makeGraph(t, "cnn")
	best := found(t, cnn, cnn, "intra-op=1", "env.TF_ENABLE_ONEDNN_OPTS=1")
	named := Configuration{Graph: cnn, Config: setting.Defaults()}
	named.Config.IntraOp, named.Config.Batch, named.Config.Env = 4, 64, map[string]string{"TF_ENABLE_ONEDNN_OPTS": "0"}
	got, notes, err := WithBest(named, best, nil, keeps("intra-op"), nameOf)
	if err != nil || got.Config.IntraOp != 4 || got.Config.Env["TF_ENABLE_ONEDNN_OPTS"] != "0" || got.Config.Batch != 64 {
		t.Errorf("%+v, %v", got.Config, err)
	}
	want := "they were found with batch 32; env.TF_ENABLE_ONEDNN_OPTS is 0, as given, and 1 was found; intra-op is 4, as given, and 1 was found"
	if strings.Join(notes, "; ") != want {
		t.Errorf("notes %q, want %q", notes, want)
	}
}

// Where nothing is faster, the settings are the default's.
func TestWithBestOfDefault(t *testing.T) {
	cnn := makeGraph(t, "cnn")
	best := found(t, cnn, cnn)
	best.Winner = best.Default
	named := Configuration{Graph: cnn, Config: setting.Defaults()}
	got, notes, err := WithBest(named, best, nil, nothingKept, nameOf)
	if err != nil || len(notes) > 0 || got.Graph != cnn || canonical(got.Config) != canonical(named.Config) || got.Settings.From != "0decade0" {
		t.Errorf("%+v, %q, %v", got, notes, err)
	}
}

// The fastest form of a graph may be gone, changed or damaged.
func TestWithBestWithoutItsForm(t *testing.T) {
	cnn, jit := makeGraph(t, "cnn"), makeGraph(t, "cnn-jit", "variant.jit=true")
	best := found(t, cnn, jit)
	named := Configuration{Graph: cnn, Config: setting.Defaults()}
	other := *jit
	other.SHA256 = "exported anew"
	best.Winner.Graph.SHA256 = "what it was"
	if _, _, err := WithBest(named, best, []*graph.Manifest{&other}, nothingKept, nameOf); !errors.Is(err, ErrBest) {
		t.Errorf("changed: %v", err)
	}
	best.Winner.Graph.SHA256 = jit.SHA256
	if err := os.WriteFile(jit.Dir+"/saved_model.pb", []byte("damage"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := WithBest(named, best, []*graph.Manifest{jit}, nothingKept, nameOf); !errors.Is(err, graph.ErrDamaged) {
		t.Errorf("damaged: %v", err)
	}
	if err := os.RemoveAll(jit.Dir); err != nil {
		t.Fatal(err)
	}
	if _, _, err := WithBest(named, best, nil, nothingKept, nameOf); !errors.Is(err, ErrBest) {
		t.Errorf("gone: %v", err)
	}
}

func TestAskWorker(t *testing.T) {
	l := newLab()
	hello, err := AskWorker(t.Context(), l, setting.Defaults())
	if err != nil || hello.TensorFlow != "2.21.0" || hello.Machine.Hostname != "lab" {
		t.Errorf("%+v, %v", hello, err)
	}
	c := setting.Defaults()
	c.Worker = scriptedWorker(t, "job\nfail step no TensorFlow\nexit 1\n")
	w, err := Workers(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := AskWorker(t.Context(), w, c); err == nil || !strings.Contains(err.Error(), "no TensorFlow") {
		t.Errorf("a worker that fails: %v", err)
	}
	if _, err := AskWorker(t.Context(), nil, c); !errors.Is(err, ErrNothing) {
		t.Errorf("no worker: %v", err)
	}
}
