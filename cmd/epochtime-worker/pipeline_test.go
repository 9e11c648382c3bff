package main

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/graph"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// pipelines writes graphs of harness/train/testdata/pipelines.py, and opens them.
func pipelines(t *testing.T, names ...string) map[string]*graph.Manifest {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := filepath.Join(root, "harness", "train", "testdata", "pipelines.py")
	cmd := exec.Command(filepath.Join(root, ".venv", "bin", "python"), append([]string{script, dir}, names...)...)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+root, "PYTHONDONTWRITEBYTECODE=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	found := make(map[string]*graph.Manifest)
	for _, name := range names {
		if found[name], err = graph.Open(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// A launch on a graph's own pipeline: what is announced, and what each epoch says.
func TestPipelineLaunch(t *testing.T) {
	graphs := pipelines(t, "fixed", "shuffled", "going-on", "failing", "empty", "records", "wrong-type")
	launched := func(name string, c record.Config) record.Launch {
		t.Helper()
		c.Device = "cpu"
		out := job(t, protocol.Train, graphs[name], c, nil)
		if out.Launch.Status != record.OK {
			t.Fatalf("%s, %+v: %s: %s\n%s", name, c, out.Launch.Status, out.Launch.Reason, out.Stderr)
		}
		return out.Launch
	}

	t.Run("script", func(t *testing.T) {
		l := launched("fixed", record.Config{Batch: 4, Epochs: 2, Warmup: 1})
		if r := l.Resolved; r.Pipeline != record.PipelineScript || r.Steps != 6 || r.Samples != 22 || r.Batch != 4 || r.Prefetch != 0 || l.Cold.Compile <= 0 {
			t.Errorf("it used %+v, cold %+v", r, l.Cold)
		}
		for _, e := range l.Epochs {
			if e.ValidationSteps != 3 || e.Validation <= 0 || !(e.Metrics["val_mae"] > 0) || !math.IsNaN(float64(e.Metrics["nothing"])) || e.NewShapes != 0 {
				t.Errorf("%+v", e)
			}
		}
	})
	t.Run("memory", func(t *testing.T) {
		l := launched("shuffled", record.Config{Epochs: 1, Pipeline: record.PipelineMemory, Validation: record.PartNone})
		if r := l.Resolved; r.Pipeline != record.PipelineMemory || r.Steps != 250 || r.Samples != 1000 || l.Cold.Data <= 0 || l.Epochs[0].Validation != 0 {
			t.Errorf("it used %+v, cold %+v, %+v", r, l.Cold, l.Epochs[0])
		}
	})
	t.Run("passes that go on", func(t *testing.T) {
		l := launched("going-on", record.Config{Epochs: 3})
		if l.Resolved.Steps != 4 || l.Epochs[1].Steps != 2 || l.Epochs[2].Steps != 4 {
			t.Errorf("%+v, %+v", l.Resolved, l.Epochs)
		}
	})
	t.Run("cold", func(t *testing.T) {
		l := launched("fixed", record.Config{Epochs: 1, Warmup: 1, Cold: true})
		if l.Cold.FirstStep != 0 || !l.Epochs[0].Warmup || l.Epochs[0].NewShapes != 2 || l.Epochs[1].NewShapes != 0 {
			t.Errorf("cold %+v, epochs %+v", l.Cold, l.Epochs)
		}
	})
	for _, executor := range []string{record.SingleThreaded, record.CallerThread} {
		t.Run(executor, func(t *testing.T) {
			if l := launched("shuffled", record.Config{Epochs: 1, Executor: executor}); l.Epochs[0].Steps != 250 {
				t.Errorf("%+v", l.Epochs[0])
			}
		})
	}
	t.Run("parity", func(t *testing.T) {
		m := graphs["fixed"]
		out := job(t, protocol.Parity, m, record.Config{Device: "cpu"}, nil)
		if out.Launch.Status != record.OK || len(out.Parity.Got) != m.Parity.Steps+len(m.Pipeline.Losses) {
			t.Fatalf("%s: %+v\n%s", out.Launch.Reason, out.Parity, out.Stderr)
		}
		for i, want := range m.Pipeline.Losses {
			if got := float64(out.Parity.Got[m.Parity.Steps+i]); math.Abs(got-want) > 1e-6*want {
				t.Errorf("step %d of the pipeline: loss %v, want %v", i, got, want)
			}
		}
	})
	if err := os.Remove(graphs["records"].Pipeline.Files[0].Path); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{
		"failing": "batch 2 of the pass: ", "empty": "the pipeline of empty has no batches", "records": "is missing: export records again",
		"wrong-type": `its pipeline makes "x"`,
	} {
		out := job(t, protocol.Train, graphs[name], record.Config{Epochs: 1, Device: "cpu"}, nil)
		if l := out.Launch; l.Status != record.Error || !l.Setup || !strings.Contains(l.Reason, says) {
			t.Errorf("%s: %s, setup %t: %s, want it to say %q", name, l.Status, l.Setup, l.Reason, says)
		}
	}
}
