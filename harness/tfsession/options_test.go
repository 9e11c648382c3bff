package tfsession

import (
	"cmp"
	"errors"
	"math"
	"strings"
	"testing"

	corepb "github.com/galeone/tensorflow/tensorflow/go/core/protobuf/for_core_protos_go_proto"
	"google.golang.org/protobuf/proto"

	"epochtime/harness/graph"
)

// TensorFlow ends the process for some of these.
func TestOptionsOutOfRange(t *testing.T) {
	m := openGraph(t, "linear")
	for says, o := range map[string]Options{
		"IntraOp is -1: set a number from 0 to 1000": {IntraOp: -1},
		"IntraOp is 1001":      {IntraOp: 1001},
		"IntraOp is 429496729": {IntraOp: math.MaxUint32},
		"InterOp is -1":        {InterOp: -1},
		"InterOp is 1001":      {InterOp: 1001},
		`Executor is "fast": set ` + ThreadPool + ", " + SingleThreaded + ", " + CallerThread: {Executor: "fast"},
	} {
		o.Device = "cpu"
		s, err := Open(m, o)
		if !errors.Is(err, ErrOptions) || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want ErrOptions that says %q", o, err, says)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func configOf(t *testing.T, o Options, devices ...int) *corepb.ConfigProto {
	t.Helper()
	text, err := o.config(cmp.Or(append(devices, 1)...))
	if err != nil {
		t.Fatal(err)
	}
	c := new(corepb.ConfigProto)
	if err := proto.Unmarshal(text, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// Only the device asked for is there, and a GPU's memory is taken as it is needed.
func TestDeviceConfig(t *testing.T) {
	for device, want := range map[string]struct {
		hidden  bool // every GPU
		growth  bool
		visible string
	}{
		"cpu": {hidden: true}, "tpu": {hidden: true}, "gpu": {growth: true}, "gpu:1": {growth: true, visible: "1"},
		"gpu:2,0": {growth: true, visible: "2,0"},
	} {
		c := configOf(t, Options{Device: device})
		count, limited := c.GetDeviceCount()["GPU"]
		if hidden := limited && count == 0; hidden != want.hidden || c.GetGpuOptions().GetAllowGrowth() != want.growth || c.GetGpuOptions().GetVisibleDeviceList() != want.visible {
			t.Errorf("%s: %v", device, c)
		}
	}
}

// Each replica has a device: a logical one of the CPU, or a GPU, with the same limit.
func TestDevicesOfReplicas(t *testing.T) {
	if c := configOf(t, Options{Device: "cpu"}, 4); c.GetDeviceCount()["CPU"] != 4 || c.GetAllowSoftPlacement() {
		t.Errorf("%v", c)
	}
	if c := configOf(t, Options{Device: "cpu"}); len(c.GetDeviceCount()) != 1 {
		t.Errorf("one device: %v", c)
	}
	c := configOf(t, Options{Device: "gpu", GPUMemory: 1 << 30}, 4)
	if c.GetDeviceCount()["CPU"] != 0 || !c.GetAllowSoftPlacement() || len(c.GetGpuOptions().GetExperimental().GetVirtualDevices()) != 4 {
		t.Errorf("%v", c)
	}
}

func TestReplicasWithoutADevice(t *testing.T) {
	cpu, gpu := Device{Type: "CPU"}, Device{Type: "GPU"}
	for says, c := range map[string]struct {
		asked   string
		variant graph.Variant
		seen    []Device
	}{
		"": {"gpu", graph.Variant{Replicas: 2, Device: "gpu"}, []Device{cpu, gpu, gpu}},
		"replica 1 without a device: the graph has 4 replicas, and TensorFlow " + Version() + " sees 1 GPU": {"gpu", graph.Variant{Replicas: 4, Device: "gpu"}, []Device{cpu, gpu}},
		"replica 1 without a device: the graph has 2 replicas":                                              {"gpu:1", graph.Variant{Replicas: 2, Device: "gpu"}, []Device{cpu, gpu}},
		`for a gpu each, and "cpu" was asked for`:                                                           {"cpu", graph.Variant{Replicas: 2, Device: "gpu"}, []Device{cpu, cpu}},
		`for a cpu each, and "gpu" was asked for`:                                                           {"gpu", graph.Variant{Replicas: 2, Device: "cpu"}, []Device{cpu, gpu, gpu}},
	} {
		err := replicasFit(c.asked, c.variant, c.seen)
		if says == "" && err != nil || says != "" && (!errors.Is(err, ErrDevice) || !strings.Contains(err.Error(), says)) {
			t.Errorf("%+v: %v, want %q", c, err, says)
		}
	}
}

func TestGPUMemory(t *testing.T) {
	c := configOf(t, Options{Device: "gpu:1", GPUMemory: 3<<30 + 5})
	limits := c.GetGpuOptions().GetExperimental().GetVirtualDevices()
	if len(limits) != 1 || len(limits[0].GetMemoryLimitMb()) != 1 || limits[0].GetMemoryLimitMb()[0] != 3072 || c.GetGpuOptions().GetVisibleDeviceList() != "1" {
		t.Errorf("%v", c)
	}
	for _, o := range []Options{{Device: "cpu", GPUMemory: 1 << 30}, {Device: "gpu", GPUMemory: 1000}} {
		if err := o.Check(); !errors.Is(err, ErrOptions) || !strings.Contains(err.Error(), "GPUMemory is ") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// A limit holds for each GPU that is named: TensorFlow takes as many as it is to see.
func TestGPUMemoryOfSeveral(t *testing.T) {
	limits := configOf(t, Options{Device: "gpu:0,3", GPUMemory: 2 << 30}).GetGpuOptions().GetExperimental().GetVirtualDevices()
	if len(limits) != 2 || limits[0].GetMemoryLimitMb()[0] != 2048 || limits[1].GetMemoryLimitMb()[0] != 2048 {
		t.Errorf("%v", limits)
	}
}

// A session has each GPU that is named, and no other device than is asked for.
func TestDevicesFit(t *testing.T) {
	cpu := []Device{{Name: "CPU:0", Type: "CPU"}}
	one := append(cpu[:1:1], Device{Name: "GPU:0", Type: "GPU"})
	two := append(one[:2:2], Device{Name: "GPU:1", Type: "GPU"})
	for _, tc := range []struct {
		asked string
		has   []Device
		says  string // "": it fits
	}{
		{"cpu", cpu, ""}, {"gpu", one, ""}, {"gpu", two, ""}, {"gpu:1", one, ""}, {"gpu:0,1", two, ""}, {"gpu:7,3", two, ""},
		{"gpu:0,1", cpu, `"gpu:0,1" was asked for; this TensorFlow`},
		{"gpu:0,1", one, `"gpu:0,1" was asked for, 2 in number, and the session has 1`},
		{"gpu:0", two, `"gpu:0" was asked for, 1 in number, and the session has 2`},
		{"cpu", two, "would also use GPU:0, GPU:1"},
		{"gpu:0,0", two, "GPU 0 twice"}, {"cpu:0,1", cpu, "only a gpu"},
	} {
		err := fits(tc.asked, tc.has)
		switch {
		case tc.says == "" && err != nil:
			t.Errorf("%s: %v", tc.asked, err)
		case tc.says != "" && (!errors.Is(err, ErrDevice) || !strings.Contains(err.Error(), tc.says)):
			t.Errorf("%s on %v: %v, want ErrDevice that says %q", tc.asked, tc.has, err, tc.says)
		}
	}
}

// What is compared with Keras to the last bit is a graph as it stands.
func TestUnrewritten(t *testing.T) {
	for _, want := range []bool{false, true} {
		got := configOf(t, Options{Device: "cpu", Unrewritten: want}).GetGraphOptions()
		if got.GetRewriteOptions().GetDisableMetaOptimizer() != want || (got.GetOptimizerOptions().GetOptLevel() == corepb.OptimizerOptions_L0) != want {
			t.Errorf("unrewritten %t: %v", want, got)
		}
	}
}
