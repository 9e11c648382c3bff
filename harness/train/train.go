// Package train trains an exported Keras model from Go and measures each epoch:
// it opens a graph on a data set, feeds it, and says how long each epoch took.
//
// A program opens a graph with graph.Find, makes or reads a dataset.Set, and
// passes both to Open. Trainer.FirstSteps then pays for what happens once, and
// Trainer.Epochs trains:
//
//	t, err := train.Open(m, set, train.Options{Feed: feed.Options{Batch: 32, Prefetch: 2}})
//	…
//	defer t.Close()
//	for e, err := range t.Epochs(ctx, 10) {
//		…
//		fmt.Println(e.Index, e.Loss, e.Duration())
//	}
//
// The methods of a Trainer may be called from any goroutine: they wait for each
// other. Close ends a running epoch before its next step. Afterwards every
// method returns ErrClosed.
//
// TensorFlow logs to stderr. Importing this package keeps it to errors, unless
// the variable TF_CPP_MIN_LOG_LEVEL is set: 0 shows all its lines, 1 warnings, 2
// errors.
package train

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/tfsession"
)

// Errors of this package. Test with errors.Is.
var (
	// ErrClosed: the trainer is closed. It is a tfsession.ErrClosed too.
	ErrClosed = fmt.Errorf("the trainer cannot be used: %w", tfsession.ErrClosed)
	// ErrRoom: with Options.Resident, the data set takes more memory than there is.
	// Open returns it where Options.Available or the device says how much is free;
	// FirstSteps, or else the first Epoch, where taking or uploading the data fails.
	// It is a tfsession.ErrOOM too.
	ErrRoom = fmt.Errorf("%w: the data set cannot stay on the device", tfsession.ErrOOM)
	// ErrCompiled: the graph is exported for XLA, and its batches would have many
	// shapes, for each of which XLA compiles it anew. Open returns it, as a
	// *LengthsError for sequences; Open and OpenStream return it if the graph's
	// preprocessing layers make tensors of any shape. It is a dataset.ErrUnfit too.
	ErrCompiled = fmt.Errorf("%w: XLA compiles the graph anew for each shape of its batches", dataset.ErrUnfit)
)

// LengthsError is the ErrCompiled that Open returns if the graph is exported for
// XLA and the sequences of one batch would be padded to another length than those of
// the next. Setting feed.Options.PadTo to Longest mends it.
type LengthsError struct {
	Graph   string
	Longest int // of the sequences: with this PadTo, all batches have one length
}

func (e *LengthsError) Error() string {
	if e == nil {
		return ErrCompiled.Error()
	}
	return fmt.Sprintf("%v: the batches of %s differ in length: pad them to a multiple, such as %d", ErrCompiled, e.Graph, e.Longest)
}

// Unwrap returns ErrCompiled.
func (e *LengthsError) Unwrap() error { return ErrCompiled }

// Epoch is one epoch: its loss, how long it took, and where the time went.
type Epoch = record.Epoch

// Options say how to feed a graph and where to run it. The zero Options train on
// all examples in one step, on the CPU.
type Options struct {
	Feed    feed.Options      // Feed.Batch 0 is all examples in one step
	Session tfsession.Options // Session.Device is cpu if it is empty; Session.Executor what fits the step

	// InitialEpoch is the number of the first epoch, as in Keras's fit. A shuffled
	// order and random preprocessing depend on it. To go on from saved weights, set
	// it to the Info.NextEpoch of the trainer that saved them.
	InitialEpoch int

	// Resident takes the data set to the device once, prepared as Feed says, and
	// trains each epoch in one call. There is no shuffling, no random
	// preprocessing, and no prefetching.
	Resident bool
	// Available returns the bytes of memory that a resident set, or the batches of
	// InMemory, may take. It is nil, or returns false, where that is not known.
	Available func() (bytes uint64, known bool)

	// LossAtEnd runs the steps of an epoch without reading their losses: each adds its
	// loss to a total on the device, which is read once, when the epoch ends. It takes a
	// graph whose Totals is nil. TensorFlow still waits for a device at the end of each
	// step, unless the variable TF_SYNC_ON_FINISH is 0 before Open.
	LossAtEnd bool

	// InMemory draws the batches of one pass of the graph's own pipeline when the
	// trainer is opened, and trains each epoch on them: without what the pipeline costs.
	InMemory bool
	// TrainOnly leaves out the validation that a script's graph has after an epoch.
	TrainOnly bool
}

// check returns an error for a value that no graph and no data allow.
func (o Options) check() error {
	if o.InitialEpoch < 0 {
		return unfit("train.Options: InitialEpoch is %d: set a number from 0 on", o.InitialEpoch)
	}
	if o.LossAtEnd && o.Resident {
		return fmt.Errorf("%w: Resident trains an epoch in one call, and reads its loss once: leave LossAtEnd out", graph.ErrTotal)
	}
	if err := o.Feed.Check(); err != nil {
		return err
	}
	return o.Session.Check()
}

