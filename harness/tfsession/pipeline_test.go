package tfsession

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"epochtime/harness/graph"
)

// fromPipeline is one of each type that a graph's own pipeline needs. testdata/piped is
// the graph "fixed" of ../train/testdata/pipelines.py: six batches of 22 examples.
type fromPipeline struct {
	session    *Session
	step       *Step
	pipeline   *Pipeline
	validating *Pipeline
	validation *Validation
	metrics    *Metrics
}

func openPiped(t testing.TB) *fromPipeline {
	t.Helper()
	m, err := graph.Open(filepath.Join("testdata", "piped"))
	if err != nil {
		t.Fatal(err)
	}
	out := &fromPipeline{}
	if out.session, err = Open(m, Options{Device: "cpu"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.session.Close() })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	out.step, err = out.session.Train()
	must(err)
	out.pipeline, err = out.session.Pipeline(m.Pipeline, "train", arraysOf(t, m, m.Pipeline))
	must(err)
	out.validating, err = out.session.Pipeline(&m.Validation.Pipeline, m.Validation.Evaluate, arraysOf(t, m, &m.Validation.Pipeline))
	must(err)
	out.validation, err = out.session.Validation(m.Validation, out.validating)
	must(err)
	out.metrics, err = out.session.Metrics(m.Signatures[graph.Metrics].Values)
	must(err)
	must(errors.Join(out.pipeline.Make(), out.validating.Make(), out.step.Take(out.pipeline)))
	return out
}

// arraysOf reads a pipeline's arrays into aligned memory that stays where it is.
func arraysOf(t testing.TB, m *graph.Manifest, p *graph.Pipeline) [][]byte {
	t.Helper()
	if p.File == "" {
		return nil
	}
	content, err := os.ReadFile(m.ArraysPath(p))
	if err != nil {
		t.Fatal(err)
	}
	room := make([]byte, len(content)+graph.ArrayAlignment)
	aligned := room[-uintptr(unsafe.Pointer(unsafe.SliceData(room)))%graph.ArrayAlignment:]
	copy(aligned, content)
	var pin runtime.Pinner
	pin.Pin(unsafe.SliceData(aligned))
	t.Cleanup(pin.Unpin)
	var out [][]byte
	for _, a := range p.Arrays {
		out = append(out, aligned[a.Offset:a.Offset+a.Bytes])
	}
	return out
}

func TestPipeline(t *testing.T) {
	e := openPiped(t)
	for range 2 {
		if err := e.pipeline.Rewind(); err != nil {
			t.Fatal(err)
		}
		examples := 0
		for {
			n, _, err := e.pipeline.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			examples += n
			if _, err := e.step.Run(); err != nil {
				t.Fatal(err)
			}
		}
		if examples != 22 {
			t.Errorf("%d examples, want 22", examples)
		}
		if _, err := e.step.Run(); !errors.Is(err, ErrStep) || !strings.Contains(err.Error(), "has been given no batch") {
			t.Errorf("a step after the last batch: %v", err)
		}
	}
	if steps, err := e.pipeline.Bare(e.step); err != nil || steps != 6 {
		t.Errorf("the bare loop ran %d steps, %v", steps, err)
	}
}

// Drawing a batch and training on it allocates nothing in Go.
func TestPipelineAllocatesNothing(t *testing.T) {
	e := openPiped(t)
	if err := e.pipeline.Rewind(); err != nil {
		t.Fatal(err)
	}
	allocs := testing.AllocsPerRun(4, func() { // and once before them: five of six batches
		if _, _, err := e.pipeline.Next(); err != nil {
			t.Fatal(err)
		}
		if _, err := e.step.Run(); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a step", allocs)
	}
}

// A pipeline that nobody has made, or whose pass nobody has begun, is an error.
func TestPipelineOutOfOrder(t *testing.T) {
	e := openPiped(t)
	if _, _, err := e.pipeline.Next(); !errors.Is(err, ErrPipeline) {
		t.Errorf("a batch before a pass: %v", err)
	}
	m := e.session.manifest
	other, err := e.session.Pipeline(m.Pipeline, "train", arraysOf(t, m, m.Pipeline))
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"fewer arrays":   second(e.session.Pipeline(m.Pipeline, "train", nil)),
		"no signature":   second(e.session.Pipeline(m.Pipeline, "none", arraysOf(t, m, m.Pipeline))),
		"another's step": second(e.session.Validation(&graph.Validation{Evaluate: "none"}, other)),
		"no metric":      second(e.session.Metrics([]graph.MetricOutput{{Name: "a", Output: "none"}})),
	} {
		if !errors.Is(err, ErrGraph) {
			t.Errorf("%s: %v, want ErrGraph", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Fill makes batches of any shape that the step takes.
func TestFill(t *testing.T) {
	e := openPiped(t)
	shapes := func(n int64) map[string][]int64 { return map[string][]int64{"x": {n, 1}, "y": {n, 1}} }
	if err := e.pipeline.Fill(shapes(3)); !errors.Is(err, ErrPipeline) {
		t.Errorf("of no batch: %v", err)
	}
	if err := e.pipeline.Rewind(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := e.pipeline.Next(); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{1, 4, 9} {
		if err := e.pipeline.Fill(shapes(n)); err != nil {
			t.Fatal(err)
		}
		if got := e.pipeline.Shapes()["x"]; got[0] != n || e.pipeline.Bytes() != int(8*n) {
			t.Errorf("a batch of the shape %v and %d bytes, want %d examples", got, e.pipeline.Bytes(), n)
		}
		if _, err := e.step.Run(); err != nil {
			t.Errorf("a step on %d examples: %v", n, err)
		}
	}
	for _, wrong := range []map[string][]int64{{"x": {2, 1}}, {"x": {2, 2}, "y": {2, 1}}, {"x": {2, 1}, "y": {3, 1}}, shapes(-1)} {
		if err := e.pipeline.Fill(wrong); !errors.Is(err, ErrPipeline) {
			t.Errorf("a batch of %v: %v", wrong, err)
		}
	}
}

func TestPipelineAfterClose(t *testing.T) {
	for _, session := range []bool{true, false} {
		e := openPiped(t)
		if err := e.pipeline.Rewind(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := e.pipeline.Next(); err != nil {
			t.Fatal(err)
		}
		closers := []func() error{e.pipeline.Close, e.validating.Close, e.validation.Close, e.metrics.Close}
		if session {
			closers = append([]func() error{e.session.Close}, closers...)
		}
		for range 2 {
			for _, end := range closers {
				if err := end(); err != nil {
					t.Error(err)
				}
			}
		}
		_, _, next := e.pipeline.Next()
		_, bare := e.pipeline.Bare(e.step)
		_, add := e.validation.Add()
		_, values := e.metrics.Values()
		_, run := e.step.Run()
		for name, err := range map[string]error{
			"Make": e.pipeline.Make(), "Rewind": e.pipeline.Rewind(), "Next": next, "Replay": e.pipeline.Replay(), "Fill": e.pipeline.Fill(nil),
			"Bare": bare, "Add": add, "Values": values, "Reset": e.metrics.Reset(), "Run": run,
		} {
			if !errors.Is(err, ErrClosed) {
				t.Errorf("%s after Close: %v", name, err)
			}
		}
		if e.pipeline.Shapes() != nil || e.pipeline.Bytes() != 0 {
			t.Error("a closed pipeline has a batch")
		}
		e.pipeline.Hold()
	}
}
