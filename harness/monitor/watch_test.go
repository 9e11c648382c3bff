package monitor

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lab is a machine with a counter of energy, whose time stands still.
type lab struct {
	t    *testing.T
	root string
	now  time.Time
	took float64 // joules since the beginning
}

const counter = "sys/class/powercap/intel-rapl:0/energy_uj"

func newLab(t *testing.T) *lab {
	l := &lab{t: t, root: unpacked(t, "intel"), now: time.Unix(1e9, 0)}
	put(t, l.root, "sys/class/powercap/intel-rapl:0/name", "package-0\n")
	put(t, l.root, "sys/class/powercap/intel-rapl:0/max_energy_range_uj", "262143328850\n")
	l.pass(0, 0)
	return l
}

// pass lets time pass at a power.
func (l *lab) pass(seconds, watts float64) {
	l.now = l.now.Add(time.Duration(seconds * 1e9))
	l.took += seconds * watts
	put(l.t, l.root, counter, fmt.Sprintf("%d\n", 1000000+int(l.took*1e6)))
}

func (l *lab) monitor(o Options) *Monitor {
	o.Root, o.Now = l.root, func() time.Time { return l.now }
	o.Every = time.Hour // readings are taken by hand
	return New(o)
}

func (l *lab) watch(o Options, c record.Config) *Watch {
	w := l.monitor(o).Watch(protocol.Job{Kind: protocol.Train, Config: c})
	w.Begin(os.Getpid())
	return w
}

func hello(w *Watch, m record.Machine) {
	w.Event(protocol.Event{Event: protocol.EventHello, Hello: &protocol.Hello{Machine: m}}, w.m.o.Now())
}

// epoch tells of an epoch at the present time.
func (l *lab) epoch(w *Watch, e record.Epoch) {
	w.Event(protocol.Event{Event: protocol.EventEpoch, Epoch: &e}, l.now)
}

func end(w *Watch) record.Launch {
	var out record.Launch
	w.End(&protocol.Hello{Machine: record.Machine{Hostname: "gpu7", Cores: 8}}, &out)
	return out
}

func TestEnergyOfWholeEpochs(t *testing.T) {
	l := newLab(t)
	w := l.watch(Options{}, record.Config{Warmup: 1, Epochs: 3})
	l.pass(5, 10) // loading
	l.pass(2, 90) // warm-up
	l.epoch(w, record.Epoch{Index: 0, Warmup: true, Start: 3, Seconds: 2})
	for i := range 3 {
		l.pass(2, 50)
		l.epoch(w, record.Epoch{Index: 1 + i, Start: 5 + 2*float64(i), Seconds: 1.5, Validation: 0.5})
	}
	l.pass(4, 200) // saving weights
	got := end(w)
	want := []record.Energy{{Domain: "package-0", Source: record.EnergyRAPL, Joules: 300, Error: 0.002*50 + 2*61e-6, Seconds: 6, Epochs: 3}}
	if diff := cmp.Diff(want, got.Energy); diff != "" {
		t.Error(diff)
	}
	if got.Before == nil || got.After == nil || got.Before.Clock != 2500 || len(got.Unreadable) != 0 {
		t.Errorf("%+v", got)
	}
}

// A worker tells of short epochs together. Those that arrive with the last of the warm-up
// are not in the energy, because when they ended is not known.
func TestEpochsThatArriveTogether(t *testing.T) {
	l := newLab(t)
	w := l.watch(Options{}, record.Config{Warmup: 1, Epochs: 10})
	at := 0.0
	tell := func(from, to int) {
		for i := from; i < to; i++ {
			l.epoch(w, record.Epoch{Index: i, Warmup: i == 0, Start: at, Seconds: 0.02})
			at += 0.02
		}
	}
	l.pass(0.1, 50)
	tell(0, 5)
	l.pass(0.1, 50)
	tell(5, 10)
	l.pass(0.02, 50)
	tell(10, 11)
	got := end(w).Energy
	if len(got) != 1 || got[0].Epochs != 6 || !near(got[0].Joules, 6) || !near(got[0].Seconds, 0.12) || got[0].Error > 0.2 {
		t.Errorf("%+v", got)
	}
}

