package main

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// The test binary is the worker when it is started with this variable.
const asWorker = "EPOCHTIME_TEST_AS_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(asWorker) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// openGraph opens a graph that 'make graphs' exports.
func openGraph(t *testing.T, name string) *graph.Manifest {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", "graphs", name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.Open(dir)
	if err != nil {
		t.Fatalf("%v ('make graphs' exports what the tests need)", err)
	}
	return m
}

// job runs one job in a worker of its own.
func job(t *testing.T, kind protocol.Kind, m *graph.Manifest, c record.Config, env map[string]string) *launch.Outcome {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := &launch.Worker{
		Argv: []string{self}, Env: env, Grace: 10 * time.Second,
		Quiet: map[string]string{asWorker: "1", "TF_CPP_MIN_LOG_LEVEL": "1"},
	}
	out, err := w.Run(context.Background(), protocol.Job{Kind: kind, Graph: m.Dir, SHA256: m.SHA256, Config: c}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func trained(t *testing.T, name string, c record.Config) *launch.Outcome {
	t.Helper()
	out := job(t, protocol.Train, openGraph(t, name), c, nil)
	if out.Launch.Status != record.OK {
		t.Fatalf("%s: %s: %s\n%s", name, out.Launch.Status, out.Launch.Reason, out.Stderr)
	}
	return out
}

// A comparison with Keras says where the operations of a step ran: here all on the CPU, as
// far as TensorFlow traces them.
func TestPlacement(t *testing.T) {
	for _, tc := range []struct {
		graph  string
		config record.Config
		traced bool
	}{
		{"mlp", record.Config{Device: "cpu"}, true},
		{"rnn", record.Config{Device: "cpu", Executor: record.CallerThread}, true},
		{"mlp", record.Config{Device: "cpu", Executor: record.SingleThreaded}, false},
	} {
		out := job(t, protocol.Parity, openGraph(t, tc.graph), tc.config, nil)
		if out.Launch.Status != record.OK || out.Parity == nil {
			t.Fatalf("%s: %s\n%s", out.Launch.Status, out.Launch.Reason, out.Stderr)
		}
		p := out.Parity.Placement
		if !tc.traced {
			if p != nil {
				t.Errorf("the executor %s traces nothing, and %+v", tc.config.Executor, p)
			}
			continue
		}
		if p == nil || len(p.Devices) != 1 || p.Devices["CPU:0"] < 50 || len(p.Host) != trace.MostHost || p.More < 10 {
			t.Fatalf("%s: %+v", tc.graph, p)
		}
		for _, h := range p.Host {
			if h.Op == "VarHandleOp" || h.Op == "_Arg" || h.Node == "" {
				t.Errorf("%s: %+v is no computation", tc.graph, h)
			}
		}
	}
}

// Every graph that 'make graphs' exports trains as Keras does: 1e-5 for plain
// graphs, 1e-3 where XLA compiles the step or a part of it.
func TestParity(t *testing.T) {
	for _, name := range []string{
		"linear", "cnn", "rnn", "mlp", "lstm", "gru", "mlp-digits", "cnn-digits",
		"linear-jit", "cnn-jit", "rnn-jit", "mlp-jit", "lstm-jit", "gru-jit", "gru-fused", "mlp-replicas2",
	} {
		t.Run(name, func(t *testing.T) {
			m := openGraph(t, name)
			out := job(t, protocol.Parity, m, record.Config{Device: "cpu"}, nil)
			if out.Launch.Status != record.OK || out.Parity == nil {
				t.Fatalf("%s: %s\n%s", out.Launch.Status, out.Launch.Reason, out.Stderr)
			}
			allowed := 1e-5
			if m.Variant.Compiled() {
				allowed = 1e-3
			}
			if len(out.Parity.Got) != m.Parity.Steps || m.Parity.Steps < 1 {
				t.Fatalf("%d losses, want %d", len(out.Parity.Got), m.Parity.Steps)
			}
			for i, want := range m.Parity.Losses {
				got := float64(out.Parity.Got[i])
				if d := math.Abs(got-want) / math.Abs(want); !(d <= allowed) {
					t.Errorf("step %d: loss %v here, %v in Keras: %.2g apart", i, got, want, d)
				}
			}
		})
	}
}

// A graph of several replicas trains on as many devices, the short last batch included,
// and under each executor that does not wait for ever.
func TestReplicas(t *testing.T) {
	for _, executor := range []string{record.ThreadPool, record.CallerThread} {
		out := trained(t, "mlp-replicas2", record.Config{Batch: 32, Samples: 33, Epochs: 1, Device: "cpu", Executor: executor})
		if e := out.Launch.Epochs; len(e) != 1 || e[0].Steps != 2 || e[0].Samples != 33 {
			t.Errorf("%s: epochs %+v", executor, e)
		}
	}
	for _, c := range []record.Config{
		{Batch: 31, Samples: 100, Epochs: 1, Device: "cpu"},
		{Batch: 32, Samples: 100, Epochs: 1, Device: "cpu", Executor: record.SingleThreaded},
	} {
		out := job(t, protocol.Train, openGraph(t, "mlp-replicas2"), c, nil)
		if out.Launch.Status == record.OK || !strings.Contains(out.Launch.Reason, "2 replicas") {
			t.Errorf("%+v: %s, %q", c, out.Launch.Status, out.Launch.Reason)
		}
	}
}

func TestLaunch(t *testing.T) {
	out := trained(t, "rnn", record.Config{Batch: 32, Samples: 1000, Epochs: 2, Warmup: 1, Device: "cpu", Seed: 1, IntraOp: 1})
	l := out.Launch
	if len(l.Epochs) != 3 || !l.Epochs[0].Warmup || l.Epochs[1].Warmup {
		t.Fatalf("epochs %+v, want one of warm-up and two measured", l.Epochs)
	}
	for i, e := range l.Epochs {
		if e.Index != i || e.Steps != 32 || e.Samples != 1000 {
			t.Errorf("epoch %d: %+v", i, e)
		}
		if min(e.Wait, e.Step, e.Other) <= 0 || math.Abs(e.Seconds-e.Wait-e.Step-e.Other) > 1e-6 { // each is measured
			t.Errorf("epoch %d: seconds %v is not wait %v + step %v + other %v", i, e.Seconds, e.Wait, e.Step, e.Other)
		}
		if i > 0 && e.Start < l.Epochs[i-1].Start+l.Epochs[i-1].Seconds {
			t.Errorf("epoch %d starts at %v s, before the end of the one before it: %+v", i, e.Start, l.Epochs[i-1])
		}
		if e.Preprocess <= 0 || e.Preprocess > e.Wait {
			t.Errorf("epoch %d: preprocessing %v s, of %v s of waiting", i, e.Preprocess, e.Wait)
		}
	}
	// 1000 = 31·32 + 8: two batch shapes, so two first steps.
	if c := l.Cold; c.Load <= 0 || c.FirstStep <= 0 || c.Compile <= c.FirstStep {
		t.Errorf("cold %+v: the first steps of two shapes take longer than the first", c)
	}
	if c := l.Cold; min(c.Start, c.Data, c.Reset, l.Ending) <= 0 || c.First < c.Compile { // each is measured
		t.Errorf("cold %+v, ending %v s: a part of the launch took no time, or the first steps less than themselves", c, l.Ending)
	}
	if b := l.Build; b == nil || b.OneDNN == "" || b.XLA != "on" {
		t.Errorf("TensorFlow was built with %+v", b)
	}
	if l.Memory.PeakRSS < 50<<20 || l.TensorFlow == "" || len(l.Devices) == 0 {
		t.Errorf("memory %v, TensorFlow %q, devices %v", l.Memory, l.TensorFlow, l.Devices)
	}
	want := record.Resolved{Device: "cpu", Batch: 32, Samples: 1000, Steps: 32, IntraOp: 1}
	if r := l.Resolved; r.Device != want.Device || r.Batch != want.Batch || r.Samples != want.Samples || r.Steps != want.Steps || r.IntraOp != 1 || r.InterOp < 1 {
		t.Errorf("resolved %+v, want %+v", r, want)
	}
}

// Untimed first steps leave no trace: with or without warm-up, the first epoch
// starts from the same variables, and so does every launch.
func TestEveryLaunchStartsAlike(t *testing.T) {
	c := record.Config{Batch: 30, Samples: 100, Epochs: 3, Device: "cpu", Seed: 7}
	a := trained(t, "linear", c).Launch.Epochs
	c.Epochs, c.Warmup = 2, 1
	b := trained(t, "linear", c).Launch.Epochs
	for i := range a {
		if math.Abs(float64(a[i].Loss-b[i].Loss)) > 1e-6*float64(a[i].Loss) {
			t.Errorf("epoch %d: losses %v and %v", i, a[i].Loss, b[i].Loss)
		}
	}
	c.Seed = 8
	if other := trained(t, "linear", c).Launch.Epochs; other[0].Loss == a[0].Loss {
		t.Error("another seed gives the same data")
	}
}

func TestDigitsAreLearnt(t *testing.T) {
	for _, name := range []string{"mlp-digits", "cnn-digits"} {
		epochs := trained(t, name, record.Config{Batch: 32, Epochs: 30, Device: "cpu", Seed: 1}).Launch.Epochs
		last := epochs[len(epochs)-1]
		if !(last.Loss < 0.2) || last.Samples != 1797 || last.Steps != 57 {
			t.Errorf("%s: after 30 epochs of %d examples in %d steps the loss is %v, want under 0.2", name, last.Samples, last.Steps, last.Loss)
		}
	}
}

func TestBatchLargerThanTheData(t *testing.T) {
	e := trained(t, "linear", record.Config{Batch: 5000, Samples: 100, Epochs: 1, Device: "cpu", Seed: 1}).Launch.Epochs[0]
	if e.Steps != 1 || e.Samples != 100 {
		t.Errorf("%+v, want one short batch of 100", e)
	}
}

// Native libraries print on stdout; the protocol must not see it.
func TestNativeChatterStaysOut(t *testing.T) {
	out := job(t, protocol.Train, openGraph(t, "cnn"), record.Config{Batch: 32, Samples: 64, Epochs: 1, Device: "cpu"},
		map[string]string{"ONEDNN_VERBOSE": "1", "TF_ENABLE_ONEDNN_OPTS": "1"})
	if out.Launch.Status != record.OK {
		t.Fatalf("%s: %s", out.Launch.Status, out.Launch.Reason)
	}
	if !strings.Contains(out.Stderr, "onednn_verbose") {
		t.Error("oneDNN said nothing: the test no longer shows anything")
	}
	if out.Launch.Resolved.Env["ONEDNN_VERBOSE"] != "1" {
		t.Errorf("the record does not tell the environment: %v", out.Launch.Resolved.Env)
	}
}

func TestDoctorAndDevices(t *testing.T) {
	for _, kind := range []protocol.Kind{protocol.Doctor, protocol.Devices} {
		out := job(t, kind, &graph.Manifest{}, record.Config{Device: "cpu"}, nil)
		if out.Launch.Status != record.OK || len(out.Hello.Devices) == 0 {
			t.Errorf("%s: %s %s, devices %v", kind, out.Launch.Status, out.Launch.Reason, out.Hello.Devices)
		}
		if kind == protocol.Doctor && (out.Doctor == nil || out.Doctor.MatMulError != 0) {
			t.Errorf("the doctor's product: %+v", out.Doctor)
		}
	}
}

func TestRefusals(t *testing.T) {
	ok := record.Config{Batch: 32, Epochs: 1, Device: "cpu"}
	with := func(change func(*record.Config)) record.Config {
		c := ok
		change(&c)
		return c
	}
	arrays := func(x, y any) string {
		return datatest.Vectors(t, map[string]any{"x": x, "y": y})
	}
	labelled := func(y any) string { // one sequence
		return datatest.Vectors(t, map[string]any{"x": []int32{1, 2, 3}, "x.lengths": []int64{3}, "y": y})
	}
	nan := float32(math.NaN())
	for _, tc := range []struct {
		name, graph string
		config      record.Config
		says        string
	}{
		{"no GPU", "linear", with(func(c *record.Config) { c.Device = "gpu" }), "sees CPU:0"},
		{"no TPU", "linear", with(func(c *record.Config) { c.Device = "tpu" }), "sees CPU:0"},
		{"labels out of range", "rnn", with(func(c *record.Config) { c.Data = []string{labelled([]int32{20})} }), "the value 20 at example 0"},
		{"NaN", "linear", with(func(c *record.Config) { c.Data = []string{arrays([]float32{1, nan}, []float32{1, 2})} }), "example 1"},
		{"float labels", "rnn", with(func(c *record.Config) { c.Data = []string{labelled([]float32{0.5})} }), "y has the value 0.5 at example 0, the graph takes int32"},
		{"missing data", "linear", with(func(c *record.Config) { c.Data = []string{"/nowhere.npz"} }), "nowhere.npz"},
		{"more than there is", "mlp-digits", with(func(c *record.Config) { c.Samples = 5000 }), "1797"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := job(t, protocol.Train, openGraph(t, tc.graph), tc.config, nil)
			if out.Launch.Status != record.Error || !out.Setup || out.Failure == nil || len(out.Launch.Epochs) > 0 {
				t.Fatalf("status %s, setup %v, failure %v", out.Launch.Status, out.Setup, out.Failure)
			}
			if tc.says == "" || !strings.Contains(out.Failure.Error(), tc.says) || out.Failure.Code == protocol.CodeInternal {
				t.Errorf("%s: %v; it should say %q", out.Failure.Code, out.Failure, tc.says)
			}
		})
	}
}

func TestDivergingTrainingFails(t *testing.T) {
	x, y := make([]float32, 100), make([]float32, 100)
	for i := range x {
		x[i], y[i] = 1e18, -1e18
	}
	path := datatest.Vectors(t, map[string]any{"x": x, "y": y})
	out := job(t, protocol.Train, openGraph(t, "linear"), record.Config{Epochs: 20, Device: "cpu", Data: []string{path}}, nil)
	if out.Launch.Status != record.Nonfinite {
		t.Errorf("status %s: %s, want %s", out.Launch.Status, out.Launch.Reason, record.Nonfinite)
	}
}

func TestAnotherGraphThanAskedFor(t *testing.T) {
	m := *openGraph(t, "linear")
	m.SHA256 = strings.Repeat("0", 64)
	out := job(t, protocol.Train, &m, record.Config{Epochs: 1, Device: "cpu"}, nil)
	if out.Failure == nil || out.Failure.Code != protocol.CodeGraph {
		t.Errorf("failure %v, want one of the graph", out.Failure)
	}
}

func TestInterruptionEndsTheWorker(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m := openGraph(t, "linear")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := &launch.Worker{Argv: []string{self}, Quiet: map[string]string{asWorker: "1"}, Grace: time.Minute}
	out, err := w.Run(ctx, protocol.Job{Kind: protocol.Train, Graph: m.Dir, Config: record.Config{Epochs: 1 << 30, Device: "cpu"}},
		func(e protocol.Event) {
			if e.Event == protocol.EventEpoch {
				cancel()
			}
		})
	if err != nil {
		t.Fatal(err)
	}
	if out.Launch.Status != record.Interrupted || len(out.Launch.Epochs) == 0 || out.Launch.Signal != "" {
		t.Errorf("status %s, %d epochs, signal %q: want it to stop by itself and keep its epochs", out.Launch.Status, len(out.Launch.Epochs), out.Launch.Signal)
	}
}
