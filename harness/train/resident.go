package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"strings"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/tfsession"
	"epochtime/internal/capacity"
)

// resident is training on data that stays on the device.
type resident struct {
	calls    *tfsession.Resident
	whole    feed.Whole
	steps    int // of an epoch
	examples int
	uploaded bool
}

// plan checks, before anything is loaded, that the data can become resident.
func (t *Trainer) plan(o Options) error {
	if err := t.manifest.Resident(); err != nil {
		return err
	}
	if o.Feed.Shuffle {
		return fmt.Errorf("%w: its order is fixed there: do not shuffle", graph.ErrResident)
	}
	// TensorFlow then runs the step in the loop without oneDNN's kernels: cnn takes
	// three times as long, which says nothing about feeding.
	if o.Session.Executor == tfsession.SingleThreaded {
		return fmt.Errorf("%w: the executor %s runs a loop in the graph with other, slower kernels: use another", graph.ErrResident, o.Session.Executor)
	}
	r := &resident{whole: t.feeder.Whole(), steps: t.feeder.Steps(), examples: t.feeder.Examples()}
	if r.examples > math.MaxInt32-t.info.Batch {
		return fmt.Errorf("%w: the graph counts to %d examples, not to %d: use fewer", dataset.ErrUnfit, math.MaxInt32-t.info.Batch, r.examples)
	}
	t.resident = r
	return capacity.Check(ErrRoom, r.bytes(), o.Available)
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
	kind, _, _ := strings.Cut(strings.ToUpper(device), ":")
	for _, d := range t.info.Devices {
		if d.Type != kind || kind == "CPU" || d.MemoryBytes <= 0 {
			continue
		}
		return capacity.Check(ErrRoom, t.resident.bytes(), func() (uint64, bool) { return uint64(d.MemoryBytes), true })
	}
	return nil
}

// firstEpoch uploads the data and runs one epoch, because TensorFlow allocates,
// and XLA compiles, at the first; then it puts the variables back to the start.
func (t *Trainer) firstEpoch(ctx context.Context) (First, error) {
	var out First
	var err error
	if out.Upload, err = t.upload(ctx); err != nil {
		return out, err
	}
	if err := t.stopped(ctx); err != nil {
		return out, err
	}
	before, err := t.keep()
	if err != nil {
		return out, fmt.Errorf("the first epoch: %w", err)
	}
	start := time.Now()
	if _, _, err := t.resident.calls.Epoch(t.info.Batch); err != nil {
		return out, fmt.Errorf("the first epoch: %w", err)
	}
	out.Step = time.Since(start)
	out.Compile = out.Step
	return out, t.returnTo(before)
}

// upload prepares the whole data set, takes it to the device, and releases what was
// read. The time it returns is that of the upload alone.
func (t *Trainer) upload(ctx context.Context) (time.Duration, error) {
	if t.resident.uploaded {
		return 0, nil
	}
	data, err := t.session.NewData(t.resident.whole.Shapes)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrRoom, err)
	}
	defer data.Close() //nolint:errcheck // it has no error
	for k := range t.resident.steps {
		if err := t.stopped(ctx); err != nil {
			return 0, err
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
	t.feeder, t.set, t.resident.whole = nil, nil, feed.Whole{}
	debug.FreeOSMemory()
	return took, nil
}

// residentEpoch is one epoch in one call.
func (t *Trainer) residentEpoch(ctx context.Context, index int) (Epoch, error) {
	if _, err := t.upload(ctx); err != nil {
		return Epoch{}, err
	}
	if err := t.stopped(ctx); err != nil {
		return Epoch{}, err
	}
	start := t.clock.Now()
	loss, steps, err := t.resident.calls.Epoch(t.info.Batch)
	took := (t.clock.Now() - start).Seconds()
	switch {
	case err != nil:
		return Epoch{}, fmt.Errorf("epoch %d: %w", index, err)
	case steps != t.resident.steps:
		return Epoch{}, fmt.Errorf("epoch %d: %w: the graph counted %d steps, not %d", index, tfsession.ErrStep, steps, t.resident.steps)
	case math.IsNaN(loss) || math.IsInf(loss, 0):
		return Epoch{}, fmt.Errorf("epoch %d: %w (%g)", index, epoch.ErrNonfinite, loss)
	}
	return Epoch{
		Index: index, Start: start.Seconds(), Seconds: took, Step: took,
		Steps: steps, Samples: t.resident.examples, Loss: record.Number(loss),
	}, nil
}
