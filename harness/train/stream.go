package train

import (
	"context"
	"fmt"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
)

// stream is training on batches that are not held.
type stream struct {
	streamer *feed.Streamer
	source   *dataset.Stream
	options  feed.Options
	closing  context.Context // done once the trainer is closed
	end      func()
	release  func() // of the last pass's context; nil before it
	decoders map[feed.Images]decoder
}

// OpenStream is Open for a source of unknown length: an epoch is one pass over
// it, and ends when the sequence does. What the stream yields is a batch, or
// Feed.Batch examples of it are. Waiting for the source is waiting as for any
// batch. Feed.Prefetch batches are taken ahead, by one goroutine.
//
// A stream is neither shuffled nor resident: the first is dataset.ErrUnfit, the
// second graph.ErrResident. Whether a batch fits the graph is found when it comes; a
// graph of a fixed batch takes no shorter last one.
func OpenStream(m *graph.Manifest, source *dataset.Stream, o Options) (*Trainer, error) {
	if m == nil || source == nil {
		return nil, unfit("train.OpenStream: the graph or its stream is nil")
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Feed.Shuffle {
		return nil, unfit("train.OpenStream: a stream cannot be shuffled here: its function draws the order of each pass")
	}
	if o.Resident {
		return nil, fmt.Errorf("%w: it is a stream", graph.ErrResident)
	}
	if err := checkCompiled(m); err != nil {
		return nil, err
	}
	if fixed := m.Variant.Batch; fixed != nil && o.Feed.Batch == 0 {
		o.Feed.Batch = *fixed
	}
	if n := o.Feed.Batch; n != 0 {
		if _, err := m.BatchFor(n, n); err != nil {
			return nil, err
		}
		if err := m.CheckSplit(n); err != nil {
			return nil, err
		}
	}
	s := &stream{source: source, options: o.Feed, decoders: make(map[feed.Images]decoder)}
	s.closing, s.end = context.WithCancel(context.Background())
	t := &Trainer{manifest: m, stream: s, feeding: o.Feed, options: o, initial: o.InitialEpoch, clock: epoch.NewMonotonic(), info: Info{Batch: o.Feed.Batch, Prefetch: o.Feed.Prefetch}}
	t.next.Store(int64(o.InitialEpoch))
	return t.opened(o.Session)
}

// open makes what feeds the trainer, once its session is open.
func (s *stream) open(t *Trainer) error {
	rings := t.info.Prefetch + 1
	t.rings = make([]*tfsession.Buffers, rings)
	var err error
	if t.layers, err = resolveLayers(t.session, t.rings); err != nil {
		return err
	}
	sizes := make([][]int, rings)
	tools := feed.StreamTools{
		Buffers: func(ring int, want []int) ([][]byte, error) {
			if !holds(sizes[ring], want) {
				larger, err := t.session.NewBuffers(want)
				if err != nil {
					return nil, err
				}
				t.rings[ring].Close() //nolint:errcheck // it has no error
				t.rings[ring], sizes[ring] = larger, want
			}
			return t.rings[ring].Bytes(), nil
		},
		Decoder: func(in feed.Images) (feed.Decoder, error) {
			if d, ok := s.decoders[in]; ok {
				return d, nil
			}
			d, err := tfsession.NewImageDecoder(in.Height, in.Width, in.Channels, in.DType)
			if err != nil {
				return nil, err
			}
			t.decoders = append(t.decoders, d)
			s.decoders[in] = decoder{d}
			return s.decoders[in], nil
		},
	}
	if t.layers != nil {
		tools.Layers = t.layers
	}
	if s.streamer, err = feed.NewStreamer(s.source, t.manifest, s.options, tools, t.clock.Now); err != nil {
		return fmt.Errorf("%w: %w", dataset.ErrUnfit, err)
	}
	return nil
}

// holds reports whether buffers of these sizes hold a batch that wants others.
func holds(sizes, want []int) bool {
	if len(sizes) != len(want) {
		return false
	}
	for i := range want {
		if sizes[i] < want[i] {
			return false
		}
	}
	return true
}

// until returns a context for one pass, done with ctx or once the trainer is
// closed.
func (s *stream) until(ctx context.Context) context.Context {
	if s.release != nil {
		s.release()
	}
	both, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.closing, cancel)
	s.release = func() { stop(); cancel() }
	return both
}

// close ends the pass that runs, if any.
func (s *stream) close() {
	s.streamer.Close()
	if s.release != nil {
		s.release()
	}
}

// pass is an epoch.Feeder that ends with a context.
type pass struct {
	*feed.Streamer
	ctx context.Context
}

// Start implements epoch.Feeder.
func (p pass) Start(epoch int) { p.Streamer.Start(p.ctx, epoch) }

// streamEpoch is one pass over the stream.
func (t *Trainer) streamEpoch(ctx context.Context, index int) (Epoch, error) {
	loop := t.loop(pass{t.stream.streamer, t.stream.until(ctx)})
	e, err := loop.Epoch(ctx, index)
	if err != nil {
		t.stream.streamer.Close()
		if stopped := t.stopped(ctx); stopped != nil { // whatever the stream made of that
			return Epoch{}, fmt.Errorf("epoch %d: %w", index, stopped)
		}
		return Epoch{}, err
	}
	e.NewShapes = t.stream.streamer.NewShapes()
	return e, nil
}

// firstOfStream trains one step on the first batch of pass 0, and puts the
// variables back.
func (t *Trainer) firstOfStream(ctx context.Context) (First, error) {
	s := t.stream.streamer
	s.Start(t.stream.until(ctx), 0)
	defer s.Close()
	b, err := s.Next()
	if stopped := t.stopped(ctx); stopped != nil {
		err = stopped
	}
	if err != nil {
		return First{}, fmt.Errorf("the first steps: %w", err)
	}
	before, err := t.keep()
	if err != nil {
		return First{}, fmt.Errorf("the first steps: %w", err)
	}
	took, err := stepper{t}.first(b)
	if err != nil {
		return First{}, fmt.Errorf("the first steps: %w", err)
	}
	out := First{Step: took, Compile: took}
	ring := t.rings[b.Ring]
	s.Close() // before what is prepared ahead is dropped
	t.layers.drop()
	out.Kept = t.step.CheckKept(ring)
	return out, t.returnTo(before)
}
