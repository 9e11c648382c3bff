package report

import (
	"bytes"
	"strings"
	"testing"

	"epochtime/harness/trace"
)

// traces are steps made up for the tables.
func traces() map[string]*trace.Trace {
	var cnn, many []trace.Span
	at := int64(0)
	add := func(list *[]trace.Span, device, op, node string, micros int64) {
		*list = append(*list, trace.Span{Device: device, Op: op, Node: "StatefulPartitionedCall/StatefulPartitionedCall/" + node, Start: at, Duration: 1000 * micros})
		at += 500 * micros
	}
	add(&cnn, "CPU:0", "_MklNativeConv2DBackpropFilterWithBias", "gradient_tape/sequential_1/conv2d_1/convolution/Conv2DBackpropFilter", 61_234)
	add(&cnn, "CPU:0", "Conv2D", "sequential_1/conv2d_1/convolution", 30_500)
	add(&cnn, "CPU:0", "MatMul", "sequential_1/dense_1/MatMul", 4_321)
	add(&cnn, "CPU:0", "MatMul", "gradient_tape/sequential_1/dense_1/MatMul/MatMul_1", 3_000)
	add(&cnn, "CPU:0", "Relu", "sequential_1/relu", 999)
	add(&cnn, "CPU:0", "NoOp", "end", 0)
	add(&cnn, "CPU:0", "Mul", "adam/mul", 1)
	for i, op := range []string{"A", "B", "C", "D", "E", "F", "G"} {
		add(&many, "CPU:0", op, strings.Repeat("scope/", i)+op, int64(100-10*i))
	}
	return map[string]*trace.Trace{
		"cnn":  {About: map[string]string{"graph": "cnn", "batch": "1000", "tensorflow": "2.21.0"}, Spans: cnn},
		"many": {Spans: many},
		"gpu": {About: map[string]string{"graph": "cnn"}, Spans: []trace.Span{
			{Device: "CPU:0", Op: "_Recv", Node: "loss/_12", Start: 0, Duration: 9e6},
			{Device: "CPU:0", Op: "NoOp", Node: "_SOURCE", Start: 0, Duration: 9e6},
			{Device: "GPU:0", Op: "Conv2D", Node: "conv", Start: 0, Duration: 1e6},
			{Device: "GPU:0/memcpy", Op: "MemcpyH2D", Node: "MemcpyH2D", Start: 1e5, Duration: 15e5},
			{Device: "GPU:0/memcpy", Op: "MemcpyH2D", Node: "MemcpyH2D", Start: 2e6, Duration: 5e5},
			{Device: "GPU:0/memcpy", Op: "MemcpyD2H", Node: "MemcpyD2H", Start: 84e5, Duration: 1e5},
			{Device: "GPU:0/stream:all", Op: "Conv2D", Node: "conv", Start: 5e5, Duration: 7e6},
			{Device: "GPU:0/stream:all", Op: "MatMul", Node: "dense", Start: 75e5, Duration: 1e6},
		}},
		"xla": {Spans: []trace.Span{
			{Device: "CPU:0", Op: "StatefulPartitionedCall", Node: "StatefulPartitionedCall", Start: 0, Duration: 8e6},
			{Device: "CPU:0", Op: "_Arg", Node: "x", Start: 8e6, Duration: 1e3},
		}},
		"idle": {Spans: []trace.Span{{Device: "CPU:0", Op: "NoOp", Node: "_SOURCE"}}},
	}
}

func TestOps(t *testing.T) {
	for name, tr := range traces() {
		for suffix, width := range map[string]int{"": 0, "-80": 80} {
			t.Run(name+suffix, func(t *testing.T) {
				var out bytes.Buffer
				Ops(&out, tr.About, trace.Summarize(tr.Spans), 5, width)
				golden(t, "ops-"+name+suffix, out.String())
				for line := range strings.Lines(out.String()) {
					if n := columns(strings.TrimSuffix(line, "\n")); width > 0 && n > width {
						t.Errorf("%d columns: %s", n, line)
					}
				}
			})
		}
	}
}

func TestBottleneckOfNothing(t *testing.T) {
	if got := Bottleneck(nil); got != "" {
		t.Errorf("nothing says %q", got)
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{0: "0 %", 1e-9: "< 0.1 %", 0.00123: "0.1 %", 0.0567: "5.7 %", 0.0994: "9.9 %", 0.0999: "10 %", 0.476: "48 %", 1: "100 %"} {
		if got := percent(share); got != want {
			t.Errorf("percent(%v) = %q, want %q", share, got, want)
		}
	}
}

// A step of each side is compared by what its operations take.
func TestOpsOfSides(t *testing.T) {
	all := traces()
	for name, pair := range map[string][2]string{"graphs": {"cnn", "many"}, "devices": {"cnn", "gpu"}, "idle": {"cnn", "idle"}} {
		for suffix, width := range map[string]int{"": 0, "-80": 80} {
			var out bytes.Buffer
			OpsOfSides(&out, trace.Summarize(all[pair[0]].Spans), trace.Summarize(all[pair[1]].Spans), 5, width)
			golden(t, "ops-sides-"+name+suffix, out.String())
			for line := range strings.Lines(out.String()) {
				if n := columns(strings.TrimSuffix(line, "\n")); width > 0 && n > width {
					t.Errorf("%d columns: %s", n, line)
				}
			}
		}
	}
}
