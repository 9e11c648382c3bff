package measure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"epochtime/harness/compare"
	"epochtime/harness/estimate"
	"epochtime/harness/explain"
	"epochtime/harness/launch"
	"epochtime/harness/plan"
	"epochtime/harness/record"
)

// NewRun returns a session that measures each configuration. Launches are in random
// blocks of one launch per configuration. The errors of NewRun, NewAB, NewSweep
// and NewTune are ErrNothing, ErrOptions, those of Check and that of Options.Workers.
func NewRun(list []Configuration, o Options) (*Session, error) {
	s, err := newSession(record.KindRun, list, o)
	if err != nil {
		return nil, err
	}
	return s, s.begin()
}

// NewAB returns a session that measures two configurations, as NewRun does, and
// compares b with a. See Verdict.
func NewAB(a, b Configuration, o Options) (*Session, error) {
	a.Label, b.Label = cmp.Or(a.Label, "side A"), cmp.Or(b.Label, "side B")
	s, err := newSession(record.KindAB, []Configuration{a, b}, o)
	if err != nil {
		return nil, err
	}
	s.rec.Runs[0].Side, s.rec.Runs[1].Side = sideA, sideB
	return s, s.begin()
}

// NewSweep returns a session that measures the points of a grid (see Grid). It leaves
// out points that train the same batches as an earlier point, with a notice. A point
// that runs out of memory is a result, and is not launched again.
func NewSweep(list []Configuration, o Options) (*Session, error) {
	known := map[string]string{}
	var points []Configuration
	o = o.filled()
	for _, c := range list {
		if c.Graph == nil {
			return nil, ErrNothing
		}
		same := c.Graph.SHA256 + sameBatches(c.Graph, c.Config)
		title := cmp.Or(c.Label, c.Graph.Name)
		if as, twice := known[same]; twice {
			o.Watcher.Notice(Notice, fmt.Sprintf("%s has the same batches as %s, and is left out", title, as))
			continue
		}
		known[same] = title
		points = append(points, c)
	}
	s, err := newSession(record.KindSweep, points, o)
	if err != nil {
		return nil, err
	}
	return s, s.begin()
}

// NewTune returns a session that searches the fastest of the configurations (see
// Candidates) in two thirds of o.MaxTime. In the rest of that time it compares the
// winner with the first configuration, the default, with at most o.Launches launches
// per side. See compare.SearchOf.
func NewTune(list []Configuration, o Options) (*Session, error) {
	if o.MaxTime <= 0 {
		return nil, kindError{errors.New("a search takes a time limit: set Options.MaxTime"), ErrOptions}
	}
	s, err := newSession(record.KindTune, list, o)
	if err != nil {
		return nil, err
	}
	return s, s.begin()
}

// NewFactors returns a session that measures a default and what one change each makes of
// it: the configurations and the list of what is left out are those of Factors. Each
// block has all of them, so that each change is compared with the default of the same
// block. A change that fails, or with which the graph does not train as Keras does, is a
// result, and is not launched again. See compare.EffectsOf.
func NewFactors(list []Configuration, leftOut []string, o Options) (*Session, error) {
	s, err := newSession(record.KindFactors, list, o)
	if err != nil {
		return nil, err
	}
	s.rec.Plan.LeftOut = leftOut
	return s, s.begin()
}

// NewExplain returns a session that explains what an epoch of Keras's fit is made of.
// Its configurations are those of explain.Variants, completed by Configure. sides, which
// may be nil, has for each of them the side, "A" or "B", where two builds are explained.
// The bills are in the record.
func NewExplain(list []Configuration, sides []string, o Options) (*Session, error) {
	s, err := newSession(record.KindExplain, list, o)
	if err != nil {
		return nil, err
	}
	if len(sides) > 0 && len(sides) != len(list) {
		return nil, kindError{fmt.Errorf("%d sides are given for %d configurations", len(sides), len(list)), ErrOptions}
	}
	for i, side := range sides {
		s.rec.Runs[i].Side = side
	}
	if err := s.rec.Validate(); err != nil {
		return nil, kindError{err, ErrOptions}
	}
	return s, s.begin()
}

