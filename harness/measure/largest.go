package measure

import (
	"fmt"
	"slices"

	"epochtime/harness/machine"
	"epochtime/harness/plan"
	"epochtime/harness/record"
	"epochtime/harness/runtimes"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// The batch that a search begins with where the graph trains on all examples at once,
// and the largest it tries where examples are made.
const (
	firstBatch = 32
	mostBatch  = 1 << 20
)

// NewLargest returns a session that searches the largest batch with which a graph trains
// here. It begins with the batch of c, and tries each batch in a worker of its own. A
// launch has two batches of examples, so that it also holds what is prepared ahead, and
// three steps, so that it holds what the optimizer keeps. Config.Samples, if set, is the
// largest batch. Without a memory limit, a worker on this machine's CPU may take what is
// free now. Errors are those of NewRun.
func NewLargest(c Configuration, o Options) (*Session, error) {
	if c.Graph == nil {
		return nil, ErrNothing
	}
	if err := canVary(c); err != nil {
		return nil, err
	}
	most, err := mostOf(c)
	if err != nil {
		return nil, err
	}
	var command []string // of the search: no batch alone is worth repeating
	if len(c.Command) > 1 {
		command = slices.Concat([]string{"largest-batch"}, c.Command[1:], setting.Words(setting.Defaults(), c.Config))
	}
	if c.Config.Batch < 1 {
		c.Config.Batch = firstBatch
		if b := c.Graph.Settings.Batch; b != nil && *b > 0 {
			c.Config.Batch = *b
		}
	}
	o = o.filled()
	if c.Config.MemoryLimit == 0 && here(c.Config) {
		if free, known := machine.Available(); known {
			c.Config.MemoryLimit = free >> 20 << 20
			o.Watcher.Notice(Notice, fmt.Sprintf("no memory limit is set: each worker may take the %d MiB that are free now", free>>20))
		}
	}
	c.Config = atBatch(c.Config, min(c.Config.Batch, most), most)
	c.Command = nil
	if c, err = Configure(c); err != nil {
		return nil, err
	}
	c.Command = command
	o.Launches = 1
	s, err := newSession(record.KindLargest, []Configuration{c}, o)
	if err != nil {
		return nil, err
	}
	s.rec.Plan.Most = most
	return s, s.begin()
}

// canVary reports graphs that train one batch alone.
func canVary(c Configuration) error {
	if pipelined(c.Graph, c.Config) {
		return setting.Errorf("batch", "%s is fed by its script's own pipeline, which says how batches are made: give data to use in its place", c.Graph.Name)
	}
	if n := c.Graph.Variant.Devices(); n > 1 {
		return setting.Errorf("batch", "the search tries batches that the %d replicas of %s do not divide: search with a graph of one device", n, c.Graph.Name)
	}
	if only := c.Graph.Variant.Batch; only != nil {
		_, err := c.Graph.BatchFor(*only+1, *only+1)
		return err
	}
	return nil
}

// mostOf returns the largest batch to try. Examples that are made may be as many as
// a batch needs.
func mostOf(c Configuration) (int, error) {
	switch {
	case c.Config.Samples > 0:
		return c.Config.Samples, nil
	case len(c.Config.Data) > 0:
		return 0, setting.Errorf("samples", "it is not known how many examples the data has before it is read: set it to their number")
	case c.Graph.Data.Kind == "file":
		return max(1, c.Graph.Settings.Samples), nil
	}
	return mostBatch, nil
}

// here reports whether workers take the memory of this machine.
func here(c record.Config) bool {
	_, named := runtimes.FindNamed(c.Worker)
	return c.Device == "cpu" && (named || len(c.Worker) == 0)
}

// atBatch returns c for a try of one batch.
func atBatch(c record.Config, batch, most int) record.Config {
	c.Batch, c.Samples, c.Epochs, c.Warmup = batch, min(2*batch, most), 1, 0
	return c
}

// largest is the plan of a search for the largest batch.
func (s *Session) largest() plan.Largest {
	return plan.Largest{Start: s.rec.Runs[0].Config.Batch, Most: s.rec.Plan.Most}
}

// prepare adds the run of the plan's next launch, if the search has just come upon it.
func (s *Session) prepare(next plan.Launch) error {
	if s.kind() != record.KindLargest || next.Config < len(s.rec.Runs) {
		return nil
	}
	c := s.configs[0].Configuration
	batch := s.largest().Batch(s.done)
	c.Config, c.Label = atBatch(s.rec.Runs[0].Config, batch, s.rec.Plan.Most), fmt.Sprintf("%s, batch %d", c.Graph.Name, batch)
	if _, err := c.Graph.BatchFor(batch, c.Config.Samples); err != nil {
		return err
	}
	if err := s.add(c, ""); err != nil {
		return err
	}
	s.rec.Runs[len(s.rec.Runs)-1].Parity = s.rec.Runs[0].Parity // the batch does not matter to it
	s.pace.grow()
	return nil
}

// CheckLargest returns ErrNoResult, with the reason, where no batch trains.
func (s *Session) CheckLargest() error {
	if s.kind() != record.KindLargest || s.Launched() == 0 {
		return kindError{fmt.Errorf("the session searched no batch"), ErrNoResult}
	}
	found := stats.LargestBatch(s.rec)
	if found.Fits != nil {
		return nil
	}
	return kindError{fmt.Errorf("%s does not train here, at batch %d and larger: %s", s.configs[0].Graph.Name, found.Fails.Config.Batch, found.Why), ErrNoResult}
}
