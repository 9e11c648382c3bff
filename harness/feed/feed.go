// Package feed prepares batches: it gathers examples, converts and preprocesses
// them into byte buffers that the caller owns, in the loop itself or ahead of
// it in goroutines.
package feed

import (
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Batch is what one step is fed. It is valid until the next call to Next or
// Prepare.
type Batch struct {
	Examples int
	Slots    []Slot // one for each of graph.Manifest.Gathered, in its order
	Ring     int    // which of the rings of buffers holds it
}

// Slot is one input of a step, or of the graph's preprocess signature: its bytes,
// little-endian, and its shape, the batch first. Strings are as internal/tstring
// writes them. The bytes lie in a buffer of the caller's or, Borrowed, in the data set
// itself, where nobody may write.
type Slot struct {
	Bytes    []byte
	Shape    []int64
	Borrowed bool
}

// Feeder prepares the batches of one epoch after the other. Nothing is prepared
// outside an epoch: Start finds every ring empty.
type Feeder struct {
	set      *dataset.Set
	options  Options
	columns  []*column
	layered  bool   // the graph has a preprocess signature
	layers   Layers // that runs it
	stateful bool   // it changes a variable
	shapes   []Shape
	now      func() time.Duration

	batches []Batch    // one for each ring of buffers
	rings   [][][]byte // the buffers
	scratch []scratch
	order   []int32 // of the examples, where they are shuffled
	epoch   uint64
	running bool // Start was called
	closed  bool
	next    int
	work    atomic.Int64 // nanoseconds of preparing since Start
	ahead   *ahead       // nil prepares inside Next
}

// ErrNoEpoch: there is no epoch to prepare batches for, before Start or after
// Close, or no buffers to prepare them in. Test with errors.Is.
var ErrNoEpoch = errors.New("feed: no epoch is running")

// New makes a feeder of set for the graph m. now is a monotonic clock. The set
// fits the graph (dataset.Set.Fit). Options.Batch is at least 1; one larger than the
// set is all its examples. Errors are those of Options.Check and others for options
// that do not suit the data.
func New(set *dataset.Set, m *graph.Manifest, o Options, now func() time.Duration) (*Feeder, error) {
	if m == nil || now == nil {
		return nil, errors.New("feed.New: the graph or the clock is nil")
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Batch < 1 || set.Examples() < 1 {
		return nil, fmt.Errorf("feed.New: batches of %d out of %d examples", o.Batch, set.Examples())
	}
	o.Batch, o.PadTo, o.Threads = min(o.Batch, set.Examples()), max(o.PadTo, 1), max(o.Threads, 1)
	f := &Feeder{set: set, options: o, now: now}
	raw, layered := m.Signatures[graph.Preprocessing]
	f.layered, f.stateful = layered, raw.Stateful
	for _, t := range m.Gathered() {
		c, err := newColumn(set.Column(t.Name), t, m.Preprocess, o.PadTo)
		if err != nil {
			return nil, err
		}
		c.borrowable = !o.Shuffle && c.fedInPlace(o.Batch)
		if t.DType == graph.String {
			c.room = c.textRoom(set.Examples(), o.Batch, o.Shuffle)
		}
		f.columns = append(f.columns, c)
	}
	if o.PadTo > 1 && !slices.ContainsFunc(f.columns, (*column).free) {
		return nil, errNothingPadded(o.PadTo)
	}
	f.shapes = f.distinct()
	f.options.Prefetch = min(f.options.Prefetch, f.Steps()-1) // no more can be ahead
	if f.cheap() {
		f.options.Prefetch = 0
	}
	f.options.Threads = min(f.options.Threads, max(f.options.Prefetch, 1))
	if o.Shuffle {
		set.Shuffled()
		f.order = make([]int32, set.Examples())
	}
	for ring := range f.Rings() {
		b := Batch{Ring: ring, Slots: make([]Slot, len(f.columns))}
		for i, t := range m.Gathered() {
			b.Slots[i].Shape = make([]int64, len(t.Shape))
		}
		f.batches = append(f.batches, b)
	}
	f.scratch = make([]scratch, f.options.Threads)
	return f, nil
}

func errNothingPadded(multiple int) error {
	return fmt.Errorf("feed: nothing is padded to a multiple of %d: no input holds sequences whose length is free", multiple)
}

// cheapBytes is the size up to which a batch is prepared in the loop anyway. That
// takes a few microseconds, and to wake a goroutine takes as long.
const cheapBytes = 32 << 10

// cheap reports whether preparing a batch ahead cannot pay.
func (f *Feeder) cheap() bool {
	bytes := 0
	if f.layered || len(f.Images()) > 0 {
		return false
	}
	for i, size := range f.BufferBytes() {
		if c := f.columns[i]; !c.borrowable {
			bytes += size * (1 + 4*len(c.steps))
		}
	}
	return bytes <= cheapBytes
}

// Prefetch returns how many batches are prepared ahead: as many as Options say and
// an epoch has, or 0 where a batch is prepared faster than a goroutine is woken.
func (f *Feeder) Prefetch() int {
	if !f.made() {
		return 0
	}
	return f.options.Prefetch
}

// made reports whether the feeder came from New.
func (f *Feeder) made() bool { return f != nil && f.set != nil }

// Rings returns how many rings of buffers the feeder fills in turn.
func (f *Feeder) Rings() int {
	if !f.made() {
		return 0
	}
	return f.options.Prefetch + 1
}

// BufferBytes returns the size of the buffer of each slot, the same in every ring.
func (f *Feeder) BufferBytes() []int {
	if !f.made() {
		return nil
	}
	sizes := make([]int, len(f.columns))
	for i, c := range f.columns {
		for _, s := range f.shapes {
			sizes[i] = max(sizes[i], c.size(s.Examples, s.Lengths[i])+c.room)
		}
	}
	return sizes
}

// Use gives the feeder the buffers it fills: rings[r][i] is for slot i, each at
// least as large as BufferBytes says. It starts the goroutines that prepare
// ahead, which end with Close.
func (f *Feeder) Use(rings [][][]byte) error {
	if !f.made() || f.closed {
		return ErrNoEpoch
	}
	if len(rings) != f.Rings() {
		return fmt.Errorf("feed: %d rings of buffers, want %d", len(rings), f.Rings())
	}
	for i, size := range f.BufferBytes() {
		for _, ring := range rings {
			if i >= len(ring) || len(ring[i]) < size {
				return fmt.Errorf("feed: the buffer of slot %d is smaller than %d bytes", i, size)
			}
		}
	}
	if err := f.equipped(); err != nil {
		return err
	}
	if f.rings != nil {
		return errors.New("feed: it has buffers already")
	}
	f.rings = rings
	if f.options.Prefetch > 0 {
		f.ahead = startAhead(f)
	}
	return nil
}

// Close ends the goroutines that prepare ahead, and waits for them. A second Close
// does nothing. The set is closed by its opener.
func (f *Feeder) Close() {
	if f == nil {
		return
	}
	f.running, f.closed = false, true
	if f.ahead != nil {
		f.ahead.close()
	}
}

// Steps returns the number of batches per epoch.
func (f *Feeder) Steps() int {
	if !f.made() {
		return 0
	}
	return (f.set.Examples() + f.options.Batch - 1) / f.options.Batch
}

// Examples returns the number of examples per epoch.
func (f *Feeder) Examples() int {
	if !f.made() {
		return 0
	}
	return f.set.Examples()
}

// Start begins an epoch. Its order depends on the seed and the epoch's number alone.
func (f *Feeder) Start(epoch int) {
	if !f.made() || f.closed || f.rings == nil {
		return
	}
	if f.ahead != nil {
		f.ahead.rest()
	}
	f.next = 0
	f.work.Store(0)
	f.epoch = uint64(epoch)
	if f.order != nil {
		begin := f.now()
		f.shuffle()
		f.work.Add(int64(f.now() - begin))
	}
	if f.ahead != nil {
		f.ahead.start()
	}
	f.running = true
}

// shuffle draws the epoch's order (Fisher–Yates).
func (f *Feeder) shuffle() {
	for i := range f.order {
		f.order[i] = int32(i)
	}
	rng := pcg(f.options.Seed, f.epoch)
	for i := len(f.order) - 1; i > 0; i-- {
		k := bounded(&rng, i+1)
		f.order[i], f.order[k] = f.order[k], f.order[i]
	}
}

// Next returns the epoch's next batch; nil says that the epoch is over. Errors
// are ErrNoEpoch, dataset.ErrChanged and those of Tools; after one there are no
// more batches.
func (f *Feeder) Next() (*Batch, error) {
	if f == nil || !f.running {
		return nil, ErrNoEpoch
	}
	if f.next == f.Steps() {
		return nil, nil
	}
	k := f.next
	f.next++
	if f.ahead != nil {
		return f.ahead.take(k)
	}
	b := &f.batches[0]
	if err := f.prepare(k, b, &f.scratch[0]); err != nil {
		f.running = false
		return nil, err
	}
	return b, nil
}

// Work is the time spent preparing batches since Start, summed over goroutines.
func (f *Feeder) Work() time.Duration {
	if f == nil {
		return 0
	}
	return time.Duration(f.work.Load())
}

// prepare fills b with batch k of the epoch.
func (f *Feeder) prepare(k int, b *Batch, s *scratch) error {
	begin := f.now()
	err := f.gather(k, b, s)
	f.work.Add(int64(f.now() - begin))
	if err != nil || f.layers == nil {
		return err
	}
	return f.make(k, b)
}

// gather fills b with what the data holds for batch k of the epoch.
func (f *Feeder) gather(k int, b *Batch, s *scratch) (err error) {
	first, last := f.bounds(k)
	b.Examples = last - first
	lost := f.set.Guard(func() {
		for i, c := range f.columns {
			if c.borrowed {
				f.borrow(b, i, first, last)
				continue
			}
			length := c.longest(f.order, first, last)
			f.slot(b, i, last-first, length)
			if err = c.fill(b.Slots[i].Bytes, f.order, first, last, length); err != nil {
				return
			}
			c.augment(b.Slots[i].Bytes, f.random(i), f.order, first, last, length, s)
		}
	})
	if lost != nil {
		return lost
	}
	return err
}

// slot sets the shape and size of slot i.
func (f *Feeder) slot(b *Batch, i, examples, length int) {
	c, s := f.columns[i], &b.Slots[i]
	s.Shape = c.shape(s.Shape[:0], examples, length)
	s.Bytes, s.Borrowed = f.rings[b.Ring][i][:c.size(examples, length)+c.room], false
}

// random seeds the random streams of column i in this epoch.
func (f *Feeder) random(i int) uint64 { return randomSeed(f.options.Seed, f.epoch, i) }

func randomSeed(seed, epoch uint64, column int) uint64 { return seed ^ epoch<<32 ^ uint64(column)<<56 }

func (f *Feeder) bounds(k int) (first, last int) {
	return k * f.options.Batch, min((k+1)*f.options.Batch, f.set.Examples())
}

// pcg is a random stream of its own for each pair of numbers, without an allocation.
func pcg(seed, stream uint64) rand.PCG {
	var p rand.PCG
	p.Seed(seed, stream)
	return p
}

// bounded is a random integer 0 ≤ v < n, by Lemire's multiplication
// (Fast Random Integer Generation in an Interval, 2019) without its rejection:
// the bias is below n/2^64.
func bounded(p *rand.PCG, n int) int {
	high, _ := bits.Mul64(p.Uint64(), uint64(n))
	return int(high)
}
