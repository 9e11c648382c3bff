package trace

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ran is an operation on a device, with the size of its outputs.
func ran(device, op string, took, bytes int64) Span {
	return Span{Device: device, Op: op, Node: "model/" + op, Duration: took, Bytes: bytes}
}

func TestPlaced(t *testing.T) {
	host := func(ops ...string) []HostOp {
		var out []HostOp
		for _, op := range ops {
			out = append(out, HostOp{Op: op, Node: "model/" + op})
		}
		return out
	}
	var many []Span
	for i := range 8 {
		many = append(many, ran("CPU:0", fmt.Sprintf("StringOp%d", i), int64(100-i), 1000))
	}
	for name, tc := range map[string]struct {
		spans []Span
		want  Placement
	}{
		"nothing": {nil, Placement{Devices: map[string]int{}}},
		"a GPU alone": {
			[]Span{ran("GPU:0", "Conv2D", 9, 1<<20), ran("GPU:0", "ResourceApplyAdam", 9, 0), ran("GPU:0/stream:all", "Conv2D", 500, 0), ran("GPU:0/memcpy", "MemcpyH2D", 50, 0)},
			Placement{Devices: map[string]int{"GPU:0": 2}},
		},
		"what a host always runs": {
			[]Span{
				ran("CPU:0", "_Arg", 1, 4096), ran("CPU:0", "_Recv", 900, 4096), ran("CPU:0", "_HostRecv", 1, 4096), ran("CPU:0", "_Send", 1, 4096), ran("CPU:0", "NoOp", 1, 0),
				ran("CPU:0", "Const", 1, 4096), ran("CPU:0", "VarHandleOp", 1, 200), ran("CPU:0", "Assert", 1, 0), ran("CPU:0", "IteratorGetNext", 1, 4096),
				ran("CPU:0", "StatefulPartitionedCall", 900, 4096), ran("CPU:0", "While", 900, 4096), ran("CPU:0", "Merge", 1, 4096), ran("CPU:0", "Identity", 1, 4096),
				ran("CPU:0", "AssignAddVariableOp", 1, 0), ran("GPU:0", "MatMul", 1, 4096),
			},
			Placement{Devices: map[string]int{"CPU:0": 14, "GPU:0": 1}},
		},
		"shapes, counters and seeds": {
			[]Span{ran("CPU:0", "Shape", 1, 12), ran("CPU:0", "Prod", 1, 4), ran("CPU:0", "StridedSlice", 1, 8), ran("CPU:0", "ReadVariableOp", 1, 8), ran("CPU:0", "Pack", 1, 64)},
			Placement{Devices: map[string]int{"CPU:0": 5}},
		},
		"a little more than a shape": {[]Span{ran("CPU:0", "Pack", 1, 65)}, Placement{Devices: map[string]int{"CPU:0": 1}, Host: host("Pack")}},
		"an optimizer, whose output has no size": {
			[]Span{ran("CPU:0", "ResourceScatterAdd", 5, 0), ran("GPU:0", "MatMul", 1, 4096)},
			Placement{Devices: map[string]int{"CPU:0": 1, "GPU:0": 1}, Host: host("ResourceScatterAdd")},
		},
		"the longest is named first, and once": {
			[]Span{ran("CPU:0", "StaticRegexReplace", 3, 1000), ran("CPU:0", "LookupTableFindV2", 4, 1000), ran("CPU:0", "StaticRegexReplace", 3, 1000), ran("GPU:0", "MatMul", 1, 4096)},
			Placement{Devices: map[string]int{"CPU:0": 3, "GPU:0": 1}, Host: host("StaticRegexReplace", "LookupTableFindV2")},
		},
		"several hosts and GPUs": {
			[]Span{ran("GPU:0", "MatMul", 1, 4096), ran("GPU:1", "MatMul", 1, 4096), ran("CPU:1", "Unique", 1, 4096)},
			Placement{Devices: map[string]int{"CPU:1": 1, "GPU:0": 1, "GPU:1": 1}, Host: host("Unique")},
		},
		"more than are named": {
			many,
			Placement{Devices: map[string]int{"CPU:0": 8}, Host: host("StringOp0", "StringOp1", "StringOp2", "StringOp3", "StringOp4"), More: 3},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Placed(tc.spans)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
