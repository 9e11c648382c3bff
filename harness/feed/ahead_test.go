package feed

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// photos is a graph with 32×32 images that are augmented in every way; a batch
// is large enough to be prepared ahead.
func photos(t *testing.T, examples int) (*graph.Manifest, *dataset.Set) {
	t.Helper()
	m := &graph.Manifest{
		Inputs:  []graph.Tensor{testgraph.Tensor("x", graph.Float32, 32, 32, 1)},
		Targets: []graph.Tensor{testgraph.Tensor("y", graph.Float32, 10)},
	}
	var steps []graph.Preprocess
	for _, text := range []string{"x:scale=0.01", "x:flip", "x:shift=3", "x:brightness=0.2", "x:normalize=0.5,0.25", "y:one_hot"} {
		p, err := graph.ParsePreprocess(text)
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, p)
	}
	if err := m.Add(steps); err != nil {
		t.Fatal(err)
	}
	labels := make([]uint8, examples)
	for i := range labels {
		labels[i] = uint8(i % 10)
	}
	set := setOf(examples, data("x", graph.Uint8, []int{32, 32}, count[uint8](32*32*examples)), data("y", graph.Uint8, nil, labels))
	if err := set.Fit(m); err != nil {
		t.Fatal(err)
	}
	return m, set
}

// fed is every byte of an epoch, in order.
func fed(f *Feeder, epoch int) []byte {
	var out bytes.Buffer
	f.Start(epoch)
	for b := must(f.Next()); b != nil; b = must(f.Next()) {
		fmt.Fprint(&out, b.Examples, ":")
		for _, s := range b.Slots {
			fmt.Fprint(&out, s.Shape)
			out.Write(s.Bytes)
			spoil(s.Bytes) // whoever still writes into this batch is found out
		}
	}
	return out.Bytes()
}

// The batches depend on seed and epoch alone: not on threads, prefetching or
// what was fed before.
func TestSameBatchesHoweverPrepared(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	m, set := photos(t, 150)
	want := map[int][]byte{}
	for _, o := range []Options{
		{Prefetch: 0}, {Prefetch: 1, Threads: 1}, {Prefetch: 2, Threads: 1}, {Prefetch: 3, Threads: 4}, {Prefetch: 8, Threads: 3},
	} {
		o.Batch, o.Shuffle, o.Seed = 16, true, 5
		f := feederOf(t, set, m, o)
		if f.Prefetch() != o.Prefetch {
			t.Fatalf("%+v: %d batches ahead", o, f.Prefetch())
		}
		for _, epoch := range []int{0, 1, 0, 2} {
			got := fed(f, epoch)
			if want[epoch] == nil {
				want[epoch] = got
			}
			if !bytes.Equal(got, want[epoch]) {
				t.Errorf("%+v: epoch %d is fed other batches", o, epoch)
			}
			if f.Work() <= 0 {
				t.Errorf("%+v: no work is counted", o)
			}
		}
		f.Close()
	}
	if bytes.Equal(want[0], want[1]) {
		t.Error("two epochs have the same order")
	}
}

func TestAbandonedEpoch(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	m, set := photos(t, 150)
	f := feederOf(t, set, m, Options{Batch: 16, Prefetch: 4, Threads: 2, Shuffle: true})
	want := fed(f, 7)
	for taken := range 10 {
		f.Start(3)
		for range taken {
			must(f.Next())
		}
		if got := fed(f, 7); !bytes.Equal(got, want) {
			t.Fatalf("after an epoch left at batch %d, the next is fed other batches", taken)
		}
	}
	f.Start(3) // and close in the middle
	must(f.Next())
	f.Close()
}

// Prepare shares the first ring with the epochs: one that was left is over by then.
func TestPrepareEndsAnAbandonedEpoch(t *testing.T) {
	m, set := photos(t, 150)
	f := feederOf(t, set, m, Options{Batch: 16, Prefetch: 4, Threads: 2})
	f.Start(0)
	must(f.Next())
	must(f.Prepare(f.Shapes()[0]))
	f.ahead.mu.Lock()
	busy, ready := f.ahead.busy, f.ahead.ready()
	f.ahead.mu.Unlock()
	if busy != 0 || ready {
		t.Errorf("%d batches of the epoch are being prepared, another will be: %t", busy, ready)
	}
	if must(f.Next()) != nil {
		t.Error("the epoch goes on")
	}
}

// Outside of Start and Close there is an error, and nobody waits for ever.
func TestNextOutsideTheEpoch(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	m, set := photos(t, 64)
	for _, prefetch := range []int{0, 2} {
		f := feederOf(t, set, m, Options{Batch: 16, Prefetch: prefetch})
		if b, err := f.Next(); b != nil || !errors.Is(err, ErrNoEpoch) {
			t.Errorf("before Start: %v, %v", b, err)
		}
		f.Start(0)
		must(f.Next())
		f.Close()
		if b, err := f.Next(); b != nil || !errors.Is(err, ErrNoEpoch) {
			t.Errorf("after Close: %v, %v", b, err)
		}
		f.Start(1)
		if b, err := f.Next(); b != nil || !errors.Is(err, ErrNoEpoch) {
			t.Errorf("started after Close: %v, %v", b, err)
		}
		f.Close()
	}
}

