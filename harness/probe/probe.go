// Package probe finds what a machine can do at most, with the TensorFlow that is
// linked: it times small graphs that tfgo builds.
//
// A rate is that of the fastest call in a short time. Inputs stay on the device, so
// that a product or a convolution is timed alone.
package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/record"
	"epochtime/harness/tfsession"
)

// Options of a probe.
type Options struct {
	Session tfsession.Options
	Slice   time.Duration // about how long each limit takes; 0 is a second
	Cache   uint64        // bytes of the last cache, which arrays have to exceed; 0: not known
	Room    uint64        // bytes of memory that are free; 0: not known
}

func (o Options) slice() time.Duration { return cmp.Or(o.Slice, time.Second) }

// precisions are those of matrix products.
var precisions = []struct {
	name string
	kind tf.DataType
}{{"float32", tf.Float}, {"bfloat16", tf.Bfloat16}, {"float16", tf.Half}}

// Rates times every limit of the device. One that this device does not have is 0, and
// its note says why. Errors are those of tfsession.OnGraph, and the cause of ctx's end.
func Rates(ctx context.Context, o Options) ([]record.Rate, error) {
	ctx = cmp.Or(ctx, context.Background())
	var out []record.Rate
	for _, p := range precisions {
		r, err := o.rate(ctx, record.RateMatMul+"-"+p.name, record.FlopPerSecond, product(p.kind))
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	n := o.elements()
	for _, l := range []struct {
		name, unit, note string
		kernel           kernel
		accelerator      bool // it is no limit of a CPU
	}{
		{record.RateConv + "-float32", record.FlopPerSecond, "", convolution(), false},
		{record.RateMemory, record.BytePerSecond, fmt.Sprintf("one array of %d MiB added to another: two reads and a write", n*floatBytes>>20), stream(n), false},
		{record.RateToDevice, record.BytePerSecond, "", upload(n), true},
		{record.RateFromDevice, record.BytePerSecond, "", download(n), true},
	} {
		if l.accelerator && o.Session.Device == "cpu" {
			out = append(out, found(l.name, l.unit, 0))
			out[len(out)-1].Note = "not applicable on cpu: a step reads a batch where it lies"
			continue
		}
		r, err := o.rate(ctx, l.name, l.unit, l.kernel)
		if err != nil {
			return nil, err
		}
		r.Note = cmp.Or(r.Note, l.note)
		out = append(out, r)
	}
	calls, err := o.overheads()
	return append(out, calls...), err
}

// rate times a kernel. What the device cannot compute is a note.
func (o Options) rate(ctx context.Context, name, unit string, k kernel) (record.Rate, error) {
	highest, err := o.best(ctx, k)
	out := found(name, unit, highest)
	switch {
	case err == nil || highest > 0 && errors.Is(err, tfsession.ErrOOM): // the sizes before fit
		return out, nil
	case errors.Is(err, tfsession.ErrStep), errors.Is(err, tfsession.ErrOOM):
		out.Note = firstLine(err.Error())
		return out, nil
	}
	return out, fmt.Errorf("probing %s: %w", name, err)
}

// Rounds and calls of an empty step.
const (
	rounds = 20
	calls  = 500
)

// overheads times an empty step under each executor that training may choose.
func (o Options) overheads() ([]record.Rate, error) {
	var out []record.Rate
	for _, by := range []struct{ executor, name string }{
		{tfsession.ThreadPool, record.RateEmptyStep}, {tfsession.CallerThread, record.RateEmptyStepCaller},
	} {
		s := o.Session
		s.Executor = by.executor
		seconds, err := tfsession.Overhead(s, rounds, calls)
		if err != nil {
			return nil, fmt.Errorf("probing %s: %w", by.name, err)
		}
		out = append(out, found(by.name, record.Second, seconds))
	}
	return out, nil
}

// found is what one launch found of a limit; 0 is nothing.
func found(name, unit string, value float64) record.Rate {
	none := record.Number(math.NaN())
	return record.Rate{Name: name, Unit: unit, Value: record.Interval{Median: value, Low: none, High: none}}
}

// firstLine is the beginning of what TensorFlow says, which may go on for pages.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line[:min(len(line), 200)]
}

// The least size of an array that is streamed, and by how much it exceeds the cache. An
// eighth of the free memory is the most that one array takes.
const (
	leastArray = 64 << 20
	overCache  = 4
	roomShare  = 8
)

// fits reports whether the memory of this machine has room for a call of a kernel. An
// accelerator says itself that it has none.
func (o Options) fits(k kernel, size int) bool {
	return k.bytes == nil || o.Room == 0 || o.Session.Device != "cpu" || k.bytes(size) <= float64(o.Room)/roomShare
}

// elements returns how many float32 an array has that is far larger than the cache.
func (o Options) elements() int {
	size := max(leastArray, overCache*o.Cache)
	if o.Room > 0 {
		size = min(size, o.Room/roomShare)
	}
	return int(max(size, 1<<20) / floatBytes)
}
