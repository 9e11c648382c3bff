package measure

import (
	"context"
	"fmt"
	"time"

	"epochtime/harness/estimate"
	"epochtime/harness/plan"
	"epochtime/harness/record"
	"epochtime/internal/capacity"
)

// EstimateOptions say how an estimate is made.
type EstimateOptions struct {
	Most   int // examples that the data has; 0: as many as are wanted
	Verify int // epochs of what is asked, measured beside the probes to verify the answer; 0: none
}

// NewEstimate returns a session that estimates what training takes that is not carried
// out: c.Config says of how many examples, in which batches and for how many epochs. The
// session begins with one launch of a few steps, the pilot, from which it plans the probes.
// Their launches are in random blocks, and those that verify the answer are among them.
// The answer is in the record. Configure must have been called on c. Errors are also those
// of estimate.Check, and ErrOptions for a graph whose pipeline makes the batches.
func NewEstimate(c Configuration, e EstimateOptions, o Options) (*Session, error) {
	if c.Graph == nil {
		return nil, ErrNothing
	}
	if pipelined(c.Graph, c.Config) {
		return nil, kindError{fmt.Errorf("%s is fed by its script's own pipeline, which says how many examples an epoch has: there is nothing to estimate it from: measure it, or give data to use in its place", c.Graph.Name), ErrOptions}
	}
	asked := record.Asked{Samples: c.Config.Samples, Batch: c.Config.Batch, Epochs: c.Config.Epochs}
	if fixed := c.Graph.Variant.Batch; fixed != nil {
		asked.Batch = *fixed
	}
	if e.Most < 0 || e.Verify < 0 {
		return nil, kindError{fmt.Errorf("the options Most and Verify are %d and %d: set them to 0 or more", e.Most, e.Verify), ErrOptions}
	}
	wanted := record.Estimate{Asked: asked, Most: e.Most, Data: exampleBytes(c)}
	pilot, err := estimate.Pilot(wanted)
	if err != nil {
		return nil, err
	}
	list := []Configuration{sized(c, pilot)}
	if e.Verify > 0 {
		held := c
		held.Label = "the epoch that is asked"
		held.Config.Epochs = e.Verify
		list, wanted.Held = append(list, held), 1
	}
	o.asked = &wanted
	s, err := newSession(record.KindEstimate, list, o)
	if err != nil {
		return nil, err
	}
	return s, s.begin()
}

// sized is a configuration as a probe of a size.
func sized(c Configuration, s estimate.Size) Configuration {
	c.Label = fmt.Sprintf("%s, %d examples at batch %d", c.Graph.Name, s.Samples, s.Batch)
	c.Config.Batch, c.Config.Samples = s.Batch, s.Samples
	c.Config.Epochs, c.Config.Warmup = estimate.Epochs, estimate.Warmup
	return c
}

// exampleBytes is by how much memory grows with each example: synthetic data is made in
// memory, and files stay where they are. A shuffled order has four bytes for each.
func exampleBytes(c Configuration) uint64 {
	var out uint64
	if len(c.Config.Data) == 0 && c.Graph.Data.Kind == "synthetic" {
		const many = 1 << 10
		if resident, err := capacity.Synthetic(c.Graph, many); err == nil {
			out = resident / 2 / many // that counts it twice, as generated and as prepared
		}
	}
	if out > 0 && c.Config.Shuffles() {
		out += 4
	}
	return out
}

// piloting reports whether an estimate has not planned its probes yet.
func (s *Session) piloting() bool {
	return s.kind() == record.KindEstimate && s.rec.Estimate != nil && len(s.rec.Runs) == 1+s.rec.Estimate.Held
}

// probe sets the plan of an estimate: the pilot alone, or the probes that followed from it
// and what verifies the answer.
func (s *Session) probe(limit time.Duration) {
	if s.piloting() {
		s.follow(plan.Blocks{Configs: 1, Blocks: 1, Seed: s.rec.Plan.Seed})
		return
	}
	s.first = 1
	s.follow(plan.Blocks{Configs: len(s.rec.Runs) - s.first, Blocks: s.rec.Plan.Blocks, Seed: s.rec.Plan.Seed, Limit: limit})
}

// afterPilot plans the probes by what the pilot took, and launches them.
func (s *Session) afterPilot(ctx context.Context) error {
	if err := s.CheckResults(0); err != nil {
		return err
	}
	if err := s.inTime(ctx); err != nil {
		return err
	}
	with := s.configs[0].Configuration
	launches := s.rec.Runs[0].Launches
	sizes, err := estimate.Probes(*s.rec.Estimate, launches[len(launches)-1], s.rec.Plan.Blocks, with.Graph.Variant.Batch != nil)
	if err != nil {
		return kindError{err, ErrNoResult}
	}
	for _, size := range sizes {
		if with.Graph.CheckSplit(size.Batch) != nil {
			continue // another batch than is asked, which the replicas do not divide
		}
		if err := s.add(sized(with, size), ""); err != nil {
			return err
		}
	}
	var limit time.Duration
	if s.rec.Plan.MaxTime > 0 {
		limit = s.left(duration(s.rec.Plan.MaxTime) - s.used())
	}
	s.probe(limit)
	if err := s.compareWithKeras(ctx); err != nil {
		return err
	}
	return s.launches(ctx)
}
