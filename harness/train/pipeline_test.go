package train_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
)

// fixtures are the graphs of testdata/pipelines.py, which are made once.
var fixtures = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pipelines")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("../../.venv/bin/python", "testdata/pipelines.py", dir)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join("..", ".."), "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return dir, fmt.Errorf("%w (.venv has TensorFlow)\n%s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, _ := fixtures(); dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

func fixture(t testing.TB, name string) *graph.Manifest {
	t.Helper()
	dir, err := fixtures()
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(); err != nil {
		t.Fatal(err)
	}
	return m
}

func piped(t testing.TB, name string, o train.Options) *train.Trainer {
	t.Helper()
	tr, err := train.OpenPipeline(fixture(t, name), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

func epochs(t testing.TB, tr *train.Trainer, n int) []train.Epoch {
	t.Helper()
	var out []train.Epoch
	for e, err := range tr.Epochs(t.Context(), n) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// Passes begin and end where Keras's do: how many steps each epoch has.
func TestPipelineEpochs(t *testing.T) {
	for name, steps := range map[string][]int{
		"fixed":          {6, 6, 6},
		"known":          {6, 6, 6},
		"shuffled":       {250, 250},
		"steps":          {4, 4, 4}, // of a pass without end
		"going-on":       {4, 2, 4, 2, 4},
		"going-on-known": {4, 4, 4, 4, 4},
		"uneven":         {8, 8},
		"records":        {2, 2},
		"words":          {3, 3},
	} {
		for _, inMemory := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, in memory %t", name, inMemory), func(t *testing.T) {
				tr := piped(t, name, train.Options{InMemory: inMemory})
				if _, err := tr.FirstSteps(t.Context()); err != nil {
					t.Fatal(err)
				}
				want := slices.Clone(steps)
				if inMemory && name == "going-on" { // an epoch of it is held
					want = []int{4, 4, 4}
				}
				for i, e := range epochs(t, tr, len(want)) {
					if e.Steps != want[i] || e.Index != i || e.Seconds <= 0 || math.Abs(e.Seconds-e.Wait-e.Step-e.Other) > 1e-9 || e.Preprocess != 0 {
						t.Errorf("epoch %d: %+v, want %d steps", i, e, want[i])
					}
				}
			})
		}
	}
}

// The first steps change nothing: not the variables, and not the order that a shuffle
// draws. Held batches are those that are drawn.
func TestPipelineTrainsAlike(t *testing.T) {
	var want []train.Epoch
	for i, o := range []train.Options{{}, {}, {InMemory: true}} {
		tr := piped(t, "shuffled", o)
		if i > 0 {
			if _, err := tr.FirstSteps(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		got := epochs(t, tr, 2)
		if i == 0 {
			want = got
		}
		if got[0].Loss != want[0].Loss {
			t.Errorf("with %+v the first epoch's loss is %v, not %v", o, got[0].Loss, want[0].Loss)
		}
		if same := got[1].Loss == want[1].Loss; same == o.InMemory {
			t.Errorf("with %+v the second epoch's loss is %v, and %v of a pass that is drawn anew", o, got[1].Loss, want[1].Loss)
		}
		if err := tr.Reset(); err != nil {
			t.Fatal(err)
		}
		if again := epochs(t, tr, 1)[0]; again.Loss != want[0].Loss {
			t.Errorf("after a reset the first epoch's loss is %v, not %v", again.Loss, want[0].Loss)
		}
	}
}

// The losses of a fixed pipeline are those that the export has computed.
func TestPipelineLosses(t *testing.T) {
	m := fixture(t, "fixed")
	tr := piped(t, "fixed", train.Options{})
	for step, err := range tr.Steps(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if step.Index == len(m.Pipeline.Losses) {
			break
		}
		if want := m.Pipeline.Losses[step.Index]; math.Abs(step.Loss-want) > 1e-6*want {
			t.Errorf("step %d: loss %v, want %v", step.Index, step.Loss, want)
		}
	}
	if e := epochs(t, tr, 1)[0]; e.Steps != 6 || e.Index != 1 {
		t.Errorf("after the steps comes %+v", e)
	}
}

// A shape that the export has not met is marked in the epoch that meets it.
func TestNewShapesOfPipelines(t *testing.T) {
	for name, want := range map[string][2]int{"fixed": {0, 0}, "uneven": {3, 0}} { // of 2, 3 and 5 examples
		tr := piped(t, name, train.Options{})
		if _, err := tr.FirstSteps(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, e := range epochs(t, tr, 2) {
			if e.NewShapes != want[i] {
				t.Errorf("%s: epoch %d has %d new shapes, want %d", name, i, e.NewShapes, want[i])
			}
		}
	}
	if e := epochs(t, piped(t, "fixed", train.Options{}), 1)[0]; e.NewShapes != 2 {
		t.Errorf("without first steps, the first epoch has %d new shapes of 2", e.NewShapes)
	}
}

// What goes wrong with a pipeline is told with what to look at.
func TestPipelineErrors(t *testing.T) {
	for name, c := range map[string]struct {
		is   error
		says []string
	}{
		"empty":   {epoch.ErrEmpty, []string{"the pipeline of empty has no batches", "mend it in the script"}},
		"failing": {tfsession.ErrPipeline, []string{"epoch 0, batch 2", "batch 2 of the pass", "x is 0.5 or more"}},
		"misfit":  {tfsession.ErrPipeline, []string{"epoch 0, batch 2", `batch 2 of the pass has "x" of the shape [4 2]`, "takes [?, 1]", "mend the pipeline"}},
	} {
		tr := piped(t, name, train.Options{})
		_, err := tr.Epoch(t.Context())
		wantError(t, name, err, c.is, c.says...)
		if _, err := tr.FirstSteps(t.Context()); name == "empty" {
			wantError(t, name, err, c.is, "the first steps", "no batches")
		}
		_, err = train.OpenPipeline(fixture(t, name), train.Options{InMemory: true})
		wantError(t, name, err, c.is, c.says[len(c.says)-1])
	}
	_, err := train.OpenPipeline(fixture(t, "wrong-type"), train.Options{})
	wantError(t, "wrong-type", err, tfsession.ErrGraph, `makes "x" of TensorFlow's type 2`, "takes type 1")
	_, err = train.OpenPipeline(fixture(t, "endless"), train.Options{InMemory: true, Available: func() (uint64, bool) { return 64, true }})
	wantError(t, "endless", err, train.ErrHeld, "96 B", "64 B are free")
	if !errors.Is(err, tfsession.ErrOOM) {
		t.Errorf("%v is no ErrOOM", err)
	}
}

func wantError(t *testing.T, name string, err, is error, says ...string) {
	t.Helper()
	if !errors.Is(err, is) {
		t.Errorf("%s: %v, want %v", name, err, is)
	}
	for _, text := range says {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v, want it to say %q", name, err, text)
		}
	}
}

// A file that the pipeline reads is looked for before anything is loaded; one that goes
// while training is TensorFlow's word.
func TestPipelineFileIsGone(t *testing.T) {
	m := fixture(t, "records")
	tr, err := train.OpenPipeline(m, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	path := m.Pipeline.Files[0].Path
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	defer os.Rename(path+".away", path)
	_, err = tr.Epoch(t.Context())
	wantError(t, "while training", err, tfsession.ErrPipeline, "batch 0 of the pass", path)
	_, err = train.OpenPipeline(m, train.Options{})
	wantError(t, "before", err, graph.ErrData, path, "is missing", "export records again")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is no fs.ErrNotExist", err)
	}
}

// A pipeline that ends before it did at the export has lost data.
func TestPipelineEndsEarly(t *testing.T) {
	m := fixture(t, "fixed")
	m.Pipeline.Batches.Steps++
	m.Pipeline.Batches.Examples += 4
	tr, err := train.OpenPipeline(m, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	_, err = tr.Epoch(t.Context())
	wantError(t, "fixed", err, tfsession.ErrPipeline, "6 batches of 22 examples", "7 of 26", "export it again")
}

func TestOpenPipelineRefuses(t *testing.T) {
	m := fixture(t, "fixed")
	for name, c := range map[string]struct {
		m  *graph.Manifest
		o  train.Options
		is error
	}{
		"no graph":    {nil, train.Options{}, graph.ErrNoPipeline},
		"no pipeline": {fixture(t, "arrays"), train.Options{}, graph.ErrNoPipeline},
		"a batch":     {m, train.Options{Feed: feed.Options{Batch: 8}}, dataset.ErrUnfit},
		"shuffling":   {m, train.Options{Feed: feed.Options{Shuffle: true}}, dataset.ErrUnfit},
		"resident":    {m, train.Options{Resident: true}, graph.ErrResident},
		"an epoch":    {m, train.Options{InitialEpoch: -1}, dataset.ErrUnfit},
	} {
		if _, err := train.OpenPipeline(c.m, c.o); !errors.Is(err, c.is) {
			t.Errorf("%s: %v, want %v", name, err, c.is)
		}
	}
}

// Opening and closing leaves neither goroutines nor what a pass has begun.
func TestPipelineCloses(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, inMemory := range []bool{false, true} {
		tr := piped(t, "shuffled", train.Options{InMemory: inMemory})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for step, err := range tr.Steps(ctx) {
			if err != nil && ctx.Err() == nil {
				t.Fatal(err)
			}
			if step.Index == 3 {
				cancel()
			}
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
		if _, err := tr.Epoch(t.Context()); !errors.Is(err, train.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
}

// BenchmarkPipeline compares an epoch of a pipeline with a loop in C that draws the
// same batches and trains on them, in turn, and reports the median of the paired
// differences a step.
//
//	go test -run - -bench Pipeline -benchtime 200x ./harness/train
func BenchmarkPipeline(b *testing.B) {
	for _, executor := range []string{"", tfsession.CallerThread} {
		b.Run("executor="+executor, func(b *testing.B) {
			tr := piped(b, "shuffled", train.Options{TrainOnly: true, Session: tfsession.Options{Executor: executor}})
			if _, err := tr.FirstSteps(b.Context()); err != nil {
				b.Fatal(err)
			}
			var over, bare []float64
			for i := 0; b.Loop(); i++ {
				var here, there float64
				both := []func(){
					func() { here = 1e6 * epochs(b, tr, 1)[0].Seconds / 250 },
					func() {
						seconds, steps, err := train.Bare(tr)
						if err != nil || steps != 250 {
							b.Fatalf("%d steps, %v", steps, err)
						}
						there = 1e6 * seconds / 250
					},
				}
				both[i%2]() // whichever comes first has no advantage
				both[1-i%2]()
				over, bare = append(over, here-there), append(bare, there)
			}
			slices.Sort(over)
			slices.Sort(bare)
			b.ReportMetric(over[len(over)/2], "µs/step-over-C")
			b.ReportMetric(bare[len(bare)/2], "µs/step-in-C")
		})
	}
}
