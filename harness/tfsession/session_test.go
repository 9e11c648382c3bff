package tfsession

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shirou/gopsutil/v4/process"

	"epochtime/harness/graph"
)

// openGraph opens a graph that 'make graphs' exports.
func openGraph(t testing.TB, name string) *graph.Manifest {
	t.Helper()
	m, err := graph.Open(filepath.Join("..", "..", "graphs", name))
	if err != nil {
		t.Fatalf("%v ('make graphs' exports what the tests need)", err)
	}
	return m
}

// trainer is a session with the buffers of one batch.
type trainer struct {
	session *Session
	step    *Step
	buffers *Buffers
	shapes  [][]int64
}

// newTrainer opens a graph of fixed example shapes for batches of zeros.
func newTrainer(t testing.TB, m *graph.Manifest, batch int64) *trainer {
	t.Helper()
	tr := open(t, m, exampleShapes(m, batch)...)
	tr.feed(t)
	return tr
}

// exampleShapes are the shapes of a batch for a graph of fixed example shapes.
func exampleShapes(m *graph.Manifest, batch int64) [][]int64 {
	var shapes [][]int64
	for _, in := range m.Tensors() {
		shape := []int64{batch}
		for _, d := range in.Shape[1:] {
			shape = append(shape, *d)
		}
		shapes = append(shapes, shape)
	}
	return shapes
}

// open opens a graph whose inputs get these shapes.
func open(t testing.TB, m *graph.Manifest, shapes ...[]int64) *trainer {
	t.Helper()
	return openWith(t, m, Options{Device: "cpu"}, shapes...)
}

func openWith(t testing.TB, m *graph.Manifest, o Options, shapes ...[]int64) *trainer {
	t.Helper()
	s, err := Open(m, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	step, err := s.Train()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { step.Close() })
	var sizes []int
	for i, in := range m.Tensors() {
		size := in.DType.Size()
		for _, d := range shapes[i] {
			size *= int(d)
		}
		sizes = append(sizes, size)
	}
	buffers, err := s.NewBuffers(sizes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { buffers.Close() })
	for _, b := range buffers.Bytes() {
		clear(b)
	}
	return &trainer{s, step, buffers, shapes}
}

func (tr *trainer) feed(t testing.TB) {
	t.Helper()
	for i, shape := range tr.shapes {
		if err := tr.step.Shape(tr.buffers, i, shape); err != nil {
			t.Fatal(err)
		}
	}
}

func (tr *trainer) run(t testing.TB) float64 {
	t.Helper()
	loss, err := tr.step.Run()
	if err != nil {
		t.Fatal(err)
	}
	return loss
}

func TestBindingLayout(t *testing.T) {
	if err := checkLayout(); err != nil {
		t.Fatal(err)
	}
}

func TestTrainsAndResets(t *testing.T) {
	tr := newTrainer(t, openGraph(t, "mlp"), 8)
	x := tr.buffers.Bytes()[0]
	for i := 0; i < len(x); i += 4 {
		x[i+2], x[i+3] = 0x80, 0x3e // 0.25
	}
	var losses []float64
	for range 4 {
		losses = append(losses, tr.run(t))
	}
	for i := 1; i < len(losses); i++ {
		if losses[i] >= losses[i-1] {
			t.Errorf("the loss does not fall: %v", losses)
		}
	}
	if err := tr.session.Reset(); err != nil {
		t.Fatal(err)
	}
	// Adam would take other strides if its slots had not gone back too.
	for i, want := range losses {
		if got := tr.run(t); math.Abs(got-want) > 1e-6*want {
			t.Errorf("step %d after a reset: loss %v, before it %v", i, got, want)
		}
	}
}