// The sides of a comparison.
const (
	sideA = "A"
	sideB = "B"
)

// sideLabel returns the label of a side of a tune's confirmation.
func sideLabel(side, name string) string { return "side " + side + ", " + name }

// searchShare is the share of a tune's time for the search.
const searchShare = 2.0 / 3

// begin sets the plan for the record's kind.
func (s *Session) begin() error {
	p := s.rec.Plan
	limit := duration(p.MaxTime)
	if limit > 0 {
		limit = max(limit-s.checked, time.Nanosecond)
	}
	switch p.Kind {
	case record.KindTune:
		s.follow(s.search())
	case record.KindRun:
		s.follow(plan.Blocks{Configs: len(s.rec.Runs), Blocks: p.Blocks, Seed: p.Seed, Limit: limit, Until: p.Until})
	case record.KindSweep, record.KindFactors, record.KindExplain, record.KindProbe:
		s.follow(plan.Blocks{Configs: len(s.rec.Runs), Blocks: p.Blocks, Seed: p.Seed, Limit: limit})
	case record.KindEstimate:
		s.probe(limit)
	case record.KindLargest:
		s.follow(s.largest())
	case record.KindAB:
		s.follow(plan.Blocks{Configs: 2, Blocks: p.Blocks, Seed: p.Seed, Limit: limit, Together: true})
	default:
		return fmt.Errorf("measuring: there is no plan of the kind %q", p.Kind)
	}
	return nil
}

// Measure checks that every graph trains as Keras does, and then carries out the
// plan. If ctx is done, Measure stops the worker and returns ctx's error; the record
// then has what was measured, and Resume continues it. If Options.MaxTime is over,
// Measure stops the worker too, and the record is complete with what was measured; if
// that is nothing, the error is ErrNoResult. Other errors are ErrFailed if a launch
// failed whose failure is not a result, ErrParity, ErrWeights, those of the Launcher,
// such as launch.ErrStart, and those of Options.Save.
func (s *Session) Measure(ctx context.Context) error {
	if s == nil || s.plan == nil {
		return ErrNothing
	}
	s.spent.run(&s.rec.Spent.Between)
	ctx = cmp.Or(ctx, context.Background())
	if err := s.prepareWeights(); err != nil {
		return err
	}
	ctx, stop := s.bounded(ctx)
	defer stop()
	defer s.examples.remove()
	err := s.carryOut(ctx)
	if up := (*launch.Ending)(nil); errors.As(err, &up) {
		return s.outOfTime(up)
	}
	if err == nil || errors.Is(err, ErrFailed) {
		s.rec.Status = record.Complete
		if unsaved := s.save(); unsaved != nil {
			return unsaved
		}
	}
	return err
}

// carryOut compares the graphs with Keras and carries out the plan.
func (s *Session) carryOut(ctx context.Context) error {
	began := s.o.now()
	if err := s.compareWithKeras(ctx); err != nil {
		return err
	}
	s.checked = s.o.now().Sub(began)
	if err := s.begin(); err != nil { // with the time that is left
		return err
	}
	s.measureIdle(ctx)
	err := s.launches(ctx)
	switch {
	case err == nil && s.rec.Plan.Kind == record.KindTune:
		err = s.confirm(ctx)
	case err == nil && s.rec.Plan.Kind == record.KindExplain:
		err = s.lookInside(ctx)
	case err == nil && s.piloting():
		err = s.afterPilot(ctx)
	case err == nil:
		err = s.findPeaks(ctx)
	}
	return err
}

// save gives the record to Options.Save. What is saved can be read.
func (s *Session) save() error {
	s.spent.mark()
	defer s.spent.run(&s.spent.save)()
	s.rec.Bills = explain.Bills(s.rec)
	if s.rec.Estimate != nil {
		_ = estimate.Fill(s.rec) // the estimate says why there is no answer yet
	}
	s.limit()
	if err := s.rec.Validate(); err != nil {
		return fmt.Errorf("saving the record: it cannot be read again: %w", err)
	}
	if err := s.o.Save(s.rec); err != nil {
		return fmt.Errorf("saving the record: %w", err)
	}
	return nil
}

