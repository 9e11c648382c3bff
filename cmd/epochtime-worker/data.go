package main

import (
	"fmt"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/files"
	"epochtime/harness/graph"
	"epochtime/harness/machine"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
	"epochtime/internal/capacity"
)

// readData reads what the job says, otherwise the graph's default data, and adds
// the job's preprocessing to the graph's.
func (w *worker) readData(m *graph.Manifest) (*dataset.Set, error) {
	c := w.job.Config
	q, err := dataset.Choice{
		Sources: c.Data, Inputs: c.Inputs, Take: c.Take, Samples: c.Samples, Seed: c.Seed,
		Header: c.Header, Tokens: c.Tokens, Window: c.Window, ImageSize: c.ImageSize, Preprocess: c.Preprocess, Room: room(machine.Available()),
	}.Request(m)
	if err != nil {
		return nil, err
	}
	if len(q.Sources) == 0 {
		return w.synthesize(m)
	}
	return files.Open(w.ctx, q)
}

// room is how much is decoded into memory: an eighth of what is available, since
// reading takes a few times that for a while, and 256 MiB at most.
func room(available uint64, known bool) int {
	const most = 256 << 20
	if !known {
		return most
	}
	return int(min(most, max(1, available/8)))
}

// synthesize makes the graph's synthetic data.
func (w *worker) synthesize(m *graph.Manifest) (*dataset.Set, error) {
	n := w.job.Config.Samples
	if n == 0 {
		n = m.Settings.Samples
	}
	if err := w.checkRoom(m, n); err != nil {
		return nil, err
	}
	return dataset.Synthetic(m, n, w.job.Config.Seed)
}

// errExamples: synthetic examples do not fit in memory.
var errExamples = fmt.Errorf("%w: there is no room for so many synthetic examples", tfsession.ErrOOM)

// checkRoom finds, before synthetic data is made, that it would not fit in memory,
// with its resident form if there is one: the worker would die of it.
func (w *worker) checkRoom(m *graph.Manifest, samples int) error {
	bytes, err := capacity.Synthetic(m, samples)
	if err != nil {
		return err
	}
	if !w.resident() {
		return capacity.Check(errExamples, bytes/2, machine.Available) // they are not prepared as a whole
	}
	return capacity.Check(train.ErrRoom, bytes, machine.Available)
}