func near(a, b float64) bool { return a > b-1e-6 && a < b+1e-6 }

// Without a warm-up the epochs begin when the worker has loaded, and its first epoch says
// when.
func TestEnergyWithoutWarmup(t *testing.T) {
	l := newLab(t)
	w := l.watch(Options{}, record.Config{Epochs: 1})
	l.pass(3, 10)
	w.Event(protocol.Event{Event: protocol.EventLoaded, Loaded: &protocol.Loaded{}}, l.now)
	l.pass(1, 40)
	w.Event(protocol.Event{Event: protocol.EventFirstStep, FirstStep: &protocol.FirstStep{}}, l.now)
	l.pass(2.5, 50)
	l.epoch(w, record.Epoch{Index: 0, Start: 7, Seconds: 2})
	got := end(w).Energy
	if len(got) != 1 || !near(got[0].Joules, 125) || got[0].Epochs != 1 || !near(got[0].Error, 50*0.502+2*61e-6) {
		t.Errorf("half a second is not the epoch's: %+v", got)
	}
}

func TestNoEpochNoEnergy(t *testing.T) {
	l := newLab(t)
	w := l.watch(Options{}, record.Config{Warmup: 1, Epochs: 3})
	l.pass(2, 90)
	l.epoch(w, record.Epoch{Index: 0, Warmup: true, Seconds: 2})
	if got := end(w); got.Energy != nil || got.Before == nil {
		t.Errorf("%+v", got)
	}
}

// Epochs that all arrive with the last of the warm-up have no energy, and it is said why.
func TestEpochsTooShort(t *testing.T) {
	l := newLab(t)
	w := l.watch(Options{}, record.Config{Warmup: 1, Epochs: 2})
	for i := range 3 {
		l.epoch(w, record.Epoch{Index: i, Warmup: i == 0, Start: float64(i) / 1000, Seconds: 0.001})
	}
	got := end(w)
	if got.Energy != nil || len(got.Unreadable) != 1 || !strings.HasPrefix(got.Unreadable[0], "energy: not known: the epochs are too short") {
		t.Errorf("%+v", got)
	}
}

// A counter that is lost leaves no energy, rather than that of the other domains.
func TestCounterLostMeanwhile(t *testing.T) {
	l := newLab(t)
	w := l.watch(Options{}, record.Config{Warmup: 1, Epochs: 1})
	l.pass(2, 90)
	l.epoch(w, record.Epoch{Index: 0, Warmup: true, Seconds: 2})
	l.now = l.now.Add(time.Second)
	put(t, l.root, counter, "7\n")
	l.epoch(w, record.Epoch{Index: 1, Start: 2, Seconds: 1})
	got := end(w)
	if got.Energy != nil || len(got.Unreadable) != 1 || !strings.Contains(got.Unreadable[0], "energy: not readable any more: package-0: ") {
		t.Errorf("%+v", got)
	}
}

