package feed

import (
	"errors"
	"math"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// No value of the options makes a feeder panic, or take memory without bound.
func TestOptionsOutOfRange(t *testing.T) {
	set := setOf(2, dataset.Ragged(dataset.Of("x", nil, []int32{1, 2, 3}), []int{1, 2}))
	stream := streamOf(t, shots(1))
	for _, c := range []struct {
		o     Options
		class error
		says  string
	}{
		{Options{Batch: -5}, graph.ErrBatch, "Batch is -5"},
		{Options{Batch: math.MinInt}, graph.ErrBatch, "Batch is -"},
		{Options{Batch: 1, Prefetch: -2}, dataset.ErrUnfit, "Prefetch is -2: set a number from 0 to 1000"},
		{Options{Batch: 1, Prefetch: 1001}, dataset.ErrUnfit, "Prefetch is 1001: set a number from 0 to 1000"},
		{Options{Batch: 1, Prefetch: 1 << 50}, dataset.ErrUnfit, "Prefetch"},
		{Options{Batch: 1, Prefetch: math.MaxInt}, dataset.ErrUnfit, "Prefetch"},
		{Options{Batch: 1, Threads: -4}, dataset.ErrUnfit, "Threads is -4: set a number from 0 to 1000"},
		{Options{Batch: 1, Threads: 1001}, dataset.ErrUnfit, "Threads"},
		{Options{Batch: 1, PadTo: -1}, dataset.ErrUnfit, "PadTo is -1: set a number from 0 to 1048576"},
		{Options{Batch: 1, PadTo: 1<<20 + 1}, dataset.ErrUnfit, "PadTo"},
		{Options{Batch: 1, PadTo: 1 << 62}, dataset.ErrUnfit, "PadTo"},
	} {
		_, ofSet := New(set, sequences(0, graph.Int32), c.o, ticks())
		_, ofStream := NewStreamer(stream, images(), c.o, growing(), ticks())
		for name, err := range map[string]error{"Check": c.o.Check(), "New": ofSet, "NewStreamer": ofStream} {
			if !errors.Is(err, c.class) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s of %+v: %v, want %v that says %q", name, c.o, err, c.class, c.says)
			}
		}
	}
}

func TestOptionsInRange(t *testing.T) {
	for _, o := range []Options{
		{}, {Batch: 1}, {Batch: math.MaxInt}, {Prefetch: maxPrefetch}, {Threads: maxThreads}, {PadTo: 1}, {PadTo: maxPadTo},
	} {
		if err := o.Check(); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
