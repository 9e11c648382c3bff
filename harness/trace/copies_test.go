package trace

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFromHost(t *testing.T) {
	at := func(device, op string, start, took int64) Span {
		return Span{Device: device, Op: op, Node: op, Start: start, Duration: took}
	}
	for name, tc := range map[string]struct {
		spans []Span
		want  []Copies
	}{
		"a CPU":                   {[]Span{at("CPU:0", "MatMul", 0, 9)}, nil},
		"no copies":               {[]Span{at("GPU:0", "MatMul", 0, 9), at("GPU:0/stream:all", "MatMul", 1, 9)}, nil},
		"others":                  {[]Span{at("GPU:0/memcpy", "MemcpyD2H", 0, 9), at("GPU:0/memcpy", "MemcpyD2D", 0, 9)}, nil},
		"not on a line of copies": {[]Span{at("GPU:0", "MemcpyH2D", 0, 9)}, nil},
		"one GPU": {
			[]Span{
				at("CPU:0", "_Recv", 0, 9000), at("GPU:0", "MatMul", 100, 50), at("GPU:0/stream:all", "MatMul", 200, 800),
				at("GPU:0/memcpy", "MemcpyH2D", 10, 100), at("GPU:0/memcpy", "MemcpyH2D", 120, 60), at("GPU:0/memcpy", "MemcpyD2H", 990, 5),
			},
			[]Copies{{Device: "GPU:0", Count: 2, Seconds: 160e-9, Step: 985e-9}},
		},
		"two GPUs, of an older version": {
			[]Span{
				at("GPU:1/memcpy", "MEMCPYHtoD", 0, 40), at("GPU:1/stream:all", "MatMul", 0, 80), at("GPU:10/stream:all", "MatMul", 0, 9000),
				at("GPU:0/memcpy", "MEMCPYHtoD", 0, 10), at("GPU:0/stream:all", "MatMul", 0, 20),
			},
			[]Copies{{Device: "GPU:0", Count: 1, Seconds: 10e-9, Step: 20e-9}, {Device: "GPU:1", Count: 1, Seconds: 40e-9, Step: 80e-9}},
		},
	} {
		if diff := cmp.Diff(tc.want, FromHost(Summarize(tc.spans)), about); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if share := (Copies{Seconds: 1, Step: 4}).Share(); share != 0.25 || (Copies{Seconds: 1}).Share() != 0 {
		t.Errorf("1 of 4 is %v", share)
	}
}
