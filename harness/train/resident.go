package train

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/tfsession"
)

// ErrRoom: the data set does not fit in memory as a whole. It is a
// tfsession.ErrOOM too.
var ErrRoom = fmt.Errorf("%w: the data set cannot stay on the device", tfsession.ErrOOM)

// ErrExamples: synthetic examples do not fit in memory. It is a
// tfsession.ErrOOM too.
var ErrExamples = fmt.Errorf("%w: there is no room for so many synthetic examples", tfsession.ErrOOM)

// reserve is the share of free memory that is left to the training itself.
const reserve = 8

// CheckRoom returns ErrRoom where bytes of data do not fit in what is available,
// nil where that is not known.
func CheckRoom(bytes uint64, available func() (uint64, bool)) error {
	return room(ErrRoom, bytes, available)
}

// CheckExamples returns ErrExamples where so many synthetic examples of the graph
// do not fit in what is available, nil where that is not known.
func CheckExamples(m *graph.Manifest, samples int, available func() (uint64, bool)) error {
	bytes, err := SyntheticBytes(m, samples)
	if err != nil {
		return err
	}
	return room(ErrExamples, bytes/2, available) // they are not prepared as a whole
}

func room(kind error, bytes uint64, available func() (uint64, bool)) error {
	if available == nil {
		return nil
	}
	if free, ok := available(); ok && bytes > free-free/reserve {
		return fmt.Errorf("%w: it takes %s, and %s are free, of which training keeps an eighth",
			kind, humanize.IBytes(bytes), humanize.IBytes(free))
	}
	return nil
}

// SyntheticBytes is the memory that samples synthetic examples of a graph take
// at most while they are made resident: as they are generated, and prepared.
func SyntheticBytes(m *graph.Manifest, samples int) (uint64, error) {
	recipe, err := m.Generators()
	if err != nil {
		return 0, err
	}
	total := 0.0
	for _, t := range m.Gathered() {
		bytes := 2 * float64(samples) * float64(t.DType.Size())
		for _, d := range t.Shape[1:] {
			switch lengths := recipe[t.Name].Lengths; {
			case d != nil:
				bytes *= float64(*d)
			case len(lengths) == 2:
				bytes *= float64(lengths[1])
			}
		}
		total += bytes
	}
	return uint64(min(total, math.MaxInt64)), nil
}

// resident is training on data that stays on the device.
type resident struct {
	calls    *tfsession.Resident
	whole    feed.Whole
	steps    int // of an epoch
	examples int
	uploaded bool
}

// plan makes sure, before anything is loaded, that the data can become resident.
func (t *Trainer) plan(o Options) error {
	if err := t.manifest.Resident(); err != nil {
		return err
	}
	if o.Feed.Shuffle {
		return fmt.Errorf("%w: its order is fixed there: leave out --shuffle", graph.ErrResident)
	}
	// TensorFlow then runs the step in the loop without oneDNN's kernels: cnn takes
	// three times as long, which says nothing about feeding.
	if o.Session.Executor == tfsession.SingleThreaded {
		return fmt.Errorf("%w: the executor %s runs a loop in the graph with other, slower kernels: leave out --executor", graph.ErrResident, o.Session.Executor)
	}
	r := &resident{whole: t.feeder.Whole(), steps: t.feeder.Steps(), examples: t.feeder.Examples()}
	if r.examples > math.MaxInt32-t.batch {
		return fmt.Errorf("%w: the graph counts to %d examples, not to %d: lower --samples", dataset.ErrUnfit, math.MaxInt32-t.batch, r.examples)
	}
	t.resident = r
	return CheckRoom(r.bytes(), o.Available)
}

func (r *resident) bytes() uint64 {
	total := 0
	for _, n := range r.whole.Bytes {
		total += n
	}
	return uint64(total)
}

// openResident resolves what trains on resident data, once the session is open,
// and looks at the device's own memory.
func (t *Trainer) openResident(device string) error {
	var err error
	if t.resident.calls, err = t.session.Resident(); err != nil {
		return err
	}
	devices, err := t.session.Devices()
	if err != nil {
		return err
	}
	kind, _, _ := strings.Cut(strings.ToUpper(device), ":")
	for _, d := range devices {
		if d.Type != kind || kind == "CPU" || d.MemoryBytes <= 0 {
			continue
		}
		return CheckRoom(t.resident.bytes(), func() (uint64, bool) { return uint64(d.MemoryBytes), true })
	}
	return nil
}

// firstEpoch uploads the data and runs one epoch, because TensorFlow allocates,
// and XLA compiles, at the first; then it puts the variables back to the start.
func (t *Trainer) firstEpoch(stop func() bool) (First, error) {
	var out First
	var err error
	if out.Upload, err = t.upload(stop); err != nil {
		return out, err
	}
	if stop != nil && stop() {
		return out, epoch.ErrStopped
	}
	start := time.Now()
	if _, _, err := t.resident.calls.Epoch(t.batch); err != nil {
		return out, fmt.Errorf("the first epoch: %w", err)
	}
	out.Step = time.Since(start)
	out.Compile = out.Step
	return out, t.Reset()
}

// upload prepares the whole data set, takes it to the device, and lets go of
// what was read. The time it returns is that of the upload alone.
func (t *Trainer) upload(stop func() bool) (time.Duration, error) {
	if t.resident.uploaded {
		return 0, nil
	}
	data, err := t.session.NewData(t.resident.whole.Shapes)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrRoom, err)
	}
	defer data.Free()
	for k := range t.resident.steps {
		if stop != nil && stop() {
			return 0, epoch.ErrStopped
		}
		if err := t.feeder.Fill(t.resident.whole, data.Bytes(), k); err != nil {
			return 0, err
		}
	}
	if err := t.set.Unchanged(); err != nil {
		return 0, err
	}
	start := time.Now()
	err = t.resident.calls.Upload(data, t.resident.whole.Lengths)
	took := time.Since(start)
	if errors.Is(err, tfsession.ErrOOM) {
		return 0, fmt.Errorf("%w: %w", ErrRoom, err)
	}
	if err != nil {
		return 0, fmt.Errorf("uploading the data set: %w", err)
	}
	t.resident.uploaded = true
	t.feeder.Close()
	t.feeder, t.loop.Feeder, t.set, t.resident.whole = nil, nil, nil, feed.Whole{}
	debug.FreeOSMemory()
	return took, nil
}

// residentEpoch is one epoch in one call.
func (t *Trainer) residentEpoch(warmup bool, stop func() bool) (record.Epoch, error) {
	if _, err := t.upload(stop); err != nil {
		return record.Epoch{}, err
	}
	if stop != nil && stop() {
		return record.Epoch{}, epoch.ErrStopped
	}
	clock := t.loop.Clock
	start := clock.Now()
	loss, steps, err := t.resident.calls.Epoch(t.batch)
	took := (clock.Now() - start).Seconds()
	switch {
	case err != nil:
		return record.Epoch{}, fmt.Errorf("epoch %d: %w", t.next, err)
	case steps != t.resident.steps:
		return record.Epoch{}, fmt.Errorf("epoch %d: %w: the graph counted %d steps, not %d", t.next, tfsession.ErrStep, steps, t.resident.steps)
	case math.IsNaN(loss) || math.IsInf(loss, 0):
		return record.Epoch{}, fmt.Errorf("epoch %d: %w (%g)", t.next, epoch.ErrNonfinite, loss)
	}
	return record.Epoch{
		Index: t.next, Warmup: warmup, Start: start.Seconds(), Seconds: took, Step: took,
		Steps: steps, Samples: t.resident.examples, Loss: record.Number(loss),
	}, nil
}
