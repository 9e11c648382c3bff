package train_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/train"
)

// regression is the model of testdata/pipelines.py, computed here.
type regression struct{ w, b float64 }

func (l *regression) train(x, y []float64) (mae float64) {
	var dw, db float64
	for i := range x {
		difference := l.w*x[i] + l.b - y[i]
		mae += math.Abs(difference)
		dw, db = dw+2*difference*x[i], db+2*difference
	}
	l.w -= 0.1 * dw / float64(len(x))
	l.b -= 0.1 * db / float64(len(x))
	return mae
}

// numbers are the n examples of testdata/pipelines.py.
func numbers(n int) (x, y []float64) {
	for i := range n {
		x = append(x, float64(i)/float64(n))
		y = append(y, 3*x[i]+1)
	}
	return x, y
}

// Metrics are those of one epoch, and validation's those of its pass.
func TestMetricsAndValidation(t *testing.T) {
	tr := piped(t, "fixed", train.Options{})
	if _, err := tr.FirstSteps(t.Context()); err != nil {
		t.Fatal(err)
	}
	var l regression
	x, y := numbers(22)
	checkX, checkY := numbers(10)
	end := 0.0
	for _, e := range epochs(t, tr, 2) {
		mae := 0.0
		for at := 0; at < 22; at += 4 {
			to := min(at+4, 22)
			mae += l.train(x[at:to], y[at:to])
		}
		wrong := 0.0
		for i := range checkX {
			wrong += math.Abs(l.w*checkX[i] + l.b - checkY[i])
		}
		for name, want := range map[string]float64{"mae": mae / 22, "val_mae": wrong / 10, "val_loss": 0} {
			if got := float64(e.Metrics[name]); math.Abs(got-want) > 1e-5 {
				t.Errorf("epoch %d: %s is %v, want %v", e.Index, name, got, want)
			}
		}
		if _, ok := e.Metrics["loss"]; ok || len(e.Metrics) != 5 || !math.IsNaN(float64(e.Metrics["nothing"])) || !math.IsNaN(float64(e.Metrics["val_nothing"])) {
			t.Errorf("epoch %d: metrics %v", e.Index, e.Metrics)
		}
		if e.ValidationSteps != 3 || e.ValidationSamples != 10 || e.Validation <= 0 || e.Start < end {
			t.Errorf("epoch %d: %+v, the one before ended at %v", e.Index, e, end)
		}
		end = e.Start + e.Seconds + e.Validation
	}
}

// Validation follows the epochs that the script says, and can be left out.
func TestValidationIsDue(t *testing.T) {
	for _, c := range []struct {
		every []int
		o     train.Options
		want  []bool
	}{
		{nil, train.Options{}, []bool{true, true, true}},
		{[]int{2}, train.Options{}, []bool{false, true, false}},
		{[]int{1, 3}, train.Options{}, []bool{true, false, true}},
		{nil, train.Options{TrainOnly: true}, []bool{false, false, false}},
		{[]int{2}, train.Options{InitialEpoch: 1}, []bool{true, false, true}},
	} {
		m := fixture(t, "fixed")
		m.Validation.Every = c.every
		tr, err := train.OpenPipeline(m, c.o)
		if err != nil {
			t.Fatal(err)
		}
		var got []bool
		for _, e := range epochs(t, tr, 3) {
			_, metric := e.Metrics["val_mae"]
			if got = append(got, e.Validation > 0); metric != (e.Validation > 0) {
				t.Errorf("epoch %d: %+v", e.Index, e)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("every %v, %+v: validation %v, want %v", c.every, c.o, got, c.want)
		}
		tr.Close()
	}
}

// Examples that are fed as usual have metrics and validation too.
func TestValidationOfArrays(t *testing.T) {
	m := fixture(t, "arrays")
	set, err := dataset.Synthetic(m, 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*graph.Manifest{m, fixture(t, "fixed")} { // other data than its pipeline's
		tr, err := train.Open(m, set, train.Options{Feed: feed.Options{Batch: 8}})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		for _, e := range epochs(t, tr, 2) {
			if e.Steps != 3 || e.Samples != 20 || e.ValidationSteps != 3 || !(e.Metrics["val_mae"] > 0) || !(e.Metrics["mae"] > 0) {
				t.Errorf("%s: %+v", m.Name, e)
			}
		}
	}
}

// A graph that is no script's has no metrics to reset around an epoch.
func TestNoMetricsWithoutAScript(t *testing.T) {
	m := fixture(t, "fixed")
	m.Script = nil
	tr, err := train.OpenPipeline(m, train.Options{TrainOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if e := epochs(t, tr, 1)[0]; e.Metrics != nil {
		t.Errorf("metrics %v", e.Metrics)
	}
}

// Who stops training in validation gets no epoch that lacks it.
func TestValidationIsStopped(t *testing.T) {
	tr := piped(t, "fixed", train.Options{})
	ctx := &countdown{Context: t.Context(), left: 8} // looked at before the epoch, each of 6 steps, and each batch of validation
	if e, err := tr.Epoch(ctx); err == nil || e.Steps > 0 {
		t.Errorf("%+v, %v", e, err)
	}
	if e := epochs(t, tr, 1)[0]; e.Index != 1 || e.ValidationSteps != 3 {
		t.Errorf("the next epoch is %+v", e)
	}
}

// The first steps make one of validation for each shape, so that its own first one is in
// no epoch.
func TestFirstStepsOfValidation(t *testing.T) {
	shapes := len(fixture(t, "fixed").Validation.Batches.Shapes)
	if shapes < 2 {
		t.Fatalf("%d shapes of validation", shapes)
	}
	for left := range shapes {
		tr := piped(t, "fixed", train.Options{})
		ctx := &countdown{Context: t.Context(), left: left + 1} // looked at first of all
		if _, err := tr.FirstSteps(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "validation") {
			t.Errorf("stopped before batch %d of validation: %v", left, err)
		}
	}
	tr := piped(t, "fixed", train.Options{})
	ctx := &countdown{Context: t.Context(), left: shapes + 1}
	if _, err := tr.FirstSteps(ctx); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "validation") {
		t.Errorf("stopped after validation: %v", err)
	}
}

// countdown is a context that is done after so many looks at it.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}