func TestReadings(t *testing.T) {
	l := newLab(t)
	put(t, l.root, "proc/41/statm", "1000 20 10 1 0 30 0\n")
	put(t, l.root, "proc/42/statm", "1000 5 1 1 0 30 0\n")
	w := l.watch(Options{}, record.Config{Warmup: 1, Epochs: 1})
	of := &processes{proc: l.root + "/proc", members: func(group int) []int { return []int{group, 42, 43} }, group: 41}
	l.pass(1, 10)
	w.readings.add(w.read(of))
	l.pass(2, 30)
	put(t, l.root, "sys/class/hwmon/hwmon1/temp2_input", "71000\n")
	w.readings.add(w.read(of))
	got := end(w).Readings
	page := uint64(os.Getpagesize())
	hot := record.Conditions{Load: 1.25, Clock: 2500, Temperature: 71, Throttled: 34}
	want := []record.Reading{
		{At: 1, RSS: 25 * page, Conditions: record.Conditions{Load: 1.25, Clock: 2500, Temperature: 63.5, Throttled: 34}},
		{At: 3, RSS: 25 * page, Conditions: hot, Power: []record.Power{{Domain: "package-0", Watts: 30, Seconds: 2}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Of a worker on another machine, nothing of this one is told.
func TestWorkerElsewhere(t *testing.T) {
	l := newLab(t)
	here := record.Machine{Hostname: "lab", Kernel: "6.1", Arch: "amd64", CPU: "Some CPU", Cores: 8}
	run := func(m record.Machine) record.Launch {
		w := l.watch(Options{Machine: func() record.Machine { return here }}, record.Config{Warmup: 1, Epochs: 1})
		hello(w, m)
		l.epoch(w, record.Epoch{Index: 0, Warmup: true, Seconds: 2})
		l.pass(1, 50)
		w.readings.add(w.read(&processes{}))
		l.epoch(w, record.Epoch{Index: 1, Start: 2, Seconds: 1})
		return end(w)
	}
	fewer := here
	fewer.Cores = 2 // a wrapper keeps it to them
	for _, m := range []record.Machine{here, fewer, {}} {
		if got := run(m); len(got.Energy) != 1 || got.Before == nil || len(got.Readings) != 1 {
			t.Errorf("%+v: %+v", m, got)
		}
	}
	other := here
	other.Hostname = "gpu7"
	got := run(other)
	want := []string{"clock, temperature and energy: not readable here: the worker runs on another machine, gpu7"}
	if got.Energy != nil || got.Before != nil || got.After != nil || len(got.Readings) != 0 || !cmp.Equal(got.Unreadable, want) {
		t.Errorf("%+v", got)
	}
}

func TestIdle(t *testing.T) {
	l := newLab(t)
	m := New(Options{Root: l.root, Now: func() time.Time {
		l.pass(1, 12.5)
		return l.now
	}})
	got := m.Idle(t.Context(), 0)
	if len(got) != 1 || got[0].Domain != "package-0" || !near(got[0].Watts, 12.5) || got[0].Seconds < 1 {
		t.Errorf("%+v", got)
	}
	if got := m.Idle(canceled(t), time.Hour); got != nil {
		t.Errorf("canceled: %+v", got)
	}
	bare := New(Options{Root: t.TempDir()})
	if got := bare.Idle(t.Context(), time.Hour); got != nil {
		t.Errorf("without counters: %+v", got)
	}
	if why := bare.Unreadable(); len(why) != 3 || !strings.HasPrefix(why[0], "energy: not readable here: ") {
		t.Errorf("%q", why)
	}
}

func canceled(t *testing.T) context.Context {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	return ctx
}

func TestThinned(t *testing.T) {
	for _, n := range []int{1, mostReadings, mostReadings + 1, 100_000} {
		var kept thinned
		for i := range n {
			kept.add(reading{Reading: record.Reading{At: float64(i)}})
		}
		if got := len(kept.list); got > mostReadings || got < min(n, mostReadings/2) {
			t.Errorf("%d of %d are kept", got, n)
		}
		for i, r := range kept.list {
			if r.At != float64(i*kept.each) {
				t.Fatalf("of %d, number %d is at %g, and one of %d is kept", n, i, r.At, kept.each)
			}
		}
	}
}

func TestGPUs(t *testing.T) {
	l := newLab(t)
	took, told := make(chan protocol.Reading), make(chan bool)
	gpus := func(ctx context.Context, _ record.Machine, c record.Config, every time.Duration, on func(protocol.Reading)) error {
		for {
			select {
			case r := <-took:
				on(r)
				told <- true
			case <-ctx.Done():
				return errors.New("it fell off the bus")
			}
		}
	}
	read := func(joules float64) {
		took <- protocol.Reading{
			GPUs:       []record.GPUCondition{{Power: joules}, {}},
			Energy:     []protocol.Meter{{Source: record.EnergyNVML, Joules: joules}, {}},
			Unreadable: []string{"energy of gpu-1: not readable here: not supported"},
		}
		<-told
	}
	w := l.watch(Options{GPUs: gpus}, record.Config{Warmup: 1, Epochs: 2, Device: "gpu"})
	hello(w, record.Machine{Cores: 8, GPUs: make([]record.GPU, 2)})
	read(0)
	l.pass(2, 10)
	read(200)
	l.pass(1, 10)
	l.epoch(w, record.Epoch{Index: 0, Warmup: true, Seconds: 1}) // at 300 J
	w.readings.add(w.read(&processes{}))
	l.pass(1, 10)
	read(400)
	l.pass(1, 10)
	l.epoch(w, record.Epoch{Index: 1, Start: 1, Seconds: 2}) // at 500 J
	l.pass(1, 10)
	read(600)
	got := end(w)
	want := []record.Energy{
		{Domain: "package-0", Source: record.EnergyRAPL, Joules: 20, Error: 0.02 + 2*61e-6, Seconds: 2, Epochs: 1},
		{Domain: "gpu-0", Source: record.EnergyNVML, Joules: 200, Error: 200, Seconds: 2, Epochs: 1},
	}
	if diff := cmp.Diff(want, got.Energy); diff != "" {
		t.Error(diff)
	}
	if got.Readings[0].GPUs[0].Power != 200 || got.Before.GPUs[0].Power != 0 || got.After.GPUs[0].Power != 600 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"GPUs: not readable here: it fell off the bus", "energy of gpu-1: not readable here: not supported"}, got.Unreadable); diff != "" {
		t.Error(diff)
	}
}

// Where the device is the CPU, or no accelerator is there, none is read.
func TestNoGPUs(t *testing.T) {
	l := newLab(t)
	m := l.monitor(Options{GPUs: func(context.Context, record.Machine, record.Config, time.Duration, func(protocol.Reading)) error {
		t.Error("they are read")
		return nil
	}})
	two := record.Machine{Cores: 8, GPUs: make([]record.GPU, 2)}
	if m.readGPUs(two, record.Config{Device: "cpu"}) != nil || m.readGPUs(record.Machine{Cores: 8}, record.Config{Device: "gpu"}) != nil || m.readGPUs(record.Machine{}, record.Config{Device: "gpu"}) != nil {
		t.Error("they are read")
	}
	put(t, l.root, driverFile, "NVRM version\n")
	m.o.GPUs = func(ctx context.Context, _ record.Machine, _ record.Config, _ time.Duration, _ func(protocol.Reading)) error {
		return nil
	}
	g := m.readGPUs(record.Machine{}, record.Config{Device: "gpu:1"})
	if g == nil {
		t.Fatal("a worker in Python does not say what it has, and the driver is loaded")
	}
	g.end()
	var launch record.Launch
	g.write(&launch, l.now, bounds{})
	if launch.Before != nil || launch.Unreadable != nil {
		t.Errorf("%+v", launch)
	}
}

func TestEnergyInWords(t *testing.T) {
	if got := newLab(t).monitor(Options{}).Energy(); got != "counted of package-0" {
		t.Errorf("%q", got)
	}
	if got := New(Options{Root: t.TempDir()}).Energy(); !strings.HasPrefix(got, "not readable here: ") {
		t.Errorf("%q", got)
	}
}

// The readings of a long launch take bounded memory, and its energy is as exact.
func TestGPUsOfALongLaunch(t *testing.T) {
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var g gpus
	const watts, readings = 300, 100_000
	for i := range readings {
		at := begin.Add(time.Duration(i) * gpuEvery)
		g.add(gpuReading{at, protocol.Reading{Energy: []protocol.Meter{{Source: record.EnergyNVML, Joules: watts * at.Sub(begin).Seconds()}}}})
	}
	g.close()
	if len(g.list) > mostGPU+1 || !g.list[0].at.Equal(begin) || g.list[len(g.list)-1].at.Sub(begin) != (readings-1)*gpuEvery {
		t.Fatalf("%d readings are kept, from %v to %v", len(g.list), g.list[0].at, g.list[len(g.list)-1].at)
	}
	b := bounds{
		begin: &bound{epoch: 0, clock: 60, at: begin.Add(time.Minute)},
		end:   &bound{epoch: 9, clock: 19_000, at: begin.Add(19_000 * time.Second)},
	}
	took, unknown := g.energy(b)
	want := float64(watts * (19_000 - 60))
	if len(unknown) > 0 || len(took) != 1 || math.Abs(took[0].Joules/want-1) > 1e-6 || took[0].Error > want/500 {
		t.Errorf("%+v, %v; want %g J", took, unknown, want)
	}
}