// Nothing is prepared before Start or after the last batch.
func TestNothingOutsideTheEpoch(t *testing.T) {
	m, set := photos(t, 64)
	f := feederOf(t, set, m, Options{Batch: 16, Prefetch: 2, Threads: 2})
	if f.Work() != 0 {
		t.Error("batches were prepared before the epoch")
	}
	fed(f, 0)
	f.ahead.mu.Lock()
	claimed, busy := f.ahead.claimed, f.ahead.busy
	f.ahead.mu.Unlock()
	if claimed != 4 || busy != 0 {
		t.Errorf("of 4 batches %d were prepared, %d are being prepared", claimed, busy)
	}
}

// At most Prefetch batches are ready while the loop holds one.
func TestRingsAreNotOverrun(t *testing.T) {
	m, set := photos(t, 320)
	f := feederOf(t, set, m, Options{Batch: 16, Prefetch: 3, Threads: 4})
	f.Start(0)
	for k := 0; ; k++ {
		b := must(f.Next())
		if b == nil {
			break
		}
		before := bytes.Clone(b.Slots[0].Bytes)
		f.ahead.mu.Lock()
		for f.ahead.busy > 0 || f.ahead.ready() { // let them get as far as they can
			f.ahead.done.Wait()
		}
		ahead := f.ahead.claimed - k - 1
		f.ahead.mu.Unlock()
		if want := min(3, f.Steps()-k-1); ahead != want {
			t.Fatalf("at batch %d there are %d ahead, want %d", k, ahead, want)
		}
		if !bytes.Equal(before, b.Slots[0].Bytes) {
			t.Fatalf("batch %d changed while the loop held it", k)
		}
	}
}

func TestPanicReachesTheLoop(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	f, err := New(imageSet(slices.Repeat([]string{"1"}, 64)...), images(), Options{Batch: 16, Prefetch: 2, Threads: 2}, ticks())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Equip(Tools{Images: map[string]Decoder{"x": panicking{}}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Use([][][]byte{buffers(f.BufferBytes()), buffers(f.BufferBytes()), buffers(f.BufferBytes())}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a panic of the decoder is lost")
		}
		f.Close()
	}()
	fed(f, 0)
}

// panicking is a decoder with a fault.
type panicking struct{}

func (panicking) Decode(string, []byte) error { panic("a fault") }

// Rings are memory: none is made that an epoch has no batch for.
func TestNoMoreAheadThanAnEpochHas(t *testing.T) {
	m, set := photos(t, 64)
	f := feederOf(t, set, m, Options{Batch: 16, Prefetch: maxPrefetch, Threads: maxThreads})
	if f.Prefetch() != 3 || len(f.batches) != 4 || len(f.scratch) != 3 {
		t.Errorf("of 4 batches %d are prepared ahead, in %d rings, by %d goroutines", f.Prefetch(), len(f.batches), len(f.scratch))
	}
	if !bytes.Equal(fed(f, 0), fed(feederOf(t, set, m, Options{Batch: 16}), 0)) {
		t.Error("the batches are others than those prepared in the loop")
	}
}

func TestCheapBatchesArePreparedInTheLoop(t *testing.T) {
	m, set := photos(t, 64)
	for batch, want := range map[int]int{16: 2, 64: 0} { // 64: an epoch of one batch
		if got := feederOf(t, set, m, Options{Batch: batch, Prefetch: 2}).Prefetch(); got != want {
			t.Errorf("batches of %d images: %d ahead, want %d", batch, got, want)
		}
	}
	m = &graph.Manifest{Inputs: []graph.Tensor{testgraph.Tensor("y", graph.Int32)}}
	set = setOf(64, data("y", graph.Int32, nil, count[int32](64)))
	if got := feederOf(t, set, m, Options{Batch: 16, Prefetch: 2}).Prefetch(); got != 0 {
		t.Errorf("batches of 64 bytes: %d ahead, want 0", got)
	}
}

func TestPrefetchingDoesNotAllocate(t *testing.T) {
	m, set := photos(t, 64)
	f := feederOf(t, set, m, Options{Batch: 16, Prefetch: 2, Threads: 2, Shuffle: true})
	run := func() {
		f.Start(0)
		for must(f.Next()) != nil {
		}
	}
	for range 3 {
		run() // each goroutine's scratch grows once
	}
	if n := testing.AllocsPerRun(20, run); n != 0 {
		t.Errorf("an epoch allocates %g times", n)
	}
}