// Verdict returns the verdict on side B of an ab. Other sessions have none; it is
// empty.
func (s *Session) Verdict() compare.Verdict {
	if s.kind() != record.KindAB {
		return ""
	}
	return compare.AB(s.rec, compare.Options{Threshold: s.rec.Plan.Threshold}).Verdict
}

// search returns the plan of a tune's search.
func (s *Session) search() plan.Search {
	return plan.Search{
		Configs: s.candidates(), Seed: s.rec.Plan.Seed,
		Budget: duration(searchShare * s.rec.Plan.MaxTime),
	}
}

// candidates returns how many runs are of a tune's search. Those of its confirmation
// follow.
func (s *Session) candidates() int {
	n := slices.IndexFunc(s.rec.Runs, func(r record.Run) bool { return r.Side != "" })
	if n < 0 {
		return len(s.rec.Runs)
	}
	return n
}

// confirm compares the winner with the default in new launches, because the best of
// many measurements looks better than it is.
func (s *Session) confirm(ctx context.Context) error {
	winner := compare.SearchOf(s.rec, compare.Options{}).Winner
	if winner <= 0 || s.CheckResults(0) != nil {
		return nil
	}
	if err := s.inTime(ctx); err != nil {
		return err
	}
	var spent time.Duration
	block, n := 0, s.candidates()
	for _, r := range s.done {
		spent, block = spent+r.Took, max(block, r.Block+1)
	}
	if n == len(s.rec.Runs) { // else it began before the session was resumed
		for i, from := range []int{0, winner} {
			c := s.configs[from].Configuration
			side := []string{sideA, sideB}[i]
			c.Label = sideLabel(side, c.Graph.Name)
			if err := s.add(c, side); err != nil {
				return err
			}
		}
	}
	s.first = n
	s.follow(plan.Blocks{
		Configs: 2, Blocks: s.rec.Plan.Blocks, Seed: s.rec.Plan.Seed, First: block, Together: true,
		Limit: s.left(duration(s.rec.Plan.MaxTime) - spent),
	})
	if err := s.compareWithKeras(ctx); err != nil {
		return err
	}
	return s.launches(ctx)
}

// WithLossAtEnd returns each configuration, followed by the same with its losses read when
// the epoch ends, where its graph and its other settings allow that. Configure must have been
// called on them. leftOut says of each graph for which they do not why.
func WithLossAtEnd(list []Configuration) (out []Configuration, leftOut []string) {
	checks := dataChecks{}
	for _, c := range list {
		out = append(out, c)
		if c.Graph == nil || c.Config.LossAtEnd() || c.Config.Resident() {
			continue
		}
		c.Config.Fetch = record.FetchLast
		var err error
		if c.Config, err = checks.resolve(c.Graph, c.Config); err != nil { // such as of an older export
			leftOut = append(leftOut, fmt.Sprintf("%s: losses are read at each step, and not also at the end of an epoch: %v", c.Graph.Name, err))
			continue
		}
		if len(c.Command) > 0 {
			c.Command = append(slices.Clone(c.Command), "--fetch="+record.FetchLast)
		}
		out = append(out, c)
	}
	return out, leftOut
}

// WithResident returns each configuration twice: as it is, fed in batches, and with
// its data on the device. Configure must have been called on them. The errors are
// those of Resolve, such as graph.ErrResident.
func WithResident(list []Configuration) ([]Configuration, error) {
	checks := dataChecks{}
	var out []Configuration
	for _, c := range list {
		out = append(out, c)
		if c.Graph == nil {
			return nil, ErrNothing
		}
		c.Config.Feed = record.FeedResident
		var err error
		if c.Config, err = checks.resolve(c.Graph, c.Config); err != nil {
			return nil, err
		}
		if len(c.Command) > 0 {
			c.Command = append(slices.Clone(c.Command), "--feed="+record.FeedResident)
		}
		out = append(out, c)
	}
	return out, nil
}
