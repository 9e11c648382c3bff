package measure

import (
	"context"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// What the host computes of a step on a GPU is named, as far as that is known.
func TestOnHost(t *testing.T) {
	host := []trace.HostOp{{Op: "LookupTableFindV2", Node: "model/lookup"}, {Op: "StaticRegexReplace", Node: strings.Repeat("long/", 40) + "lower"}}
	gpu := map[string]int{"CPU:0": 20, "GPU:0": 300}
	for want, p := range map[string]*trace.Placement{
		"": {Devices: gpu},
		"where its operations run is not known: TensorFlow did not trace its step":                                     nil,
		"all of its operations run on the host, and none on the GPU":                                                   {Devices: map[string]int{"CPU:0": 20}, Host: host, More: 12},
		"operations run on the host, and not on the GPU: model/lookup (LookupTableFindV2)":                             {Devices: gpu, Host: host[:1]},
		"model/lookup (LookupTableFindV2), …" + strings.Repeat("long/", 19) + "lower (StaticRegexReplace), and 7 more": {Devices: gpu, Host: host, More: 7},
	} {
		got := strings.Join(onHost(p), "\n")
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%+v: it warns %q, want %q", p, got, want)
		}
	}
}

// placed is a lab whose comparison with Keras says where a step runs.
type placed struct {
	*lab
	where *trace.Placement
	asked int
}

func (l *placed) Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error) {
	out, err := l.lab.Run(ctx, job, onEvent)
	if job.Kind == protocol.Parity {
		l.asked++
		out.Parity.Placement = l.where
	}
	return out, err
}

// The warning is in the record, also where an earlier comparison is remembered, and none
// is on a CPU.
func TestHostOperationsTravel(t *testing.T) {
	const warning = "operations run on the host, and not on the GPU: model/unique (Unique)"
	l := &placed{lab: newLab(), where: &trace.Placement{Devices: map[string]int{"CPU:0": 9, "GPU:0": 1}, Host: []trace.HostOp{{Op: "Unique", Node: "model/unique"}}}}
	for _, device := range []string{"gpu", "gpu", "cpu"} {
		o := l.options()
		o.Workers = func(record.Config) (Launcher, error) { return l, nil }
		s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"), "device="+device)}, o)
		r := measured(t, s, err)
		if warned := slices.Contains(r.Runs[0].Warnings, warning); warned != (device == "gpu") {
			t.Errorf("%s: the record warns %q", device, r.Runs[0].Warnings)
		}
	}
	if l.asked != 2 {
		t.Errorf("it was compared %d times, want once for each device", l.asked)
	}
}

// A graph of one device leaves the other GPUs that are named idle, and its result says so.
func TestIdleGPUs(t *testing.T) {
	for device, want := range map[string]string{
		"cpu": "", "gpu": "", "gpu:1": "",
		"gpu:2,0,1": "its graph is made for one device: it runs on GPU 2, the first of gpu:2,0,1, and the others do nothing",
	} {
		l := newLab()
		s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"), "device="+device)}, l.options())
		r := measured(t, s, err)
		if kept := slices.Contains(r.Runs[0].Warnings, want); kept != (want != "") {
			t.Errorf("%s: the record warns %q", device, r.Runs[0].Warnings)
		}
		for _, launch := range r.Runs[0].Launches {
			if launch.Status != record.OK {
				t.Errorf("%s: %s: %s", device, launch.Status, launch.Reason)
			}
		}
	}
}

// Where losses are read at the end of an epoch, so is one of the comparison with Keras: a
// worker that leaves it out, or has another, is found.
func TestParityOfLossAtEnd(t *testing.T) {
	for says, of := range map[string][2][]record.Number{
		"":                     {{3, 2, 1, 2}, {3, 2, 1, 2}},
		"not Keras's":          {{3, 2, 1}, {3, 2, 1}},
		"mean           2.001": {{3, 2, 1, 2.001}, {3, 2, 1, 2}},
	} {
		l := newLab()
		l.losses, l.keras = of[0], of[1]
		o := l.options()
		o.Recheck = true
		s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"), "fetch=last")}, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Measure(t.Context()); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v, want %q", of, err, says)
		}
	}
}
