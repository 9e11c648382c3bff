package feed

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// StreamTools are what a Streamer needs beside itself.
type StreamTools struct {
	// Buffers returns the buffers of a ring, one for each slot and each at least as
	// large as its size. What it returned for the ring before may be reused.
	Buffers func(ring int, sizes []int) ([][]byte, error)
	// Decoder returns what decodes an input's image files; it may be nil if no
	// stream holds any.
	Decoder func(Images) (Decoder, error)
	// Layers run the graph's preprocess signature; nil where it has none. One
	// goroutine calls them, in the order of the batches.
	Layers Layers
}

// Streamer prepares the batches of a stream, one pass after the other, as Feeder
// prepares those of a Set. What the stream yields is a batch; Options.Batch makes
// batches of another size of it. It is used from one goroutine.
type Streamer struct {
	stream   *dataset.Stream
	manifest *graph.Manifest
	options  Options
	tools    StreamTools
	now      func() time.Duration

	batches []Batch // one for each ring of buffers
	scratch scratch
	seen    map[string]bool // shapes of batches
	fresh   int             // shapes that this pass met first
	work    atomic.Int64    // nanoseconds of preparing since Start

	next func() (*Batch, error, bool) // nil while no pass runs
	end  func()                       // ends the pass
}

// NewStreamer makes a feeder of the batches of stream for the graph m. now is a
// monotonic clock. A stream cannot be shuffled. Errors are those of Options.Check and
// others for options that do not suit a stream.
func NewStreamer(stream *dataset.Stream, m *graph.Manifest, o Options, tools StreamTools, now func() time.Duration) (*Streamer, error) {
	if stream == nil || m == nil || now == nil || tools.Buffers == nil {
		return nil, errors.New("feed.NewStreamer: the stream, its graph, clock or buffers are nil")
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Shuffle {
		return nil, errors.New("feed: a stream cannot be shuffled here: its function draws the order of each pass")
	}
	if _, layered := m.Signatures[graph.Preprocessing]; layered != (tools.Layers != nil) {
		return nil, errLayers
	}
	if o.Batch > 0 {
		var err error
		if stream, err = stream.Batched(o.Batch); err != nil {
			return nil, err
		}
	}
	o.PadTo = max(o.PadTo, 1)
	s := &Streamer{stream: stream, manifest: m, options: o, tools: tools, now: now, seen: make(map[string]bool)}
	for ring := range s.Rings() {
		s.batches = append(s.batches, Batch{Ring: ring, Slots: make([]Slot, len(m.Gathered()))})
	}
	return s, nil
}

// Rings is how many rings of buffers the streamer fills in turn.
func (s *Streamer) Rings() int {
	if s == nil {
		return 0
	}
	return s.options.Prefetch + 1
}

// Start begins a pass. Next fails once ctx is done.
func (s *Streamer) Start(ctx context.Context, epoch int) {
	if s == nil || s.stream == nil || ctx == nil {
		return
	}
	s.Close()
	s.work.Store(0)
	s.fresh = 0
	ctx, cancel := context.WithCancel(ctx)
	if s.options.Prefetch == 0 {
		next, stop := iter.Pull2(s.pass(ctx, epoch, func() int { return 0 }))
		s.next, s.end = next, func() { cancel(); stop() }
		return
	}
	a := s.startAhead(ctx, epoch)
	s.next, s.end = a.next, func() { cancel(); a.wait() }
}

// Next returns the pass's next batch, valid until the next call; nil says that
// the pass is over. Errors are ErrNoEpoch, those of the stream, dataset.ErrUnfit
// for a batch that does not fit the graph, and those of the tools.
func (s *Streamer) Next() (*Batch, error) {
	if s == nil || s.next == nil {
		return nil, ErrNoEpoch
	}
	b, err, more := s.next()
	if err != nil || !more {
		s.Close()
		return nil, err
	}
	if key := shapeKey(b); !s.seen[key] {
		s.seen[key] = true
		s.fresh++
	}
	return b, nil
}

// Close ends the pass, and waits until nothing is prepared any more. The stream's
// function ends with it, at the latest when it yields.
func (s *Streamer) Close() {
	if s != nil && s.next != nil {
		s.next = nil
		s.end()
	}
}

// Work is the time spent preparing batches since Start, without waiting for the
// stream.
func (s *Streamer) Work() time.Duration {
	if s == nil {
		return 0
	}
	return time.Duration(s.work.Load())
}

// NewShapes is how many of the batch shapes since Start no pass had met before.
func (s *Streamer) NewShapes() int {
	if s == nil {
		return 0
	}
	return s.fresh
}

// pass yields the batches of a pass, each in the ring that the function gives, a
// negative number to stop.
func (s *Streamer) pass(ctx context.Context, epoch int, ring func() int) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		s.scratch.skip = 0
		for set, err := range s.stream.Batches(ctx, epoch) {
			if err != nil {
				yield(nil, err)
				return
			}
			r := ring()
			if r < 0 {
				return
			}
			b := &s.batches[r]
			begin := s.now()
			err = s.prepare(set, b, uint64(epoch))
			s.work.Add(int64(s.now() - begin))
			if !yield(b, err) || err != nil {
				return
			}
			s.scratch.skip += b.Examples
		}
	}
}

