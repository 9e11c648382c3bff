package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// saving runs a job that saves its weights in path, and returns what it said of them.
func saving(t *testing.T, m *graph.Manifest, path string) (*launch.Outcome, []protocol.Event) {
	t.Helper()
	return weighing(t, m, "", path)
}

// weighing runs a job that starts from the weights in from, if it is not empty, and
// saves its own in path.
func weighing(t *testing.T, m *graph.Manifest, from, path string) (*launch.Outcome, []protocol.Event) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var said []protocol.Event
	w := &launch.Worker{Argv: []string{self}, Quiet: map[string]string{asWorker: "1", "TF_CPP_MIN_LOG_LEVEL": "1"}}
	out, err := w.Run(context.Background(), protocol.Job{
		Kind: protocol.Train, Graph: m.Dir, SaveWeights: path,
		Config: record.Config{Batch: 32, Samples: 64, Epochs: 1, Device: "cpu", IntraOp: 1, InterOp: 1, LoadWeights: from},
	}, func(e protocol.Event) { said = append(said, e) })
	if err != nil {
		t.Fatal(err)
	}
	return out, said
}

func TestWeightsAreSavedLast(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mlp.weights.h5")
	out, said := saving(t, openGraph(t, "mlp"), path)
	if out.Launch.Status != record.OK || len(said) < 2 {
		t.Fatalf("%s: %s\n%s", out.Launch.Status, out.Launch.Reason, out.Stderr)
	}
	e := said[len(said)-2]
	info, err := os.Stat(path)
	if err != nil || e.Event != protocol.EventWeights || e.Weights == nil || e.Weights.Bytes != info.Size() || e.Weights.Path != path || out.Launch.Saving <= 0 {
		t.Errorf("%+v, %v; want the file as the last event but done", e, err)
	}
}

func TestWeightsThatCannotBeSaved(t *testing.T) {
	m := openGraph(t, "mlp")
	without := filepath.Join(t.TempDir(), "mlp")
	if err := os.CopyFS(without, os.DirFS(m.Dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(without, "weights.json")); err != nil {
		t.Fatal(err)
	}
	damaged, err := graph.Open(without)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		m    *graph.Manifest
		path string
		says string
	}{
		"no folder": {m, filepath.Join(t.TempDir(), "gone", "mlp.weights.h5"), "another folder"},
		"no index":  {damaged, filepath.Join(t.TempDir(), "mlp.weights.h5"), "weights.json"},
	} {
		out, _ := saving(t, c.m, c.path)
		if out.Failure == nil || !out.Setup || !strings.Contains(out.Failure.Error(), c.says) || len(out.Launch.Epochs) > 0 {
			t.Errorf("%s: %v, setup %v; it should say %q before anything is trained", name, out.Failure, out.Setup, c.says)
		}
	}
}

// A launch that loads what another has saved goes on from there.
func TestWeightsAreLoadedFirst(t *testing.T) {
	m := openGraph(t, "mlp")
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name+".weights.h5") }
	var losses []float64
	for _, c := range [][2]string{{"", path("one")}, {path("one"), path("two")}} {
		out, said := weighing(t, m, c[0], c[1])
		if out.Launch.Status != record.OK {
			t.Fatalf("%s: %s\n%s", out.Launch.Status, out.Launch.Reason, out.Stderr)
		}
		for _, e := range said {
			if e.Loaded != nil && e.Loaded.Lacking != nil {
				t.Errorf("the weights lack %v", e.Loaded.Lacking)
			}
		}
		losses = append(losses, float64(out.Launch.Epochs[0].Loss))
	}
	if losses[1] >= losses[0] {
		t.Errorf("losses are %v: the second launch did not start where the first ended", losses)
	}
}

func TestWeightsThatCannotBeLoaded(t *testing.T) {
	m := openGraph(t, "mlp")
	text := filepath.Join(t.TempDir(), "text.weights.h5")
	if err := os.WriteFile(text, []byte("no weights"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		text: "it is no HDF5 file", filepath.Join(t.TempDir(), "gone.weights.h5"): "no such file",
	} {
		out, _ := weighing(t, m, path, filepath.Join(t.TempDir(), "out.weights.h5"))
		f := out.Failure
		if f == nil || !out.Setup || f.Code != protocol.CodeJob || !strings.Contains(f.Message, path) || !strings.Contains(f.Message, says) || len(out.Launch.Epochs) > 0 {
			t.Errorf("%s: %+v, setup %v; it should name the file and say %q before anything is trained", path, f, out.Setup, says)
		}
	}
}
