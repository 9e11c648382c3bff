package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/tfsession"
)

// joined is a session, a feeder and a clock, ready to step.
type joined struct {
	manifest *graph.Manifest
	session  *tfsession.Session
	step     *tfsession.Step
	rings    []*tfsession.Buffers
	feeder   *feed.Feeder
	clock    epoch.Monotonic
}

// open reads the graph that the job names, and its data by way of read, and
// makes them ready to step. options says how to feed it; batch 0 is all examples.
func (w *worker) open(read func(*graph.Manifest) (*dataset.Set, error), options func(*graph.Manifest) feed.Options) (*joined, error) {
	m, err := graph.Open(w.job.Graph)
	if err != nil {
		return nil, err
	}
	if w.job.SHA256 != "" && m.SHA256 != w.job.SHA256 {
		return nil, fmt.Errorf("%w: %s is not the graph that was asked for (sha256 %.12s…, not %.12s…)", graph.ErrDamaged, m.Dir, m.SHA256, w.job.SHA256)
	}
	set, err := read(m)
	if err != nil {
		return nil, err
	}
	if err := set.Fit(m); err != nil {
		return nil, err
	}
	o := options(m)
	if o.Batch, err = m.BatchFor(o.Batch, set.Examples); err != nil {
		return nil, err
	}
	l := &joined{manifest: m, clock: epoch.NewMonotonic()}
	if l.feeder, err = feed.New(set, m, o, l.clock.Now); err != nil {
		return nil, fmt.Errorf("%w: %w", dataset.ErrUnfit, err)
	}
	if m.Variant.JIT && l.feeder.Varies() {
		return nil, fmt.Errorf("%w: %s is compiled by XLA, anew for each length that a batch is padded to: give --pad-to, such as --pad-to %d",
			dataset.ErrUnfit, m.Name, l.feeder.Longest())
	}
	return l, w.load(l, o.Batch)
}

// load opens the session and reports how long that took.
func (w *worker) load(l *joined, batch int) error {
	c := w.job.Config
	start := time.Now()
	var err error
	l.session, err = tfsession.Open(l.manifest, tfsession.Options{
		Device: c.Device, IntraOp: c.IntraOp, InterOp: c.InterOp, Executor: c.Executor,
	})
	if err != nil {
		return err
	}
	if l.step, err = l.session.Train(); err != nil {
		return err
	}
	seconds := time.Since(start).Seconds()
	var bytes [][][]byte
	for range l.feeder.Rings() {
		ring, err := l.session.NewBuffers(l.feeder.BufferBytes())
		if err != nil {
			return err
		}
		l.rings, bytes = append(l.rings, ring), append(bytes, ring.Bytes())
	}
	if err := l.feeder.Use(bytes); err != nil {
		return err
	}
	devices, err := l.session.Devices()
	if err != nil {
		return err
	}
	return w.events.Send(protocol.Event{Event: protocol.EventLoaded, Loaded: &protocol.Loaded{
		Seconds: seconds,
		Devices: deviceRecords(devices),
		Resolved: record.Resolved{
			Device:   c.Device,
			Batch:    batch,
			Samples:  l.feeder.Examples(),
			Steps:    l.feeder.Steps(),
			Prefetch: l.feeder.Prefetch(),
			IntraOp:  threads(c.IntraOp),
			InterOp:  threads(c.InterOp),
			JIT:      l.manifest.Variant.JIT,
			Env:      steering(os.Environ()),
		},
	}})
}

// Step feeds one batch to the graph and trains on it.
func (l *joined) Step(b *feed.Batch) (float64, error) {
	for i := range b.Slots {
		if err := l.step.Shape(l.rings[b.Ring], i, b.Slots[i].Shape); err != nil {
			return 0, err
		}
	}
	return l.step.Run()
}

// readData reads what the job says, otherwise the graph's default data, and
// adds the job's preprocessing to the graph's.
func (w *worker) readData(m *graph.Manifest) (*dataset.Set, error) {
	c := w.job.Config
	var steps []graph.Preprocess
	for _, text := range c.Preprocess {
		p, err := graph.ParsePreprocess(text)
		if err != nil {
			return nil, fmt.Errorf("%w: preprocessing: %w", dataset.ErrUnfit, err)
		}
		steps = append(steps, p)
	}
	if err := m.Add(steps); err != nil {
		return nil, fmt.Errorf("%w: preprocessing of %s: %w", dataset.ErrUnfit, m.Name, err)
	}
	var set *dataset.Set
	var err error
	switch {
	case len(c.Data) > 0:
		set, err = dataset.Read(c.Data, m.ArrayNames())
	case m.Data.Kind == "file":
		set, err = dataset.Read([]string{m.DataPath()}, m.ArrayNames())
	default:
		n := c.Samples
		if n == 0 {
			n = m.Settings.Samples
		}
		return dataset.Synthetic(m, n, c.Seed)
	}
	if err != nil {
		return nil, err
	}
	return set, set.Take(c.Samples)
}

// firstSteps runs one untimed step for each distinct batch shape, because XLA
// compiles once a shape, and puts the variables back to the start.
func (l *joined) firstSteps(stop func() bool) (*protocol.FirstStep, error) {
	out := &protocol.FirstStep{}
	for i, shape := range l.feeder.Shapes() {
		if stop() {
			return nil, epoch.ErrStopped
		}
		batch := l.feeder.Prepare(shape)
		start := time.Now()
		if _, err := l.Step(batch); err != nil {
			return nil, fmt.Errorf("the first step: %w", err)
		}
		seconds := time.Since(start).Seconds()
		if i == 0 {
			out.Seconds = seconds
		}
		out.Compile += seconds
	}
	out.Kept = l.step.CheckKept(l.rings[0])
	return out, l.session.Reset()
}

// threads is TensorFlow's choice where none was made: one a core.
func threads(asked int) int {
	if asked > 0 {
		return asked
	}
	return runtime.NumCPU()
}

// steering picks the variables that change what TensorFlow does.
func steering(environ []string) map[string]string {
	out := map[string]string{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if strings.HasPrefix(name, "TF_CLI") || strings.HasPrefix(name, "TF_CPP") { // Terraform, logging
			continue
		}
		for _, prefix := range []string{"TF_", "XLA_", "ONEDNN_", "DNNL_", "OMP_", "KMP_", "MKL_", "CUDA_", "NVIDIA_TF32", "LD_PRELOAD", "MALLOC_"} {
			if strings.HasPrefix(name, prefix) {
				out[name] = value
			}
		}
	}
	return out
}

// hint says what to do about an error that a launch meets at its start.
func hint(err error) string {
	switch {
	case errors.Is(err, tfsession.ErrDevice):
		return "run on a device it sees, or link a build that sees it (make setup TF=gpu)"
	case errors.Is(err, tfsession.ErrOOM):
		return "lower --batch"
	}
	return ""
}