// prepare makes a batch of a set of examples.
func (s *Streamer) prepare(set *dataset.Set, b *Batch, epoch uint64) error {
	if err := set.Fit(s.manifest); err != nil {
		return err
	}
	n := set.Examples()
	if _, err := s.manifest.BatchFor(n, n); err != nil {
		return err
	}
	columns, err := s.columns(set)
	if err != nil {
		return err
	}
	sizes, lengths := make([]int, len(columns)), make([]int, len(columns))
	for i, c := range columns {
		lengths[i] = c.longest(nil, 0, n)
		sizes[i] = c.size(n, lengths[i]) + c.room
	}
	buffers, err := s.tools.Buffers(b.Ring, sizes)
	if err != nil {
		return err
	}
	b.Examples = n
	var failed error
	lost := set.Guard(func() {
		for i, c := range columns {
			b.Slots[i] = Slot{Bytes: buffers[i][:sizes[i]], Shape: c.shape(b.Slots[i].Shape[:0], n, lengths[i])}
			if failed = c.fill(b.Slots[i].Bytes, nil, 0, n, lengths[i]); failed != nil {
				return
			}
			c.augment(b.Slots[i].Bytes, randomSeed(s.options.Seed, epoch, i), nil, 0, n, lengths[i], &s.scratch)
		}
	})
	if err := errors.Join(lost, failed); err != nil {
		return err
	}
	if s.tools.Layers != nil {
		return s.tools.Layers.Make(b)
	}
	return nil
}

// columns are what turns the set into slots.
func (s *Streamer) columns(set *dataset.Set) ([]*column, error) {
	var out []*column
	padded := s.options.PadTo == 1
	for _, t := range s.manifest.Gathered() {
		c, err := newColumn(set.Column(t.Name), t, s.manifest.Preprocess, s.options.PadTo)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", dataset.ErrUnfit, err)
		}
		if c.data.Images() {
			if s.tools.Decoder == nil {
				return nil, errNoDecoder(t.Name)
			}
			if c.decoder, err = s.tools.Decoder(c.images()); err != nil {
				return nil, err
			}
		}
		if t.DType == graph.String {
			c.room = c.textRoom(set.Examples(), set.Examples(), false)
		}
		padded = padded || c.free()
		out = append(out, c)
	}
	if !padded {
		return nil, fmt.Errorf("%w: %w", dataset.ErrUnfit, errNothingPadded(s.options.PadTo))
	}
	return out, nil
}

// shapeKey tells shapes of batches apart.
func shapeKey(b *Batch) string {
	var key []byte
	for _, s := range b.Slots {
		key = fmt.Appendf(key, "%v", s.Shape)
	}
	return string(key)
}

// streamAhead is one goroutine that prepares the batches of one pass.
type streamAhead struct {
	ready  chan prepared
	free   chan int // rings
	held   int      // the ring that the loop has; -1 for none
	failed any      // what the goroutine panicked with
}

type prepared struct {
	batch *Batch
	err   error
}

func (s *Streamer) startAhead(ctx context.Context, epoch int) *streamAhead {
	a := &streamAhead{ready: make(chan prepared, s.Rings()), free: make(chan int, s.Rings()), held: -1}
	for ring := range s.Rings() {
		a.free <- ring
	}
	ring := func() int {
		select {
		case r := <-a.free:
			return r
		case <-ctx.Done():
			return -1
		}
	}
	go func() {
		defer close(a.ready)
		defer func() { a.failed = recover() }()
		for b, err := range s.pass(ctx, epoch, ring) {
			a.ready <- prepared{b, err} // there is room for every ring and one error
		}
		if err := ctx.Err(); err != nil {
			a.ready <- prepared{nil, err}
		}
	}()
	return a
}

// next returns the next batch and frees the ring of the batch before it.
func (a *streamAhead) next() (*Batch, error, bool) {
	if a.held >= 0 {
		a.free <- a.held
		a.held = -1
	}
	p, ok := <-a.ready
	if !ok {
		if a.failed != nil {
			panic(a.failed)
		}
		return nil, nil, false
	}
	if p.batch != nil {
		a.held = p.batch.Ring
	}
	return p.batch, p.err, true
}

// wait drains what was prepared until the goroutine has ended.
func (a *streamAhead) wait() {
	for range a.ready {
	}
}
