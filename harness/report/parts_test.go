package report

import (
	"bytes"
	"testing"

	"epochtime/harness/record"
)

func TestSpent(t *testing.T) {
	r := &record.Record{Spent: &record.Spent{Wall: 100, Graphs: 1, Parity: 0.5, Saving: 0.1}, Runs: []record.Run{{Launches: []record.Launch{{
		Status: record.OK, Cold: record.Cold{Start: 8, Load: 20}, Epochs: []record.Epoch{{Seconds: 70}},
	}}}}}
	const want = "Measuring took 100 s: epochs 70 %, load 20 %, start 8 %, graphs 1 %, what takes less than 1 % each 0.6 %; 99.6 % of it is accounted for."
	if got := Spent(r); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	r.Spent.Wall = 99 // where the clocks of parent and worker overlap
	if got := Spent(r); !bytes.HasSuffix([]byte(got), []byte("; 100.0 % of it is accounted for.")) {
		t.Errorf("it says %q", got)
	}
	r.Spent.Wall = longSession - 1
	if got := Spent(r); got != "" {
		t.Errorf("of a short session it says %q", got)
	}
	if got := Spent(&record.Record{}); got != "" {
		t.Errorf("of an older record it says %q", got)
	}
}

func TestWhere(t *testing.T) {
	lab := record.Machine{Hostname: "lab", CPU: "Fast CPU", Cores: 64, LogicalCores: 64, MemoryBytes: 64 << 30}
	quota, named, gpu := lab, lab, lab
	quota.CPULimit = 2
	named.Name = "candidate"
	gpu.GPUs = []record.GPU{{Model: "Some GPU"}}
	for _, c := range []struct {
		machines []record.Machine
		want     string
	}{
		{nil, ""},
		{[]record.Machine{lab}, ""},
		{[]record.Machine{quota}, "\nMeasured on lab: Fast CPU, 2 of 64 cores, 64 GiB\n"},
		{[]record.Machine{named}, "\nMeasured on candidate: Fast CPU, 64 cores, 64 GiB\n"},
		{[]record.Machine{gpu}, "\nMeasured on lab: Fast CPU, 64 cores, 64 GiB, Some GPU\n"},
		{[]record.Machine{lab, gpu}, ""},
		{[]record.Machine{{Hostname: "lab", MemoryLimit: 1 << 30}}, "\nMeasured on lab\n"},
	} {
		var out bytes.Buffer
		where(&out, &record.Record{Machines: c.machines}, 0)
		if out.String() != c.want {
			t.Errorf("it says %q, want %q", out.String(), c.want)
		}
	}
}
