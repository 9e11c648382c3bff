package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
	"epochtime/internal/capacity"
	"epochtime/internal/mapfile"
)

// ErrHeld: with Options.InMemory, the batches of a pass take more memory than there is.
// It is a tfsession.ErrOOM too.
var ErrHeld = fmt.Errorf("%w: the batches of the pipeline cannot stay in memory", tfsession.ErrOOM)

// OpenPipeline is Open for a graph with a tf.data pipeline of its own, as a script's
// fit has been given. Its batches are drawn inside the epoch, when Keras draws them,
// by the pipeline's own threads; to wait for one is waiting as for any batch.
//
// Options.Feed stays zero but for nothing: a pipeline has its own batches and order. A
// graph without a pipeline is graph.ErrNoPipeline. Files that the pipeline reads and
// that are gone or have changed are graph.ErrData. Other errors are those of Open, and
// tfsession.ErrPipeline.
func OpenPipeline(m *graph.Manifest, o Options) (*Trainer, error) {
	if m == nil || m.Pipeline == nil {
		return nil, fmt.Errorf("train.OpenPipeline: %w", graph.ErrNoPipeline)
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Resident {
		return nil, fmt.Errorf("%w: it is a pipeline", graph.ErrResident)
	}
	if o.Feed != (feed.Options{}) {
		return nil, unfit("train.OpenPipeline: the pipeline of %s has batches and an order of its own: leave Feed zero", m.Name)
	}
	if err := m.VerifyFiles(); err != nil {
		return nil, err
	}
	t := &Trainer{manifest: m, pipeline: newSource(m.Pipeline), options: o, initial: o.InitialEpoch, clock: epoch.NewMonotonic()}
	if m.Settings.Batch != nil {
		t.info.Batch = *m.Settings.Batch
	}
	if m.Regular() {
		t.info.Examples, t.info.Steps = m.Pipeline.Batches.Examples, m.Pipeline.Batches.Steps
	}
	t.next.Store(int64(o.InitialEpoch))
	return t.opened(o.Session)
}

// source draws the batches of one of the graph's pipelines, epoch by epoch, as Keras
// does. It is an epoch.Feeder.
type source struct {
	of     *graph.Pipeline
	calls  *tfsession.Pipeline
	length int // batches of a pass, where it is known; 0 is until it ends
	arrays []byte

	batch   feed.Batch
	taken   int  // batches of this epoch
	passed  int  // of this pass
	over    bool // the next epoch begins a pass
	started bool // a pass has begun since the pipeline was made
	fresh   int  // shapes that this epoch has met first
	err     error
}

func newSource(of *graph.Pipeline) *source { return &source{of: of, length: of.Length, over: true} }

// open resolves the pipeline, whose batches the signature with the key takes, and makes
// it.
func (s *source) open(t *Trainer, key string) error {
	path := t.manifest.ArraysPath(s.of)
	if path != "" {
		var err error
		if s.arrays, err = mapfile.Open(path); err != nil {
			return fmt.Errorf("%w: %w", graph.ErrDamaged, err)
		}
	}
	var arrays [][]byte
	for _, a := range s.of.Arrays {
		if a.Offset+a.Bytes > int64(len(s.arrays)) {
			return fmt.Errorf("%w: %s ends before its array %q: export %s again", graph.ErrDamaged, path, a.Name, t.manifest.Name)
		}
		arrays = append(arrays, s.arrays[a.Offset:a.Offset+a.Bytes])
	}
	var err error
	if s.calls, err = t.session.Pipeline(s.of, key, arrays); err != nil {
		return err
	}
	return s.calls.Make()
}

// close gives the arrays back, once the session is closed.
func (s *source) close() error {
	if s == nil {
		return nil
	}
	arrays := s.arrays
	s.arrays = nil
	return mapfile.Close(arrays)
}

// again makes the pipeline as it is at the start of a process: what it has cached, and
// its random numbers.
func (s *source) again() error {
	if s == nil || !s.started || s.calls == nil {
		return nil
	}
	s.over, s.started = true, false
	// A pass that has not been drawn from takes the place of the one that runs, so that
	// nothing runs ahead any more. To begin it uses up random numbers.
	return errors.Join(s.calls.Make(), s.calls.Rewind(), s.calls.Make())
}

// Start implements epoch.Feeder.
func (s *source) Start(int) {
	s.taken, s.fresh, s.err = 0, 0, nil
	if s.of.Steps == 0 || s.over {
		s.begin()
	}
}

func (s *source) begin() {
	s.passed, s.over, s.started = 0, false, true
	s.err = s.calls.Rewind()
}

// Next implements epoch.Feeder.
func (s *source) Next() (*feed.Batch, error) {
	switch {
	case s.err != nil:
		return nil, s.err
	case s.length > 0 && s.passed >= s.length:
		s.over = true
		return nil, nil
	case s.of.Steps > 0 && s.taken >= s.of.Steps:
		return nil, nil
	}
	examples, fresh, err := s.calls.Next()
	if err != nil {
		return s.ended(err)
	}
	s.taken++
	s.passed++
	if fresh {
		s.fresh++
	}
	s.batch.Examples = examples
	return &s.batch, nil
}

// ended ends the epoch where the pass has. A pass that was over when the epoch before
// had all of its steps is followed by a new one, where Keras trains an epoch of no
// steps.
func (s *source) ended(err error) (*feed.Batch, error) {
	s.over = true
	if err != io.EOF {
		return nil, err
	}
	if s.taken == 0 && s.passed > 0 {
		s.begin()
		return s.Next()
	}
	return nil, nil
}

// Work implements epoch.Feeder. What a pipeline's threads do is not known.
func (s *source) Work() time.Duration { return 0 }

// openPipeline makes the pipeline of training, and draws its batches where they are to
// stay in memory.
func (t *Trainer) openPipeline() error {
	if err := t.pipeline.open(t, t.manifest.Signatures[graph.Train].Key); err != nil {
		return err
	}
	if err := t.step.Take(t.pipeline.calls); err != nil {
		return err
	}
	if !t.options.InMemory {
		return nil
	}
	start := time.Now()
	err := t.pipeline.hold(t)
	t.info.Draw = time.Since(start)
	return err
}

// hold draws the batches of a pass, or of an epoch where the pass may have no end, and
// keeps them.
func (s *source) hold(t *Trainer) error {
	expected := s.of.Batches.Steps
	s.begin()
	for n := 0; s.err == nil; n++ {
		if s.of.Steps > 0 && s.of.Length == 0 && n == s.of.Steps {
			break
		}
		_, _, err := s.calls.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		left := uint64(max(1, expected-n)) * uint64(s.calls.Bytes())
		if err := capacity.Check(ErrHeld, left, t.options.Available); err != nil {
			return err
		}
		s.calls.Hold()
		s.passed++
	}
	if s.err != nil {
		return s.err
	}
	if s.passed == 0 {
		return errNoBatches(t.manifest.Name, "pipeline")
	}
	s.length, s.over = s.passed, true
	return s.calls.Replay()
}

func errNoBatches(name, which string) error {
	return fmt.Errorf("%w: the %s of %s has no batches: mend it in the script", epoch.ErrEmpty, which, name)
}

// pipelineEpoch is one epoch of the graph's own pipeline.
func (t *Trainer) pipelineEpoch(ctx context.Context, index int) (Epoch, error) {
	e, err := t.loop(t.pipeline).Epoch(ctx, index)
	switch {
	case errors.Is(err, epoch.ErrEmpty):
		return Epoch{}, fmt.Errorf("epoch %d: %w", index, errNoBatches(t.manifest.Name, "pipeline"))
	case err != nil:
		return Epoch{}, err
	case t.info.Steps > 0 && (e.Steps != t.info.Steps || e.Samples != t.info.Examples):
		return Epoch{}, fmt.Errorf("epoch %d: %w: it has %d batches of %d examples together, and had %d of %d when %s was exported: export it again",
			index, tfsession.ErrPipeline, e.Steps, e.Samples, t.info.Steps, t.info.Examples, t.manifest.Name)
	}
	e.NewShapes = t.pipeline.fresh
	return e, nil
}

// firstOfPipeline trains one step for each distinct shape of the batches that were
// drawn at the export, on the first batch, which is filled into the other shapes. Then
// it puts variables and pipeline back to the start.
func (t *Trainer) firstOfPipeline(ctx context.Context) (First, error) {
	before, err := t.keep()
	if err != nil {
		return First{}, err
	}
	var out First
	err = t.pipeline.eachShape(t.manifest.Name, "pipeline", func() error {
		took, err := t.timedStep(ctx)
		if out.Compile == 0 {
			out.Step = took
		}
		out.Compile += took
		return err
	})
	if err != nil {
		return First{}, err
	}
	return out, t.returnTo(before)
}

// eachShape calls do for a first batch, and for that batch filled into each other shape
// that was drawn at the export. name and which say whose pipeline has no batch.
func (s *source) eachShape(name, which string, do func() error) error {
	s.Start(0)
	b, err := s.Next()
	if err == nil && b == nil {
		err = errNoBatches(name, which)
	}
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	first := s.calls.Shapes()
	for _, shape := range s.of.Batches.Shapes {
		if maps.EqualFunc(first, shape.Components, slices.Equal[[]int64]) {
			continue
		}
		if err := s.calls.Fill(shape.Components); err != nil {
			return err
		}
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// timedStep trains a step on the batch that was drawn.
func (t *Trainer) timedStep(ctx context.Context) (time.Duration, error) {
	if err := t.stopped(ctx); err != nil {
		return 0, err
	}
	return stepper{t}.first(new(feed.Batch)) // the step has been told to take the pipeline's
}
