package train_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
)

// oneThread makes TensorFlow add up in one order.
var oneThread = tfsession.Options{IntraOp: 1, InterOp: 1}

// keras is a process that has exported testdata/evaluated.py to a folder, and says
// what Keras's evaluate and predict make of weights.
type kerasProcess struct {
	graph *graph.Manifest
	in    io.WriteCloser
	out   *bufio.Reader
	log   *strings.Builder
}

func startKeras(t *testing.T, examples, batch string) *kerasProcess {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "evaluated")
	cmd := exec.Command("../../.venv/bin/python", "testdata/keras_evaluates.py", dir, examples, batch)
	cmd.Env = append(os.Environ(), "CUDA_VISIBLE_DEVICES=-1", "TF_CPP_MIN_LOG_LEVEL=2", "PYTHONDONTWRITEBYTECODE=1")
	k := &kerasProcess{log: &strings.Builder{}}
	cmd.Stderr = k.log
	var err error
	if k.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (.venv has TensorFlow and Keras)", err)
	}
	t.Cleanup(func() { k.in.Close(); cmd.Wait() })
	k.out = bufio.NewReaderSize(out, 1<<20)
	if _, err := k.out.ReadString('\n'); err != nil { // what the export says
		k.in.Close()
		cmd.Wait()
		t.Fatalf("%v\n%s", err, k.log)
	}
	if k.graph, err = graph.Open(dir); err != nil {
		t.Fatal(err)
	}
	return k
}

type kerasSays struct {
	Metrics []struct {
		Name   string
		Values []float64
	}
	Outputs map[string][]float64
}

func (k *kerasProcess) of(t *testing.T, weights string) (says kerasSays) {
	t.Helper()
	if _, err := io.WriteString(k.in, weights+"\n"); err != nil {
		t.Fatalf("%v\n%s", err, k.log)
	}
	line, err := k.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &says)
	}
	if err != nil {
		t.Fatalf("%v: %.200s\n%s", err, line, k.log)
	}
	return says
}

// openData opens the data of a graph, the first n examples of it.
func openData(t *testing.T, m *graph.Manifest, n int) *dataset.Set {
	t.Helper()
	set, err := arrays.Read([]string{m.DataPath()}, m.ArrayNames())
	if err == nil {
		err = set.Take(n)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set.Close() })
	return set
}