// unfit formats an error that is a dataset.ErrUnfit.
func unfit(format string, args ...any) error {
	return dataset.Mark(fmt.Errorf(format, args...), dataset.ErrUnfit)
}

// Trainer is a graph with its variables, ready to train.
type Trainer struct {
	mu     sync.Mutex  // of every field below, and of TensorFlow's session
	closed atomic.Bool // a running epoch looks at it before each step

	manifest *graph.Manifest
	set      *dataset.Set
	session  *tfsession.Session // nil before open and after Close
	step     *tfsession.Step
	total    *tfsession.Total // nil: each step returns its loss
	rings    []*tfsession.Buffers
	layers   *layers // nil where the graph has no preprocess signature
	decoders []*tfsession.ImageDecoder
	feeder   *feed.Feeder
	stream   *stream      // nil trains on a set
	resident *resident    // nil trains on batches
	pipeline *source      // of the graph's own; nil trains on what it is given
	options  Options      // as OpenPipeline and Open were told
	feeding  feed.Options // as Open was told, resolved
	clock    epoch.Monotonic
	next     atomic.Int64     // number of the next epoch; Info reads it while an epoch runs
	initial  int              // of the first
	loaded   []graph.Variable // what LoadWeights gave values since the last reset
	begun    int              // epochs that the feeder was started for
	returned time.Duration    // that returning to the start took, after the first steps

	metrics    *tfsession.Metrics // of training; nil: none is reported
	validation *validation        // nil: an epoch is training alone
	pins       runtime.Pinner     // data that steps read in place
	info       Info
}

// Info says what a trainer uses where Options leave it open, and how far it is.
type Info struct {
	Batch    int           // examples per step, of which the last of an epoch may have fewer; 0: as a stream brings them
	Examples int           // per epoch; 0: a stream does not tell
	Steps    int           // per epoch; 0: a stream does not tell
	Prefetch int           // batches prepared ahead; 0 where that cannot pay
	Executor string        // of package record
	Load     time.Duration // that loading the graph took
	Draw     time.Duration // that drawing the batches of Options.InMemory took
	Devices  []tfsession.Device

	// NextEpoch is the number of the next epoch: Options.InitialEpoch, and one more
	// for each epoch begun since, also one that was cancelled, failed or left. A
	// program that saves the weights now goes on from them with this as its
	// InitialEpoch.
	NextEpoch int
}

