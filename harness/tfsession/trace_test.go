package tfsession

import (
	"errors"
	"slices"
	"strings"
	"testing"

	tf "github.com/galeone/tensorflow/tensorflow/go"
	statspb "github.com/galeone/tensorflow/tensorflow/go/core/framework/step_stats_go_proto"
	corepb "github.com/galeone/tensorflow/tensorflow/go/core/protobuf/for_core_protos_go_proto"
	"github.com/galeone/tensorflow/tensorflow/go/op"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"epochtime/harness/graph"
	"epochtime/harness/trace"
)

func TestRunTraced(t *testing.T) {
	for name, want := range map[string][]string{
		"cnn": {"Conv2D", "MaxPool", "MatMul"},
		"rnn": {"MatMul", "Tanh", "Softmax", "Gather"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := traceable(t, name, Options{Device: "cpu"})
			before := tr.run(t)
			spans, _, err := tr.step.RunTraced()
			if err != nil {
				t.Fatal(err)
			}
			if after := tr.run(t); !(after < before) {
				t.Errorf("the loss before the traced step is %v, after it %v", before, after)
			}
			checkSpans(t, spans, want)
		})
	}
}

// traceable opens a graph for a batch of 32, sequences of 50.
func traceable(t *testing.T, name string, o Options) *trainer {
	t.Helper()
	m := openGraph(t, name)
	var shapes [][]int64
	for _, in := range m.Tensors() {
		shape := []int64{32}
		for _, d := range in.Shape[1:] {
			if d == nil {
				shape = append(shape, 50)
			} else {
				shape = append(shape, *d)
			}
		}
		shapes = append(shapes, shape)
	}
	tr := openWith(t, m, o, shapes...)
	tr.feed(t)
	return tr
}

