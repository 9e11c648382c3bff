package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/harness/machine"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
	"epochtime/internal/capacity"
)

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
	sources := c.Data
	if len(sources) == 0 && m.Data.Kind == "file" {
		sources = []string{m.DataPath()}
	}
	if len(sources) == 0 {
		return w.synthesize(m)
	}
	q, err := w.request(m, sources)
	if err != nil {
		return nil, err
	}
	q.Room = room(machine.Available())
	set, err := dataset.Open(q)
	if err != nil {
		return nil, err
	}
	return set, set.Take(c.Samples)
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

// request says what to read from sources.
func (w *worker) request(m *graph.Manifest, sources []string) (dataset.Request, error) {
	c := w.job.Config
	q := dataset.Request{
		Sources: sources, Tensors: m.DataTensors(), Columns: make(map[string]string), Take: c.Take, Seed: c.Seed,
		Text: dataset.TextOptions{Tokens: c.Tokens, Window: c.Window},
	}
	known := m.ArrayNames()
	for name, column := range known {
		if column != name { // else the reader may look for others
			q.Columns[name] = column
		}
	}
	for name, column := range c.Inputs {
		if _, ok := known[name]; !ok {
			return q, fmt.Errorf("%w: --input %s=%s: %s takes %s from its data, and no %s", dataset.ErrUnfit, name, column, m.Name,
				strings.Join(slices.Sorted(maps.Keys(known)), ", "), name)
		}
		q.Columns[name] = column
	}
	if c.ImageSize == "" {
		return q, nil
	}
	if n, err := fmt.Sscanf(c.ImageSize+"\n", "%dx%d\n", &q.ImageSize[0], &q.ImageSize[1]); n != 2 || err != nil || min(q.ImageSize[0], q.ImageSize[1]) < 1 {
		return q, fmt.Errorf("%w: --image-size %q is not HEIGHTxWIDTH, as in 224x224", dataset.ErrUnfit, c.ImageSize)
	}
	return q, nil
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
