package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/record"
)

func TestMachine(t *testing.T) {
	full := record.Machine{
		Hostname: "node7", Name: "candidate", Product: "Some Maker 7", ID: "9f2c1a7be0d84c35", OS: "debian 12", Kernel: "6.1", Arch: "amd64",
		Virtualization: "kvm", Container: "docker", CPU: "Fast CPU", Cores: 64, Sockets: 2, PhysicalCores: 64, LogicalCores: 128, NUMANodes: 2,
		Caches:   []record.Cache{{Level: 1, Kind: "data", Bytes: 48 << 10, Count: 64}, {Level: 3, Kind: "unified", Bytes: 48 << 20, Count: 1}},
		Governor: "performance", Boost: "on", SMT: "off", CPUFeatures: []string{"avx2", "fma"}, MemoryBytes: 64 << 30, MemoryType: "DDR5", MemorySpeed: 4800,
		CPULimit: 2, MemoryLimit: 8 << 30, GPUs: []record.GPU{{Model: "Some GPU", MemoryBytes: 80 << 30, Driver: "580.65.06", CUDA: "13.0", PowerLimit: 700, MaxClock: 1980}},
	}
	for _, c := range []struct {
		machine record.Machine
		want    []string
	}{
		{record.Machine{}, []string{"limits: none by a control group"}},
		{record.Machine{Hostname: "lab", Name: "lab", Cores: 2, Driver: "nvidia 580", MemorySpeed: 4800, CPULimit: 1}, []string{
			"machine: lab", "cores: 2 for this process", "memory: at 4,800 MT/s", "driver: nvidia 580", "limits: 1 core, by the control group",
		}},
		{full, []string{
			"machine: candidate, host node7, Some Maker 7", "id: 9f2c1a7be0d84c35", "system: debian 12, kernel 6.1, amd64", "virtualization: kvm, in a container: docker",
			"processor: 2 × Fast CPU", "cores: 64 of 128 for this process, 2 sockets, 64 physical, 2 NUMA nodes", "caches: 64 × L1d 48 KiB, L3 48 MiB",
			"clock: governor performance, boost on, SMT off", "features: avx2 fma", "memory: 64 GiB, DDR5 at 4,800 MT/s",
			"accelerator: Some GPU, 80 GiB, driver 580.65.06, CUDA 13.0, 700 W, 1980 MHz", "limits: 2 cores of 128, 8.0 GiB of memory, by the control group",
		}},
	} {
		var got []string
		for _, f := range Machine(c.machine) {
			got = append(got, fmt.Sprintf("%s: %s", f.Name, f.Text))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("the machine is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestBuild(t *testing.T) {
	for want, b := range map[string]*record.Build{
		"":                  nil,
		"oneDNN on, XLA on": {OneDNN: "on", XLA: "on"},
		"XLA off, CUDA 12.5.1 (12.9 is found), cuDNN 9 (none is found)": {XLA: "off", CUDA: "12.5.1", CUDAFound: "12.9", CuDNN: "9"},
		"CUDA 11.8 is found": {CUDAFound: "11.8"},
	} {
		if got := Build(b); got != want {
			t.Errorf("%+v is %q, want %q", b, got, want)
		}
	}
	if got := TensorFlow("2.21.0", &record.Build{XLA: "on"}); got != "2.21.0, XLA on" {
		t.Errorf("with its version it is %q", got)
	}
	if got := TensorFlow("", &record.Build{XLA: "on"}) + TensorFlow("", nil); got != "" {
		t.Errorf("without a version it is %q", got)
	}
}