func TestRunTracedRefusals(t *testing.T) {
	tr := traceable(t, "cnn", Options{Device: "cpu", Executor: SingleThreaded})
	if _, _, err := tr.step.RunTraced(); !errors.Is(err, ErrStep) || !strings.Contains(err.Error(), "executor") {
		t.Errorf("the single-threaded executor, which does not trace: %v", err)
	}
	tr = newTrainer(t, openGraph(t, "linear"), 10)
	if err := tr.step.Shape(tr.buffers, 0, []int64{5, 2}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := tr.step.RunTraced(); !errors.Is(err, ErrStep) || len(err.Error()) < 30 {
		t.Errorf("feeding 5×2 to an N×1 input: %v", err)
	}
}

// checkSpans checks that these types of operations, or fused ones named after
// them, took time.
func checkSpans(t *testing.T, spans []trace.Span, want []string) {
	t.Helper()
	first := spans[0].Start
	for _, s := range spans {
		first = min(first, s.Start)
		if s.Device != "CPU:0" || s.Op == "" || s.Node == "" || s.Start < 0 || s.Duration < 0 || s.Bytes < 0 || strings.ContainsAny(s.Op, " (=") {
			t.Errorf("an operation is %+v", s)
		}
	}
	if first != 0 {
		t.Errorf("the trace starts at %d ns", first)
	}
	for _, op := range want {
		if !slices.ContainsFunc(spans, func(s trace.Span) bool { return strings.Contains(s.Op, op) && s.Duration > 0 }) {
			t.Errorf("no %s among the operations", op)
		}
	}
	if !slices.ContainsFunc(spans, func(s trace.Span) bool { return s.Bytes > 0 }) {
		t.Error("no operation has an output")
	}
	lanes := slices.Max(trace.Lanes(spans)) + 1
	if d := trace.Summarize(spans)[0]; d.Busy <= 0 || d.Busy > d.Wall*float64(lanes)*(1+1e-9) {
		t.Errorf("busy %v s of %v s on %d lanes", d.Busy, d.Wall, lanes)
	}
}

// What TensorFlow tells of a step on a GPU: no test machine has one.
func TestSpansOfAGPU(t *testing.T) {
	kernel := &statspb.NodeExecStats{NodeName: "model/conv:Conv2D", TimelineLabel: "implicit_gemm<float> regs:122", AllStartMicros: 1010, AllEndRelMicros: 20}
	copied := &statspb.NodeExecStats{NodeName: "MemcpyH2D", TimelineLabel: "MemcpyH2D 4096", AllStartMicros: 1005, AllEndRelMicros: 2}
	other := &statspb.NodeExecStats{NodeName: "void scale<a::b>", TimelineLabel: "void scale<a::b> regs:2", AllStartMicros: 1040, AllEndRelMicros: 1}
	got := spans(&statspb.StepStats{DevStats: []*statspb.DeviceStepStats{
		{Device: "/job:localhost/replica:0/task:0/device:GPU:0", NodeStats: []*statspb.NodeExecStats{{
			NodeName: "model/conv", TimelineLabel: "[gpu_bfc 1MB] model/conv = Conv2D(x, kernel)", AllStartNanos: 1_000_500, AllEndRelNanos: 700}}},
		{Device: "/device:GPU:0/stream:13", NodeStats: []*statspb.NodeExecStats{kernel, other}},
		{Device: "/device:GPU:0/stream:all", NodeStats: []*statspb.NodeExecStats{kernel, other}},
		{Device: "/device:GPU:0/stream:14<MemcpyH2D>", NodeStats: []*statspb.NodeExecStats{copied}},
		{Device: "/device:GPU:0/memcpy", NodeStats: []*statspb.NodeExecStats{copied}},
	}})
	want := []trace.Span{
		{Device: "GPU:0", Op: "Conv2D", Node: "model/conv", Start: 0, Duration: 700},
		{Device: "GPU:0/memcpy", Op: "MemcpyH2D", Node: "MemcpyH2D", Start: 4500, Duration: 2000},
		{Device: "GPU:0/stream:all", Op: "Conv2D", Node: "model/conv", Start: 9500, Duration: 20000},
		{Device: "GPU:0/stream:all", Op: "void scale<a::b>", Node: "void scale<a::b>", Start: 39500, Duration: 1000},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	if got := spans(nil); got != nil {
		t.Errorf("nothing traced makes %v", got)
	}
}

// An operation that is pinned to another device is told to have run there.
func TestSpansOfTwoDevices(t *testing.T) {
	root := op.NewScope()
	x := op.Placeholder(root.SubScope("x"), tf.Float, op.PlaceholderShape(tf.MakeShape(64, 64)))
	there := op.MatMul(root.SubScope("there").WithDevice("/device:CPU:1"), x, x)
	sum := op.Sum(root.SubScope("here").WithDevice("/device:CPU:0"), there, op.Const(root.SubScope("all"), []int32{0, 1}))
	g, err := root.Finalize()
	if err != nil {
		t.Fatal(err)
	}
	config, err := proto.Marshal(&corepb.ConfigProto{DeviceCount: map[string]int32{"CPU": 2}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := tf.NewSession(g, &tf.SessionOptions{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fed, err := newTensorBuffer(graph.Float32, []int64{64, 64})
	if err != nil {
		t.Fatal(err)
	}
	defer fed.free()
	c := newCall(s, []tf.Output{x}, []tf.Output{sum}, nil)
	defer c.free()
	c.tensors[0] = fed.fresh
	options, err := proto.Marshal(&corepb.RunOptions{TraceLevel: corepb.RunOptions_FULL_TRACE})
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.runWith(options)
	if err != nil {
		t.Fatal(err)
	}
	ran := new(corepb.RunMetadata)
	if err := proto.Unmarshal(text, ran); err != nil {
		t.Fatal(err)
	}
	p := trace.Placed(spans(ran.GetStepStats()))
	if len(p.Devices) != 2 || p.Devices["CPU:0"] < 1 || p.Devices["CPU:1"] < 1 {
		t.Errorf("it ran on %v", p.Devices)
	}
	if len(p.Host) != 1 || p.Host[0].Node != "there/MatMul" || !strings.Contains(p.Host[0].Op, "MatMul") {
		t.Errorf("a host computed %+v, want the product alone: the sum is no larger than a shape", p.Host)
	}
}

func TestNamesAreCut(t *testing.T) {
	s := span("CPU:0", &statspb.NodeExecStats{NodeName: strings.Repeat("é", 600), TimelineLabel: "x = Op()", AllEndRelNanos: -1})
	if len(s.Node) > longestName+10 || s.Op != "Op" || s.Duration != 0 {
		t.Errorf("%d bytes of name, %s, %d ns", len(s.Node), s.Op, s.Duration)
	}
}