func openOn(t *testing.T, m *graph.Manifest, set *dataset.Set, o train.Options) *train.Trainer {
	t.Helper()
	o.Session = oneThread
	tr, err := train.Open(m, set, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

func away(got, want float64) float64 {
	if math.IsNaN(got) && math.IsNaN(want) {
		return 0
	}
	return math.Abs(got-want) / math.Max(math.Abs(want), 1e-3)
}

// A model with dropout, batch normalisation, two outputs and metrics that are no
// means, beside Keras with the same weights.
func TestBesideKeras(t *testing.T) {
	k := startKeras(t, "100", "32")
	set := openData(t, k.graph, 100)
	t.Run("evaluate and predict", func(t *testing.T) { evaluateAndPredict(t, k, set, 32) })
	t.Run("go on", func(t *testing.T) { goOn(t, k, set) })
}

// evaluateAndPredict compares metrics over several batches with a short last one,
// and predictions, before and after training, and loads what Keras has saved.
func evaluateAndPredict(t *testing.T, k *kerasProcess, set *dataset.Set, batch int) {
	tr := openOn(t, k.graph, set, train.Options{Feed: feed.Options{Batch: batch, Prefetch: 2, Shuffle: true}})
	path := filepath.Join(t.TempDir(), "a.weights.h5")
	var want kerasSays
	for _, epochs := range []int{0, 5} {
		trainEpochs(t, tr, epochs)
		if _, err := tr.SaveWeights(path); err != nil {
			t.Fatal(err)
		}
		want = k.of(t, path)
		compareMetrics(t, tr, set, want)
		comparePredictions(t, tr, set, want, batch)
	}
	if err := tr.Reset(); err != nil {
		t.Fatal(err)
	}
	lacking, err := tr.LoadWeights(path + ".keras.weights.h5")
	if err != nil || len(lacking) != 1 || !strings.Contains(lacking[0], "seed_generator") {
		t.Fatalf("of Keras's own file it lacks %v, %v; want the random state alone", lacking, err)
	}
	compareMetrics(t, tr, set, want)
}

func compareMetrics(t *testing.T, tr *train.Trainer, set *dataset.Set, want kerasSays) {
	t.Helper()
	got, err := tr.Evaluate(t.Context(), set)
	if err != nil || len(got) != len(want.Metrics) {
		t.Fatalf("%v, %v; want %v", got, err, want.Metrics)
	}
	worst := 0.0
	for i, w := range want.Metrics {
		values := got[i].Values
		if values == nil {
			values = []float64{got[i].Value}
		}
		if got[i].Name != w.Name || len(values) != len(w.Values) {
			t.Fatalf("metric %d is %+v, Keras's %+v", i, got[i], w)
		}
		for j := range values {
			worst = max(worst, away(values[j], w.Values[j]))
		}
	}
	t.Logf("metrics differ by %.1e at most: %v", worst, got)
	if worst > 1e-5 {
		t.Errorf("metrics are %v, Keras's %v", got, want.Metrics)
	}
}

func comparePredictions(t *testing.T, tr *train.Trainer, set *dataset.Set, want kerasSays, batch int) {
	t.Helper()
	got := make(map[string][]float64)
	seen := 0
	for p, err := range tr.Predict(t.Context(), set) {
		if err != nil {
			t.Fatal(err)
		}
		if p.First != seen || p.Examples > batch {
			t.Errorf("a prediction of %d examples from %d on", p.Examples, p.First)
		}
		seen += p.Examples
		for _, o := range p.Outputs {
			values, err := train.Values[float32](o)
			if err != nil || o.Shape[0] != int64(p.Examples) {
				t.Fatalf("%s of shape %v, %v", o.Name, o.Shape, err)
			}
			for _, v := range values {
				got[o.Name] = append(got[o.Name], float64(v))
			}
		}
	}
	if seen != set.Examples() || len(got) != len(want.Outputs) {
		t.Fatalf("predictions of %d examples, %d outputs", seen, len(got))
	}
	worst := 0.0
	for name, values := range want.Outputs {
		if len(got[name]) != len(values) {
			t.Fatalf("%s has %d values, Keras's %d", name, len(got[name]), len(values))
		}
		for i, v := range values {
			worst = max(worst, math.Abs(got[name][i]-v))
		}
	}
	t.Logf("predictions differ by %.1e at most", worst)
	if worst > 1e-5 {
		t.Errorf("predictions differ by %g", worst)
	}
}

// goOn checks that training goes on from saved weights as if it had never stopped:
// the same losses to the last bit.
func goOn(t *testing.T, k *kerasProcess, set *dataset.Set) {
	options := func(first int) train.Options {
		return train.Options{Feed: feed.Options{Batch: 32, Shuffle: true, Seed: 7}, InitialEpoch: first}
	}
	losses := func(tr *train.Trainer, n int) (out []float64) {
		for e, err := range tr.Epochs(t.Context(), n) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, float64(e.Loss))
		}
		return out
	}
	whole := losses(openOn(t, k.graph, set, options(0)), 6)
	path := filepath.Join(t.TempDir(), "a.weights.h5")
	first := openOn(t, k.graph, set, options(0))
	losses(first, 3)
	if _, err := first.SaveWeights(path); err != nil {
		t.Fatal(err)
	}
	for _, steps := range []string{"", "after first steps", "in a trainer that was used"} {
		tr := openOn(t, k.graph, set, options(3))
		if steps == "in a trainer that was used" {
			losses(tr, 2)
			if err := tr.Reset(); err != nil {
				t.Fatal(err)
			}
		}
		if lacking, err := tr.LoadWeights(path); err != nil || lacking != nil {
			t.Fatalf("%v, %v", lacking, err)
		}
		if steps == "after first steps" {
			if _, err := tr.FirstSteps(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for i, loss := range losses(tr, 3) {
			if loss != whole[3+i] {
				t.Errorf("%q: epoch %d has the loss %v, without a break %v", steps, 3+i, loss, whole[3+i])
			}
		}
	}
	again := openOn(t, k.graph, set, options(0))
	if _, err := again.LoadWeights(path); err != nil {
		t.Fatal(err)
	}
	if err := again.Reset(); err != nil {
		t.Fatal(err)
	}
	if got := losses(again, 1); got[0] != whole[0] {
		t.Errorf("after Reset the loss is %v, at the start %v", got[0], whole[0])
	}
}

// A file that is damaged, or of another model, changes nothing.
func TestLoadWeightsRefuses(t *testing.T) {
	m := mlpDigits(t)
	tr := openDigits(t, m, 64, false)
	good := saveWeights(t, tr, "good")
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	trainEpochs(t, tr, 1)
	before := saveWeights(t, tr, "before")
	other := open(t, "lstm", 64, train.Options{})
	defer other.Close()
	cut := filepath.Join(t.TempDir(), "cut.weights.h5")
	bad := map[string]string{
		"another model": saveWeights(t, other, "other"), "none": filepath.Join(t.TempDir(), "none.weights.h5"), "a folder": t.TempDir(), "": cut,
	}
	for n := len(whole) - 1; n > 0; n -= len(whole)/7 + 1 {
		if err := os.WriteFile(cut, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		for name, path := range bad {
			if _, err := tr.LoadWeights(path); !errors.Is(err, graph.ErrStored) || !strings.Contains(err.Error(), path) {
				t.Errorf("%q, cut after %d: %v, want ErrStored of the file", name, n, err)
			}
		}
	}
	same, err := os.ReadFile(saveWeights(t, tr, "after"))
	if err != nil {
		t.Fatal(err)
	}
	if was, _ := os.ReadFile(before); string(was) != string(same) {
		t.Error("a file that was refused has changed variables")
	}
	if _, err := tr.LoadWeights(good); err != nil {
		t.Fatal(err)
	}
	if now, _ := os.ReadFile(saveWeights(t, tr, "loaded")); string(now) != string(whole) {
		t.Error("what was loaded is not what was saved")
	}
}

func TestEvaluateFails(t *testing.T) {
	tr := open(t, "mlp", 64, train.Options{Feed: feed.Options{Batch: 32}})
	defer tr.Close()
	m, err := graph.Find(graphs, "linear")
	if err != nil {
		t.Fatal(err)
	}
	other, err := dataset.Synthetic(m, 64, 1)
	if err != nil {
		t.Fatal(err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		set  *dataset.Set
		want error
	}{
		"no data":    {t.Context(), nil, nil},
		"other data": {t.Context(), other, dataset.ErrUnfit},
		"stopped":    {stopped, other, context.Canceled},
	} {
		_, evaluated := tr.Evaluate(c.ctx, c.set)
		_, predicted := firstOf(tr.Predict(c.ctx, c.set))
		for _, err := range []error{evaluated, predicted} {
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
	}
	var none *train.Trainer
	for _, tr := range []*train.Trainer{none, {}} {
		_, evaluated := tr.Evaluate(t.Context(), other)
		_, predicted := firstOf(tr.Predict(t.Context(), other))
		_, loaded := tr.LoadWeights("a.weights.h5")
		for _, err := range []error{evaluated, predicted, loaded} {
			if !errors.Is(err, train.ErrClosed) {
				t.Errorf("of a trainer that is none: %v, want ErrClosed", err)
			}
		}
	}
	if _, err := train.Values[int64](train.Tensor{Name: "a", DType: graph.Float32}); err == nil {
		t.Error("float32 is int64")
	}
}

func firstOf(s iter.Seq2[train.Prediction, error]) (train.Prediction, error) {
	for p, err := range s {
		return p, err
	}
	return train.Prediction{}, nil
}

// A prediction that is left early, or overtaken by Close, ends cleanly; between two
// batches the trainer may train.
func TestPredictEndsEarly(t *testing.T) {
	m, err := graph.Find(graphs, "mlp")
	if err != nil {
		t.Fatal(err)
	}
	set, err := dataset.Synthetic(m, 100, 1)
	if err != nil {
		t.Fatal(err)
	}
	tr := openOn(t, m, set, train.Options{Feed: feed.Options{Batch: 32}})
	if p, err := firstOf(tr.Predict(t.Context(), set)); err != nil || p.Examples != 32 {
		t.Fatalf("%+v, %v", p, err)
	}
	var last error
	batches := 0
	for _, err := range tr.Predict(t.Context(), set) {
		if last = err; err != nil {
			break
		}
		if batches++; batches == 1 {
			trainEpochs(t, tr, 1)
		}
		if batches == 2 {
			if err := tr.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if batches != 2 || !errors.Is(last, train.ErrClosed) {
		t.Errorf("%d batches, then %v; want ErrClosed after two", batches, last)
	}
}

// A model that cannot be evaluated says why, as the exporter did.
func TestEvaluateNotExported(t *testing.T) {
	m, err := graph.Find(graphs, "mlp")
	if err != nil {
		t.Fatal(err)
	}
	delete(m.Signatures, graph.Evaluate)
	delete(m.Signatures, graph.Predict)
	m.Missing = map[string]string{graph.Evaluate: "ValueError: No loss to compute", graph.Predict: "it has no call"}
	set, err := dataset.Synthetic(m, 32, 1)
	if err != nil {
		t.Fatal(err)
	}
	tr := openOn(t, m, set, train.Options{})
	if _, err := tr.Evaluate(t.Context(), set); !errors.Is(err, graph.ErrNoSignature) || !strings.Contains(err.Error(), "No loss to compute") {
		t.Errorf("evaluating: %v", err)
	}
	if _, err := firstOf(tr.Predict(t.Context(), set)); !errors.Is(err, graph.ErrNoSignature) || !strings.Contains(err.Error(), "no call") {
		t.Errorf("predicting: %v", err)
	}
}
