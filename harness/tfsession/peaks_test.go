package tfsession

import (
	"testing"

	statspb "github.com/galeone/tensorflow/tensorflow/go/core/framework/step_stats_go_proto"
	"github.com/google/go-cmp/cmp"

	"epochtime/harness/record"
)

func TestPeaks(t *testing.T) {
	node := func(allocator string, held, live, most int64) *statspb.NodeExecStats {
		return &statspb.NodeExecStats{Memory: []*statspb.AllocatorMemoryUsed{{AllocatorName: allocator, AllocatorBytesInUse: held, LiveBytes: live, PeakBytes: most}}}
	}
	device := func(name string, nodes ...*statspb.NodeExecStats) *statspb.DeviceStepStats {
		return &statspb.DeviceStepStats{Device: "/job:localhost/replica:0/task:0/device:" + name, NodeStats: nodes}
	}
	got := peaks(&statspb.StepStats{DevStats: []*statspb.DeviceStepStats{
		device("CPU:0", node("cpu", 1<<40, 0, 0)),
		device(
			"GPU:0",
			node("GPU_0_bfc", 1000, 100, 100),       // its output is all that it took
			node("GPU_0_bfc", 900, 100, 400),        // scratch space, freed before it ended: 1,200 at its height
			node("gpu_host_bfc", 1<<40, 0, 0),       // the host's
			node("GPU_0_bfc", -5, 0, 1<<40),         // not known
			node("GPU_0_bfc", 1100, -1<<20, -1<<20), // what cannot be changes nothing
			&statspb.NodeExecStats{},
		),
		device("GPU:1", node("GPU_1_bfc", 70, 0, 0)),
		device("GPU:2", node("GPU_2_bfc", 0, 0, 50)), // an allocator that counts nothing
		{Device: "/device:GPU:0/stream:all", NodeStats: []*statspb.NodeExecStats{node("GPU_0_bfc", 1<<40, 0, 0)}},
		{Device: "/device:GPU:0/memcpy"},
	}})
	want := []record.DeviceMemory{{Device: "GPU:0", Peak: 1200}, {Device: "GPU:1", Peak: 70}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("peaks (-want +got):\n%s", diff)
	}
	if got := peaks(nil); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}