func TestRefilledBuffersAreRead(t *testing.T) {
	tr := newTrainer(t, openGraph(t, "linear"), 100)
	if loss := tr.run(t); loss != 0 {
		t.Fatalf("zero inputs and targets have the loss %v, want 0", loss)
	}
	y := tr.buffers.Bytes()[1]
	for i := 0; i < len(y); i += 4 {
		y[i+2], y[i+3] = 0x40, 0x40 // 3.0
	}
	if loss := tr.run(t); math.Abs(loss-9) > 1e-5 {
		t.Errorf("targets of 3 have the loss %v, want 9", loss)
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	tr := newTrainer(t, openGraph(t, "linear"), 100)
	shape := []int64{100, 1}
	got := testing.AllocsPerRun(100, func() {
		if err := tr.step.Shape(tr.buffers, 0, shape); err != nil {
			t.Error(err)
		}
		if _, err := tr.step.Run(); err != nil {
			t.Error(err)
		}
	})
	if got != 0 {
		t.Errorf("a step makes %v allocations, want 0", got)
	}
}

func TestMemoryDoesNotGrow(t *testing.T) {
	tr := newTrainer(t, openGraph(t, "mlp"), 1000) // 3 MB a batch
	for range 50 {
		tr.run(t)
	}
	before := residentBytes(t)
	for range 300 {
		tr.run(t)
	}
	const allowed = 20 << 20
	if grown := residentBytes(t) - before; grown > allowed {
		t.Errorf("300 steps grew the process by %d MiB", grown>>20)
	}
}

func residentBytes(t *testing.T) int64 {
	t.Helper()
	p, err := process.NewProcess(int32(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	info, err := p.MemoryInfo()
	if err != nil {
		t.Fatal(err)
	}
	return int64(info.RSS)
}

func TestWrongShapeKeepsTensorFlowsMessage(t *testing.T) {
	tr := newTrainer(t, openGraph(t, "linear"), 10)
	if err := tr.step.Shape(tr.buffers, 0, []int64{5, 2}); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.step.Run(); !errors.Is(err, ErrStep) || errors.Is(err, ErrOOM) || len(err.Error()) < 30 {
		t.Errorf("feeding 5×2 to an N×1 input: %v", err)
	}
	for _, shape := range [][]int64{{1000, 1}, {-1, 1}, {-1, -10}, {1 << 62, 1 << 62}} {
		if err := tr.step.Shape(tr.buffers, 0, shape); err != nil {
			t.Fatal(err)
		}
		if _, err := tr.step.Run(); !errors.Is(err, ErrStep) || !strings.Contains(err.Error(), "its buffer holds 40") {
			t.Errorf("the shape %v for a buffer of 40 bytes: %v", shape, err)
		}
	}
}

func TestDevices(t *testing.T) {
	all, err := Devices()
	if err != nil || len(all) == 0 || all[0].Type != "CPU" {
		t.Fatalf("Devices() = %v, %v", all, err)
	}
	kinds := map[string]bool{}
	for _, d := range all {
		kinds[d.Type] = true
	}
	m := openGraph(t, "linear")
	for _, name := range []string{"cpu", "gpu", "gpu:99", "gpu:0,98", "gpu:1,1", "tpu", "", "cpu:1", "gpu:x", "GPU"} {
		s, err := Open(m, Options{Device: name})
		if err == nil {
			s.Close()
		}
		there := name == "cpu" || name == "gpu" && kinds["GPU"] || name == "tpu" && kinds["TPU"]
		switch {
		case there && err != nil:
			t.Errorf("device %q: %v", name, err)
		case !there && !errors.Is(err, ErrDevice):
			t.Errorf("device %q: error %v, want ErrDevice", name, err)
		case !there && !strings.Contains(err.Error(), name):
			t.Errorf("device %q: the message does not name it: %v", name, err)
		case name == "gpu" && !there && Build().CUDA == "" && !strings.Contains(err.Error(), "it is built without CUDA"):
			t.Errorf("device %q: the message does not say why: %v", name, err)
		}
	}
}

func TestSessionOptionsAreTaken(t *testing.T) {
	m := openGraph(t, "rnn")
	plain := openWith(t, m, Options{Device: "cpu"}, []int64{4, 50}, []int64{4})
	plain.feed(t)
	want := plain.run(t)
	for _, o := range []Options{
		{Device: "cpu", IntraOp: 1, InterOp: 1},
		{Device: "cpu", Executor: SingleThreaded},
		{Device: "cpu", Executor: CallerThread},
	} {
		tr := openWith(t, m, o, plain.shapes...)
		tr.feed(t)
		if got := tr.run(t); math.Abs(got-want) > 1e-6*want {
			t.Errorf("%+v: loss %v, want %v", o, got, want)
		}
	}
	if _, err := Open(m, Options{Device: "cpu", Executor: "none"}); err == nil || !strings.Contains(err.Error(), SingleThreaded) {
		t.Errorf("an executor that is none: %v", err)
	}
}

func TestBrokenGraphs(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(t *testing.T, m *graph.Manifest)
	}{
		{"cut saved_model.pb", func(t *testing.T, m *graph.Manifest) { cut(t, m.Dir, "saved_model.pb") }},
		{"empty saved_model.pb", func(t *testing.T, m *graph.Manifest) { truncate(t, m.Dir, "saved_model.pb", 0) }},
		{"cut variables", func(t *testing.T, m *graph.Manifest) { cut(t, m.Dir, "variables/variables.data-00000-of-00001") }},
		{"cut index", func(t *testing.T, m *graph.Manifest) { cut(t, m.Dir, "variables/variables.index") }},
		{"no such signature", func(_ *testing.T, m *graph.Manifest) {
			m.Signatures = map[string]graph.Signature{"train": {Key: "serve", Loss: "loss"}}
		}},
		{"no such loss", func(_ *testing.T, m *graph.Manifest) {
			m.Signatures = map[string]graph.Signature{"train": {Key: "train", Loss: "x"}}
		}},
		{"no such input", func(_ *testing.T, m *graph.Manifest) { m.Inputs[0].Name = "z" }},
		{"another dtype", func(_ *testing.T, m *graph.Manifest) { m.Inputs[0].DType = graph.Float64 }},
		{"no such restore", func(_ *testing.T, m *graph.Manifest) { m.Reset.Operation = "none" }},
		{"no such filename tensor", func(_ *testing.T, m *graph.Manifest) { m.Reset.FilenameTensor = "saver_filename:7" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := copyGraph(t, "linear")
			tc.spoil(t, m)
			s, err := Open(m, Options{Device: "cpu"})
			if err == nil {
				defer s.Close()
				if _, err = s.Train(); err == nil {
					err = s.Reset()
				}
			}
			if !errors.Is(err, ErrGraph) {
				t.Errorf("error %v, want ErrGraph", err)
			}
		})
	}
}

func copyGraph(t *testing.T, name string) *graph.Manifest {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(openGraph(t, name).Dir)); err != nil {
		t.Fatal(err)
	}
	m, err := graph.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func cut(t *testing.T, dir, name string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		t.Fatal(err)
	}
	truncate(t, dir, name, size/2)
}

func truncate(t *testing.T, dir, name string, size int64) {
	t.Helper()
	if err := os.Truncate(filepath.Join(dir, name), size); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkStep(b *testing.B) {
	for _, name := range []string{"linear", "mlp", "cnn"} {
		for _, executor := range []string{"", SingleThreaded, CallerThread} {
			b.Run(name+"/executor="+executor, func(b *testing.B) {
				tr := openWith(b, openGraph(b, name), Options{Device: "cpu", Executor: executor}, exampleShapes(openGraph(b, name), 32)...)
				tr.feed(b)
				tr.run(b)
				b.ReportAllocs()
				for b.Loop() {
					tr.run(b)
				}
			})
		}
	}
}
