package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"epochtime/harness/launch"
	"epochtime/harness/record"
)

// newMeasurement is one without configurations yet.
func (f *measureFlags) newMeasurement(s streams, kind string) (*measurement, error) {
	labels, err := pairs("--label", f.labels)
	if err != nil {
		return nil, err
	}
	rec := newRecord(labels, record.Plan{Kind: kind, Seed: f.seed, Blocks: f.launches})
	return &measurement{rec: rec, notices: s.err, reparity: f.reparity}, nil
}

// begin takes what a measurement needs of this machine, and goes on with the
// record of --resume, before anything is launched. end gives it back.
func (f *measureFlags) begin(s streams, m *measurement) (end func(), err error) {
	if err := m.adopt(f.earlier, 0); err != nil {
		return nil, fmt.Errorf("--resume %s: %w", f.resume, err)
	}
	if m.saver, err = newSaver(f.json, s.out); err != nil {
		return nil, err
	}
	return f.lock()
}

// lock keeps other measurements away, unless they are allowed.
func (f *measureFlags) lock() (unlock func(), err error) {
	if f.concurrent {
		return func() {}, nil
	}
	return lockMachine()
}

// finish marks and writes the record after the last launch; err is how that went.
// Tables then go to out.
func (f *measureFlags) finish(s streams, m *measurement, err error) (out io.Writer, went error) {
	out = s.out
	if f.json == "-" {
		out = s.err
	}
	if err == nil || errors.Is(err, errFailed) {
		if unsaved := m.complete(); unsaved != nil {
			err = unsaved
		}
	}
	f.history.keep(s.err, m.rec)
	if unwritten := m.saver.finish(m.rec); unwritten != nil {
		err = unwritten
	}
	return out, err
}

// prepare checks, before anything is timed, that every graph trains as Keras
// does. Where candidates are searched, one check stands for all of a graph, and a
// graph that does not pass is out; else that is an error.
func (m *measurement) prepare(ctx context.Context) error {
	defer m.progress.clear()
	searching := m.rec.Plan.Kind == record.KindTune && m.first == 0
	type check struct {
		parity *record.Parity
		err    error
	}
	checked := map[string]check{} // the same graph, fed otherwise, is checked once
	for i := m.first; i < len(m.rec.Runs); i++ {
		key := parityKey(m.setups[i].worker, m.setups[i].manifest, m.rec.Runs[i].Config)
		if searching {
			key = m.setups[i].manifest.SHA256
		}
		c, known := checked[key]
		if !known {
			c.parity, c.err = m.check(ctx, i)
			checked[key] = c
		}
		switch {
		case c.err != nil && ctx.Err() == nil && searching:
			m.drop(i, c.err)
		case c.err != nil:
			return c.err
		}
		m.rec.Runs[i].Parity = c.parity
	}
	return nil
}

// check compares one run's graph with Keras.
func (m *measurement) check(ctx context.Context, run int) (*record.Parity, error) {
	with := m.setups[run]
	m.progress.checking(with.manifest.Name)
	result, err := checkParity(ctx, with.worker, with.manifest, m.rec.Runs[run].Config, m.reparity)
	if err != nil {
		return nil, err
	}
	if run == 0 {
		m.noticeFaster(result.Devices)
	}
	return &record.Parity{MaxRelativeDifference: result.MaxDifference, Tolerance: result.Tolerance, Checked: result.Checked}, nil
}

// drop notes that a configuration cannot be timed, as a launch that failed.
func (m *measurement) drop(run int, why error) {
	if len(m.rec.Runs[run].Launches) > 0 { // noted before the record was gone on with
		return
	}
	m.keep(run, 0, &launch.Outcome{Setup: true, Launch: record.Launch{
		Status: record.Error, Reason: why.Error(), Setup: true, Started: m.rec.Started, Worker: m.setups[run].worker.Argv,
	}})
}

// noticeFaster says that the build sees a faster device than the one measured.
func (m *measurement) noticeFaster(devices []string) {
	cpu := m.rec.Runs[0].Config.Device == "cpu"
	if i := slices.IndexFunc(devices, func(d string) bool { return d != "CPU" }); cpu && i >= 0 {
		m.progress.clear()
		fmt.Fprintf(m.notices, "notice: this TensorFlow also sees a %s; the cpu is measured (see --device)\n", devices[i])
	}
}
