package trace

import (
	"fmt"
	"strings"
	"testing"
)

func device1(name string, ops ...Op) Device {
	d := Device{Name: name, Ops: ops}
	for _, o := range ops {
		d.Busy += o.Seconds
	}
	return d
}

func TestDifferences(t *testing.T) {
	a := device1("CPU:0", Op{Op: "Conv2D", Count: 2, Seconds: 4}, Op{Op: "MatMul", Count: 1, Seconds: 2}, Op{Op: "Relu", Seconds: 1})
	b := device1("CPU:0", Op{Op: "_FusedConv2D", Count: 1, Seconds: 3}, Op{Op: "MatMul", Count: 1, Seconds: 2.5}, Op{Op: "Relu", Seconds: 1})
	var got []string
	for _, d := range Differences(a, b) {
		got = append(got, fmt.Sprintf("%s %g", d.Op, d.Seconds()))
	}
	if text := strings.Join(got, ", "); text != "Conv2D -4, _FusedConv2D 3, MatMul 0.5, Relu 0" {
		t.Error(text)
	}
	if got := Differences(Device{}, Device{}); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

func TestMainDevice(t *testing.T) {
	host, kernels := device1("CPU:0", Op{Op: "Launch", Seconds: 9}), device1("GPU:0/stream:all", Op{Op: "Conv2D", Seconds: 1})
	if d, ok := Main([]Device{host, kernels}); !ok || d.Name != kernels.Name {
		t.Errorf("the main device is %s", d.Name)
	}
	if d, ok := Main([]Device{host}); !ok || d.Name != host.Name {
		t.Errorf("the main device is %s", d.Name)
	}
	for _, none := range [][]Device{nil, {device1("CPU:0")}} {
		if _, ok := Main(none); ok {
			t.Errorf("%v has a main device", none)
		}
	}
}