// Open loads the graph m and makes it ready to train on set, with the variables
// at their start. It checks first that set fits: errors are those of dataset,
// graph.ErrBatch, graph.ErrResident, ErrCompiled and ErrRoom. Then it loads:
// errors are those of tfsession. The set stays the caller's, who closes it after
// the trainer.
//
// What fits is told by dataset.Set.Fit: other columns are ignored, 28×28×1 feeds
// 28×28, targets of shape 1 feed scalars, and float64 feeds float32 and int64 feeds
// int32 by conversion. A batch larger than the set is one of all its examples, unless
// the graph is exported for one batch size; Info says what was used.
func Open(m *graph.Manifest, set *dataset.Set, o Options) (*Trainer, error) {
	if m == nil || set == nil {
		return nil, unfit("train.Open: the graph or its data is nil")
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := set.Fit(m); err != nil {
		return nil, err
	}
	var err error
	asked := cmp.Or(o.Feed.Batch, set.Examples())
	if o.Feed.Batch, err = m.BatchFor(o.Feed.Batch, set.Examples()); err != nil {
		return nil, err
	}
	if err := m.CheckSplit(asked); err != nil {
		return nil, err
	}
	if o.Resident {
		o.Feed.Prefetch = 0
	}
	t := &Trainer{manifest: m, set: set, feeding: o.Feed, options: o, initial: o.InitialEpoch, clock: epoch.NewMonotonic()}
	t.next.Store(int64(o.InitialEpoch))
	if t.feeder, err = feed.New(set, m, o.Feed, t.clock.Now); err != nil {
		return nil, fmt.Errorf("%w: %w", dataset.ErrUnfit, err)
	}
	t.info = Info{Batch: o.Feed.Batch, Examples: t.feeder.Examples(), Steps: t.feeder.Steps(), Prefetch: t.feeder.Prefetch()}
	if m.Variant.Compiled() && t.feeder.Varies() {
		return nil, &LengthsError{Graph: m.Name, Longest: t.feeder.Longest()}
	}
	if err := checkCompiled(m); err != nil {
		return nil, err
	}
	if o.Resident {
		if err := t.plan(o); err != nil {
			return nil, err
		}
	}
	return t.opened(o.Session)
}

// opened returns t once it is open, or closes it.
func (t *Trainer) opened(o tfsession.Options) (*Trainer, error) {
	if err := t.open(o); err != nil {
		t.Close() //nolint:errcheck // why it was not opened matters more
		return nil, err
	}
	runtime.SetFinalizer(t, (*Trainer).Close) // a pinner that is not unpinned ends the program
	return t, nil
}

func (t *Trainer) open(o tfsession.Options) error {
	start := time.Now()
	var err error
	if o.Device == "" {
		o.Device = "cpu"
	}
	if o.Executor == "" {
		o.Executor = record.ThreadPool
		if o.Device == "cpu" && t.manifest.StepIsSmall(t.info.Batch) {
			o.Executor = record.CallerThread
		}
	}
	t.info.Executor = o.Executor
	if t.session, err = tfsession.Open(t.manifest, o); err != nil {
		return err
	}
	if err := t.openStep(); err != nil {
		return err
	}
	t.info.Load = time.Since(start)
	if t.info.Devices, err = t.session.Devices(); err != nil {
		return err
	}
	if err := t.openMetrics(); err != nil {
		return err
	}
	switch {
	case t.pipeline != nil:
		return t.openPipeline()
	case t.stream != nil:
		return t.stream.open(t)
	case t.resident != nil:
		if err := t.equip(); err != nil {
			return err
		}
		return t.openResident(o.Device)
	}
	sizes := t.feeder.BufferBytes()
	var rings [][][]byte
	for range t.feeder.Rings() {
		ring, err := t.session.NewBuffers(sizes)
		if err != nil {
			return err
		}
		t.rings, rings = append(t.rings, ring), append(rings, ring.Bytes())
	}
	if err := t.equip(); err != nil {
		return err
	}
	return t.feeder.Use(rings)
}

// enter locks the trainer, or returns ErrClosed.
func (t *Trainer) enter() error {
	if t == nil {
		return ErrClosed
	}
	t.mu.Lock()
	if t.session == nil || t.closed.Load() {
		t.mu.Unlock()
		return ErrClosed
	}
	return nil
}

// Close ends a running epoch before its next step, waits for it, and frees
// session, buffers and goroutines. A second Close does nothing.
func (t *Trainer) Close() error {
	if t == nil {
		return nil
	}
	t.closed.Store(true)
	if t.stream != nil {
		t.stream.end()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.feeder != nil {
		t.feeder.Close()
	}
	if t.stream != nil {
		t.stream.close()
	}
	var err error
	for _, d := range t.decoders {
		err = errors.Join(err, d.Close())
	}
	err = errors.Join(err, t.session.Close(), t.pipeline.close())
	if t.validation != nil {
		err = errors.Join(err, t.validation.source.close())
	}
	t.pins.Unpin()
	t.session, t.set, t.feeder, t.decoders = nil, nil, nil, nil
	runtime.SetFinalizer(t, nil)
	return err
}

// Info says how Open resolved the options, and which epoch is next. It does not
// wait for a running epoch, and may be called after Close.
func (t *Trainer) Info() Info {
	if t == nil {
		return Info{}
	}
	info := t.info
	info.NextEpoch = int(t.next.Load())
	return info
}

// Reset puts variables, optimizer slots and random state back to the start, and the
// graph's own pipelines with their caches. Epochs are numbered from Options.InitialEpoch again.
func (t *Trainer) Reset() error {
	if err := t.enter(); err != nil {
		return err
	}
	defer t.mu.Unlock()
	return t.reset()
}

func (t *Trainer) reset() error {
	t.next.Store(int64(t.initial))
	t.loaded = nil
	err := errors.Join(t.session.Reset(), t.pipeline.again())
	if t.validation != nil {
		err = errors.Join(err, t.validation.source.again())
	}
	return err
}

// stepper trains on the batches of one trainer, which is locked. It implements
// epoch.Stepper.
type stepper struct{ *Trainer }

// Step trains on one batch and returns its loss, 0 where that stays on the device.
func (s stepper) Step(b *feed.Batch) (float64, error) {
	if s.closed.Load() {
		return 0, ErrClosed
	}
	for i := range b.Slots { // none of a pipeline's batch, which the step has been told to take
		var err error
		if slot := &b.Slots[i]; slot.Borrowed {
			err = s.step.Over(i, slot.Bytes, slot.Shape)
		} else {
			err = s.step.Shape(s.rings[b.Ring], i, slot.Shape)
		}
		if err != nil {
			return 0, err
		}
	}
	if s.layers != nil {
		s.step.Made(s.layers.makers[b.Ring])
	}
	return s.step.Run()
}
