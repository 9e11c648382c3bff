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

// accelerated is a lab whose traced launches tell the peak of a GPU's memory.
type accelerated struct {
	*lab
	traced []int // batches
	fails  bool
}

func (l *accelerated) Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error) {
	out, err := l.lab.Run(ctx, job, onEvent)
	if job.Kind == protocol.Trace {
		l.traced = append(l.traced, job.Config.Batch)
		out.Trace = []trace.Span{{Device: "GPU:0", Op: "MatMul", Duration: 1}}
		out.Launch.Memory.Devices = []record.DeviceMemory{{Device: "GPU:0", Peak: 7 << 30}}
		if l.fails {
			return failing(record.Error, "no trace here"), nil
		}
		return out, err
	}
	if out.Launch.Status == record.OK {
		out.Launch.Memory.Devices = []record.DeviceMemory{{Device: "GPU:1", Reserved: 9 << 30}}
	}
	return out, err
}

func (l *accelerated) options() Options {
	o := l.lab.options()
	o.Launches, o.Workers = 2, func(record.Config) (Launcher, error) { return l, nil }
	return o
}

// The peak of an accelerator's memory is that of a launch of its own, of each run.
func TestPeaks(t *testing.T) {
	gpu := configured(t, makeGraph(t, "cnn"), "device=gpu")
	l := &accelerated{lab: newLab()}
	s, err := NewRun([]Configuration{gpu, configured(t, makeGraph(t, "rnn"))}, l.options())
	r := measured(t, s, err)
	want := []record.DeviceMemory{{Device: "GPU:1", Reserved: 9 << 30}, {Device: "GPU:0", Peak: 7 << 30}}
	for _, launch := range r.Runs[0].Launches {
		if !slices.Equal(launch.Memory.Devices, want) {
			t.Errorf("a launch took %+v", launch.Memory.Devices)
		}
	}
	if got := r.Runs[1].Launches[0].Memory.Devices; len(got) != 1 || len(l.traced) != 1 {
		t.Errorf("on the cpu: %+v; %d steps were traced", got, len(l.traced))
	}
	again := r.Runs[0].Launches[0].Memory.Devices
	if _, err := s.Trace(t.Context()); err != nil || len(again) != 2 {
		t.Errorf("traced again: %+v, %v", again, err)
	}
}

// A trace that fails leaves the measurement as it is, and says so.
func TestNoPeaks(t *testing.T) {
	l := &accelerated{lab: newLab(), fails: true}
	var told string
	o := l.options()
	o.Watcher = &listener{notice: func(_ NoticeKind, text string) { told += text }}
	s, err := NewAB(configured(t, makeGraph(t, "cnn"), "device=gpu"), configured(t, makeGraph(t, "cnn"), "device=gpu", "batch=64"), o)
	r := measured(t, s, err)
	if r.Status != record.Complete || s.Failed() || strings.Count(told, "the peak of memory on gpu is not known: no trace here") != 2 {
		t.Errorf("%s, and it told %q", r.Status, told)
	}
}

// Of a search for the largest batch, the result is traced.
func TestPeakOfTheLargest(t *testing.T) {
	l := &accelerated{lab: roomFor(48)}
	c := fromBatch(32, makeGraph(t, "cnn"))
	c.Config.Device = "gpu"
	s, err := NewLargest(c, l.options())
	r := measured(t, s, err)
	if !slices.Equal(l.traced, []int{48}) || r.Runs[0].Config.MemoryLimit != 0 {
		t.Errorf("batches %v were traced of %v, limit %d", l.traced, batches(r), r.Runs[0].Config.MemoryLimit)
	}
}
