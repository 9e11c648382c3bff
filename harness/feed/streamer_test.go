package feed

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// streamOf is a stream of these batches.
func streamOf(t testing.TB, batches func(pass int) iter.Seq2[*dataset.Set, error]) *dataset.Stream {
	t.Helper()
	s, err := dataset.NewStream("test", func(_ context.Context, pass int) iter.Seq2[*dataset.Set, error] { return batches(pass) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shots are batches of images and labels, of so many examples each.
func shots(sizes ...int) func(int) iter.Seq2[*dataset.Set, error] {
	return func(int) iter.Seq2[*dataset.Set, error] {
		return func(yield func(*dataset.Set, error) bool) {
			x, y := count[uint8](250), count[int32](250)
			for _, n := range sizes {
				set, err := dataset.New("shots", dataset.Of("x", []int{2, 2}, x[:4*n]), dataset.Of("y", nil, y[:n]))
				if !yield(set, err) || err != nil {
					return
				}
				x, y = x[4*n:], y[n:]
			}
		}
	}
}

// growing are tools that make each ring's buffers as large as they must be.
func growing() StreamTools {
	return StreamTools{Buffers: func(_ int, sizes []int) ([][]byte, error) { return buffers(sizes), nil }}
}

func streamer(t testing.TB, m *graph.Manifest, s *dataset.Stream, o Options, tools StreamTools) *Streamer {
	t.Helper()
	f, err := NewStreamer(s, m, o, tools, ticks())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// randomly is images with random preprocessing.
func randomly() *graph.Manifest {
	m := images()
	m.Preprocess = append(m.Preprocess, graph.Preprocess{Op: "flip", Input: "x"}, graph.Preprocess{Op: "brightness", Input: "x", Amount: 1})
	return m
}

// all are the bytes and examples of the batches of one epoch.
func all(t testing.TB, next func() (*Batch, error)) (bytes [][]byte, examples []int) {
	t.Helper()
	for {
		b, err := next()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			return bytes, examples
		}
		examples = append(examples, b.Examples)
		for _, s := range b.Slots {
			bytes = append(bytes, slices.Clone(s.Bytes))
		}
	}
}

// A stream's batches are those of a set with the same examples, drawn numbers too.
func TestStreamerFeedsAsAFeederDoes(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	set := setOf(25, data("x", graph.Uint8, []int{2, 2}, count[uint8](100)), data("y", graph.Int32, nil, count[int32](25)))
	if err := set.Fit(randomly()); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{Batch: 4, Seed: 3}, {Batch: 4, Seed: 3, Prefetch: 2}} {
		f := feederOf(t, set, randomly(), o)
		for name, s := range map[string]*dataset.Stream{"in their size": streamOf(t, shots(4, 4, 4, 4, 4, 4, 1)), "in others": streamOf(t, shots(7, 11, 2, 5))} {
			st := streamer(t, randomly(), s, o, growing())
			for epoch := range 3 {
				f.Start(epoch)
				want, _ := all(t, f.Next)
				st.Start(t.Context(), epoch)
				got, examples := all(t, st.Next)
				if !slices.EqualFunc(got, want, slices.Equal) || !slices.Equal(examples, []int{4, 4, 4, 4, 4, 4, 1}) {
					t.Errorf("%+v, batches %s, epoch %d: %d examples and other bytes than those of the set", o, name, epoch, examples)
				}
				if st.Work() <= 0 || st.NewShapes() != map[bool]int{true: 2}[epoch == 0] {
					t.Errorf("epoch %d: %v of work, %d new shapes", epoch, st.Work(), st.NewShapes())
				}
			}
			st.Close()
		}
		f.Close()
	}
}

func TestStreamerTakesBatchesAsTheyCome(t *testing.T) {
	for _, o := range []Options{{}, {Prefetch: 3}} {
		s := streamer(t, images(), streamOf(t, shots(3, 1, 3, 5)), o, growing())
		s.Start(t.Context(), 0)
		if _, got := all(t, s.Next); !slices.Equal(got, []int{3, 1, 3, 5}) || s.NewShapes() != 3 {
			t.Errorf("%+v: batches of %d examples, %d shapes", o, got, s.NewShapes())
		}
	}
}

func TestStreamerPadsSequences(t *testing.T) {
	s := streamer(t, sequences(0, graph.Int32), streamOf(t, func(int) iter.Seq2[*dataset.Set, error] {
		return func(yield func(*dataset.Set, error) bool) {
			yield(setOf(2, ragged(data("x", graph.Int32, nil, []int32{1, 2, 3}), 0, 2, 3)), nil)
		}
	}), Options{PadTo: 3}, growing())
	s.Start(t.Context(), 0)
	b := must(s.Next())
	if got := view[int32](b.Slots[0].Bytes); !slices.Equal(got, []int32{1, 2, 9, 3, 9, 9}) || !slices.Equal(b.Slots[0].Shape, []int64{2, 3}) {
		t.Errorf("%v of shape %v", got, b.Slots[0].Shape)
	}
}

func TestStreamerFails(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	broken := errors.New("broken")
	then := func(n int, last func(yield func(*dataset.Set, error) bool)) func(int) iter.Seq2[*dataset.Set, error] {
		return func(pass int) iter.Seq2[*dataset.Set, error] {
			return func(yield func(*dataset.Set, error) bool) {
				for set := range shots(slices.Repeat([]int{2}, n)...)(pass) {
					if !yield(set, nil) {
						return
					}
				}
				last(yield)
			}
		}
	}
	one := int(3)
	fixed := images()
	fixed.Variant.Batch = &one
	for name, c := range map[string]struct {
		m       *graph.Manifest
		batches func(int) iter.Seq2[*dataset.Set, error]
		options Options
		want    error
		after   int
	}{
		"an error":              {images(), then(2, func(yield func(*dataset.Set, error) bool) { yield(nil, broken) }), Options{}, broken, 2},
		"no batch":              {images(), shots(), Options{}, dataset.ErrUnfit, 0},
		"a nil batch":           {images(), then(1, func(yield func(*dataset.Set, error) bool) { yield(nil, nil) }), Options{}, dataset.ErrUnfit, 1},
		"other columns":         {sequences(0, graph.Int32), shots(2), Options{}, dataset.ErrUnfit, 0},
		"nothing to pad":        {images(), shots(2), Options{PadTo: 4}, dataset.ErrUnfit, 0},
		"another batch":         {fixed, shots(3, 3, 2), Options{}, graph.ErrBatch, 2},
		"a panic of the source": {images(), then(1, func(func(*dataset.Set, error) bool) { panic(broken) }), Options{}, broken, 1},
	} {
		for _, prefetch := range []int{0, 2} {
			c.options.Prefetch = prefetch
			s := streamer(t, c.m, streamOf(t, c.batches), c.options, growing())
			s.Start(t.Context(), 0)
			n := 0
			next := func() (b *Batch, err error) {
				defer func() {
					if p := recover(); p != nil {
						err = p.(error)
					}
				}()
				return s.Next()
			}
			b, err := next()
			for ; b != nil && err == nil; b, err = next() {
				n++
			}
			if !errors.Is(err, c.want) || n != c.after {
				t.Errorf("%s, prefetch %d: %v after %d batches, want %v after %d", name, prefetch, err, n, c.want, c.after)
			}
			s.Close()
		}
	}
}

// A pass that is left, canceled or closed takes its goroutine with it.
func TestStreamerIsLeft(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, prefetch := range []int{0, 1, 3} {
		ended := 0
		s := streamer(t, images(), streamOf(t, func(pass int) iter.Seq2[*dataset.Set, error] {
			return func(yield func(*dataset.Set, error) bool) {
				defer func() { ended++ }()
				for { // an endless one
					set, err := dataset.New("endless", dataset.Of("x", []int{2, 2}, make([]uint8, 8)), dataset.Of("y", nil, make([]int32, 2)))
					if !yield(set, err) {
						return
					}
				}
			}
		}), Options{Prefetch: prefetch}, growing())
		s.Start(t.Context(), 0)
		must(s.Next())
		ctx, cancel := context.WithCancel(t.Context())
		s.Start(ctx, 1) // the pass before it is over
		must(s.Next())
		cancel()
		var err error
		for err == nil {
			_, err = s.Next()
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("prefetch %d: %v, want context.Canceled", prefetch, err)
		}
		s.Start(t.Context(), 2)
		must(s.Next())
		s.Close()
		s.Close()
		if _, err := s.Next(); !errors.Is(err, ErrNoEpoch) || ended != 3 {
			t.Errorf("prefetch %d: %v after Close, %d passes have ended, want 3", prefetch, err, ended)
		}
	}
}

func TestNewStreamerRefuses(t *testing.T) {
	stream := streamOf(t, shots(1))
	for says, c := range map[string]struct {
		m     *graph.Manifest
		o     Options
		tools StreamTools
	}{
		"cannot be shuffled":   {images(), Options{Shuffle: true}, growing()},
		"are nil":              {images(), Options{}, StreamTools{}},
		"preprocess signature": {layered(false), Options{}, growing()},
	} {
		if _, err := NewStreamer(stream, c.m, c.o, c.tools, ticks()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that says %q", err, says)
		}
	}
}
