package monitor

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// gpuEvery is how far readings of accelerators are apart. Their energy at the end of an
// epoch is found between two.
const gpuEvery = 200 * time.Millisecond

// driverFile is there where NVIDIA's driver is loaded.
const driverFile = "proc/driver/nvidia/version"

// gpus are the accelerators of a worker's machine, read by a worker beside it.
type gpus struct {
	stop  context.CancelFunc
	ended chan struct{}
	err   error // once ended is closed

	mu    sync.Mutex
	list  []gpuReading
	last  gpuReading // which the list may lack
	each  int        // one of so many is in the list
	count int
}

// mostGPU is how many readings of accelerators are kept. Those of a long launch lie
// further apart, which its energy does not feel: a gap is then a two-thousandth of it.
const mostGPU = 4096

// add takes a reading. Where there are too many, every second is dropped, and of later
// ones as many.
func (g *gpus) add(r gpuReading) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.each, g.last = max(1, g.each), r
	if g.count++; (g.count-1)%g.each != 0 {
		return
	}
	if len(g.list) == mostGPU {
		half := g.list[:0]
		for i := 0; i < len(g.list); i += 2 {
			half = append(half, g.list[i])
		}
		clear(g.list[len(half):])
		g.list, g.each = half, 2*g.each
	}
	g.list = append(g.list, r)
}

// close adds the last reading.
func (g *gpus) close() {
	if n := len(g.list); n > 0 && g.list[n-1].at.Before(g.last.at) {
		g.list = append(g.list, g.last)
	}
}

type gpuReading struct {
	at time.Time
	protocol.Reading
}

// readGPUs begins to read the accelerators of a worker's machine; nil where it has none,
// or trains on another device.
func (m *Monitor) readGPUs(of record.Machine, c record.Config) *gpus {
	loaded := len(of.GPUs) > 0 || of.Cores == 0 && read(filepath.Join(m.o.Root, driverFile)) != ""
	if m.o.GPUs == nil || !loaded || !c.OnGPU() {
		return nil
	}
	ctx, stop := context.WithCancel(context.Background())
	g := &gpus{stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(g.ended)
		g.err = m.o.GPUs(ctx, of, c, gpuEvery, func(r protocol.Reading) {
			g.add(gpuReading{m.o.Now(), r})
		})
	}()
	return g
}

// end ends the readings.
func (g *gpus) end() {
	if g == nil {
		return
	}
	g.stop()
	<-g.ended
	g.close()
}

// write writes into a launch, which began at that time, what was read.
func (g *gpus) write(l *record.Launch, began time.Time, b bounds) {
	if g == nil {
		return
	}
	if g.err != nil {
		l.Unreadable = append(l.Unreadable, fmt.Sprintf("GPUs: not readable here: %v", g.err))
	}
	if len(g.list) == 0 {
		return
	}
	first, last := g.list[0], g.list[len(g.list)-1]
	l.Unreadable = append(l.Unreadable, last.Unreadable...)
	if l.Before == nil { // the worker's machine is another
		l.Before, l.After = new(record.Conditions), new(record.Conditions)
	}
	l.Before.GPUs, l.After.GPUs = first.GPUs, last.GPUs
	g.fill(l, began)
	took, why := g.energy(b)
	l.Unreadable = append(l.Unreadable, why...)
	if l.Energy = append(l.Energy, took...); len(why) > 0 {
		l.Energy = nil // a part is not the whole
	}
}

// fill gives each reading of a launch the accelerators' at that time. Where there are no
// readings of the machine itself, theirs are the readings.
func (g *gpus) fill(l *record.Launch, began time.Time) {
	if len(l.Readings) == 0 {
		var kept thinned
		var last time.Time
		for _, r := range g.list {
			if r.at.Sub(last) >= defaultEvery {
				kept.add(reading{Reading: record.Reading{At: max(0, r.at.Sub(began).Seconds())}})
				last = r.at
			}
		}
		for _, r := range kept.list {
			l.Readings = append(l.Readings, r.Reading)
		}
	}
	for i := range l.Readings {
		at := began.Add(time.Duration(l.Readings[i].At * float64(time.Second)))
		k, exact := slices.BinarySearchFunc(g.list, at, func(r gpuReading, at time.Time) int { return r.at.Compare(at) })
		if !exact {
			k--
		}
		if k >= 0 {
			l.Readings[i].GPUs = g.list[k].GPUs
		}
	}
}

// energy returns what the measured epochs took of each accelerator, and of which of them
// that is not known.
func (g *gpus) energy(b bounds) (took []record.Energy, unknown []string) {
	if !b.known() {
		return nil, nil
	}
	seconds := b.end.at.Sub(b.begin.at).Seconds()
	for i, meter := range g.list[0].Energy {
		if meter.Source == "" {
			continue // its reading says why
		}
		from, early, ok1 := g.joules(i, b.begin.at)
		to, late, ok2 := g.joules(i, b.end.at)
		if !ok1 || !ok2 || to < from || seconds <= 0 {
			unknown = append(unknown, fmt.Sprintf("energy of gpu-%d: not known here: its readings do not span the epochs", i))
			continue
		}
		apart := math.Abs(b.apart().Seconds()) * (to - from) / seconds
		took = append(took, record.Energy{
			Domain: fmt.Sprintf("gpu-%d", i), Source: meter.Source, Joules: to - from, Seconds: seconds, Epochs: b.end.epoch - b.begin.epoch,
			Error: early + late + apart,
		})
	}
	return took, unknown
}

// joules returns what an accelerator took until a time, from the readings before and after
// it, and by how much that may be off: by half of what lies between them. It reports
// false where the readings do not reach.
func (g *gpus) joules(gpu int, at time.Time) (joules, off float64, ok bool) {
	k := slices.IndexFunc(g.list, func(r gpuReading) bool { return !r.at.Before(at) })
	if k < 1 {
		return 0, 0, false
	}
	before, after := g.list[k-1], g.list[k]
	if gpu >= len(before.Energy) || gpu >= len(after.Energy) || before.Energy[gpu].Source != after.Energy[gpu].Source {
		return 0, 0, false
	}
	share := at.Sub(before.at).Seconds() / cmp.Or(after.at.Sub(before.at).Seconds(), 1)
	between := after.Energy[gpu].Joules - before.Energy[gpu].Joules
	return before.Energy[gpu].Joules + share*between, math.Abs(between) / 2, between >= 0
}
