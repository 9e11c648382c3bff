package train_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"epochtime/harness/dataset/arrays"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/train"
)

const digits = "../../testdata/digits.npz"

// openDigits opens a graph of the digits, whose order is theirs.
func openDigits(t *testing.T, m *graph.Manifest, batch int, resident bool) *train.Trainer {
	t.Helper()
	set, err := arrays.Read([]string{digits}, m.ArrayNames())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set.Close() })
	tr, err := train.Open(m, set, train.Options{Feed: feed.Options{Batch: batch}, Resident: resident})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	if _, err := tr.FirstSteps(t.Context()); err != nil {
		t.Fatal(err)
	}
	return tr
}

func trainEpochs(t *testing.T, tr *train.Trainer, n int) (loss float64) {
	t.Helper()
	for range n {
		e, err := tr.Epoch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		loss = float64(e.Loss)
	}
	return loss
}

func saveWeights(t *testing.T, tr *train.Trainer, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".weights.h5")
	size, err := tr.SaveWeights(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != size || size == 0 {
		t.Fatalf("%v; %d bytes were written", err, size)
	}
	return path
}

func mlpDigits(t *testing.T) *graph.Manifest {
	t.Helper()
	m, err := graph.Find(graphs, "mlp-digits")
	if err != nil {
		t.Fatalf("%v ('make graphs' exports what the tests need)", err)
	}
	return m
}

// keras asks Keras what it makes of the weights.
func keras(t *testing.T, m *graph.Manifest, start, trained string, batch, epochs int) (out struct {
	Weights, Optimizer, Loss float64
	Next                     [2]float64
}) {
	t.Helper()
	cmd := exec.Command("../../.venv/bin/python", "testdata/keras_side.py", digits, m.Dir, start, trained, fmt.Sprint(batch), fmt.Sprint(epochs))
	cmd.Env = append(os.Environ(), "CUDA_VISIBLE_DEVICES=-1", "TF_CPP_MIN_LOG_LEVEL=2")
	var failure strings.Builder
	cmd.Stderr = &failure
	text, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, text, failure.String())
	}
	return out
}

// What Go trained is, loaded in Keras, what Keras trains itself: the same
// variables, the optimizer's too, and the loss that the session has next.
func TestKerasLoadsTheWeights(t *testing.T) {
	m := mlpDigits(t)
	for _, c := range []struct {
		name          string
		batch, epochs int
		resident      bool
	}{{"batches", 64, 3, false}, {"all at once", 1797, 5, false}, {"resident", 1797, 5, true}} {
		t.Run(c.name, func(t *testing.T) {
			tr := openDigits(t, m, c.batch, c.resident)
			start := saveWeights(t, tr, "start")
			trainEpochs(t, tr, c.epochs)
			trained := saveWeights(t, tr, "trained")
			got := keras(t, m, start, trained, c.batch, c.epochs)
			t.Logf("%+v", got)
			if got.Weights > 1e-5 || got.Optimizer > 1e-5 {
				t.Errorf("variables differ by %g, the optimizer's by %g", got.Weights, got.Optimizer)
			}
			if d := math.Abs(got.Next[0]-got.Next[1]) / got.Next[0]; d > 1e-5 {
				t.Errorf("the next losses are %v: %g apart", got.Next, d)
			}
			if c.batch != 1797 {
				return
			}
			if session := trainEpochs(t, tr, 1); math.Abs(got.Loss-session) > 1e-5*session {
				t.Errorf("the loss is %v in Keras and %v in the session", got.Loss, session)
			}
		})
	}
}

func TestSaveWeightsFails(t *testing.T) {
	m := mlpDigits(t)
	tr := openDigits(t, m, 0, false)
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.Mkdir(taken, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		want error
		says string
	}{
		{"", fs.ErrInvalid, "the path is empty"},
		{filepath.Join(dir, "gone", "a.weights.h5"), fs.ErrNotExist, filepath.Join(dir, "gone") + ": no such"},
		{taken, syscall.EISDIR, taken + ": is a directory"},
		{taken + "/", syscall.EISDIR, "is a directory"},
		{filepath.Join(file, "a.weights.h5"), syscall.ENOTDIR, file + ": not a directory"},
	} {
		if _, err := tr.SaveWeights(c.path); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("in %q: %v, want %v that says %q", c.path, err, c.want, c.says)
		}
	}
	if _, err := tr.LoadWeights(""); !errors.Is(err, graph.ErrStored) || !strings.Contains(err.Error(), "the path is empty") {
		t.Errorf("loading without a path: %v, want ErrStored", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
	m.Weights = nil
	if _, err := tr.SaveWeights(filepath.Join(dir, "a.weights.h5")); !errors.Is(err, graph.ErrNoWeights) {
		t.Errorf("of a graph without them: %v, want ErrNoWeights", err)
	}
}
