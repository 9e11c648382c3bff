// Package measure carries out measuring sessions: graphs and settings in, a
// record out. A session launches worker processes in the order that a plan
// gives, and saves its record after each. It needs no terminal and no command
// line: a Go program runs one as the command does.
package measure

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/plan"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Configuration is one graph with the settings of its launches, as Resolve
// completes them.
type Configuration struct {
	Graph   *graph.Manifest
	Config  record.Config
	Label   string   // names it for people where the graph's name does not; may be empty
	Command []string // the words that measure it alone, for the record; may be empty
}

// Options say how a session is carried out. The zero value measures with one
// launch per configuration and saves nothing.
type Options struct {
	Launches  int               // per configuration; 0 is 1
	Seed      uint64            // of the order of launches
	MaxTime   time.Duration     // no block of launches is begun that would end later; 0 is no limit
	Until     float64           // stop once each interval is within this share of its median; 0 is never
	Threshold float64           // the change that matters to a verdict; 0 is compare.DefaultThreshold
	Labels    map[string]string // kept in the record
	Suite     string            // name of the set of graphs, kept in the record
	Argv      []string          // how the session was asked for, kept in the record

	Recheck     bool   // compare with Keras even where that was done before
	SaveWeights string // folder for the trained weights of each configuration's first good launch; may be empty

	Save    func(*record.Record) error            // called after every launch with the whole record; may be nil
	Watcher Watcher                               // told what happens; may be nil
	Workers func(record.Config) (Launcher, error) // runs launches; nil is Workers

	now func() time.Time // nil is time.Now
}

// Launcher runs one launch, whatever happens to it.
type Launcher interface {
	Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error)
}

// Session carries out a plan of launches and keeps the record. The record is all
// that it knows of launches that are done, which is what makes it resumable.
type Session struct {
	rec     *record.Record
	configs []config // one per run of the record
	plan    plan.Plan
	first   int           // the run that is the plan's configuration 0; the others follow
	done    []plan.Result // of the plan's configurations, as the record has them
	pace    pace
	o       Options
	saved   []Saved
}

// config is what the launches of one run need, beside its settings.
type config struct {
	Configuration
	worker  Launcher
	weights string // file for the trained weights; empty: none, or it is written
}

// newSession returns a session without a plan.
func newSession(kind string, list []Configuration, o Options) (*Session, error) {
	if len(list) == 0 {
		return nil, ErrNothing
	}
	o.Launches = max(1, o.Launches)
	s := &Session{o: o.filled()}
	s.rec = &record.Record{
		Schema: record.Schema, Epochtime: record.Program, ID: fmt.Sprintf("%016x", rand.Uint64()), Started: s.o.now(),
		Argv: o.Argv, Labels: o.Labels, Status: record.Incomplete,
		Plan: record.Plan{
			Kind: kind, Seed: o.Seed, Blocks: o.Launches,
			MaxTime: o.MaxTime.Seconds(), Until: o.Until, Threshold: o.Threshold, Suite: o.Suite,
		},
	}
	for _, c := range list {
		if err := s.add(c, ""); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (o Options) filled() Options {
	if o.Watcher == nil {
		o.Watcher = unwatched{}
	}
	if o.Save == nil {
		o.Save = func(*record.Record) error { return nil }
	}
	if o.Workers == nil {
		o.Workers = Workers
	}
	if o.now == nil {
		o.now = time.Now
	}
	return o
}

// add makes a configuration a run of the record.
func (s *Session) add(c Configuration, side string) error {
	if c.Graph == nil {
		return ErrNothing
	}
	worker, err := s.o.Workers(c.Config)
	if err != nil {
		return err
	}
	s.configs = append(s.configs, config{Configuration: c, worker: worker})
	s.rec.Runs = append(s.rec.Runs, record.Run{Side: side, Graph: graphRecord(c.Graph), Config: c.Config, Command: c.Command})
	return nil
}

// graphRecord is what a record keeps of a graph.
func graphRecord(g *graph.Manifest) record.Graph {
	return record.Graph{
		Name: g.Name, SHA256: g.SHA256, Dir: absolute(g.Dir), Architecture: g.Model.Architecture,
		Parameters: g.Model.Parameters, FlopsPerExample: g.Model.FlopsPerExample,
		Variant: map[string]any{
			"precision": g.Variant.Precision, "jit": g.Variant.JIT, "unroll": g.Variant.Unroll, "fused": g.Variant.Fused, "parts": max(1, g.Variant.Parts),
			"batch": g.Variant.Batch, "optimizer": g.Model.Optimizer.Name,
		},
	}
}

// Record returns the session's record. It is complete after Measure.
func (s *Session) Record() *record.Record { return s.rec }

// Title names a run of the record.
func (s *Session) Title(run int) string {
	return cmp.Or(s.configs[run].Label, s.rec.Runs[run].Title())
}

// follow makes p the plan to carry out, over the runs from s.first on.
func (s *Session) follow(p plan.Plan) {
	s.plan = p
	s.recount()
	s.pace = newPace(s.o.now, len(s.rec.Runs)-s.first)
}

// recount takes what is done of the plan's configurations from the record. A
// launch that was interrupted is not done: it comes again.
func (s *Session) recount() {
	s.done = nil
	order := map[plan.Launch]int{}
	for i, run := range s.rec.Runs[s.first:] {
		for _, l := range run.Launches {
			if l.Status != record.Interrupted {
				r := s.result(i, l)
				order[r.Launch] = l.Order
				s.done = append(s.done, r)
			}
		}
	}
	slices.SortFunc(s.done, func(a, b plan.Result) int { return order[a.Launch] - order[b.Launch] })
}

// result is what a plan is told of a launch.
func (s *Session) result(config int, l record.Launch) plan.Result {
	r := plan.Result{
		Launch: plan.Launch{Config: config, Block: l.Block}, Status: l.Status,
		Took: time.Duration(l.Wall * float64(time.Second)),
		Dead: l.Setup || l.Status == record.OOM && s.searches(),
	}
	r.Seconds, _ = stats.LaunchMedian(l)
	return r
}

// searches reports whether configurations are tried out. One that needs more
// memory than there is need not be tried again then.
func (s *Session) searches() bool {
	return s.rec.Plan.Kind == record.KindSweep || s.rec.Plan.Kind == record.KindTune
}

// excused reports whether a launch that failed so is a result like any other.
func (s *Session) excused(status string) bool {
	switch s.rec.Plan.Kind {
	case record.KindSweep:
		return status == record.OOM
	case record.KindAB, record.KindTune: // the verdict is about what there is
		return true
	}
	return false
}

// Failed reports whether a launch failed that should not have.
func (s *Session) Failed() bool {
	return s.any(func(l record.Launch) bool {
		return l.Status != record.OK && l.Status != record.Interrupted && !s.excused(l.Status)
	})
}

// Measured reports whether any epoch was measured.
func (s *Session) Measured() bool {
	return s.any(func(l record.Launch) bool { return len(stats.Measured(l)) > 0 })
}

func (s *Session) any(launch func(record.Launch) bool) bool {
	return slices.ContainsFunc(s.rec.Runs, func(r record.Run) bool { return slices.ContainsFunc(r.Launches, launch) })
}

// Launched counts all launches of the record.
func (s *Session) Launched() int {
	n := 0
	for _, r := range s.rec.Runs {
		n += len(r.Launches)
	}
	return n
}

// Works returns ErrSide, with the reason, for the first of the runs of which no
// launch worked.
func (s *Session) Works(runs ...int) error {
	for _, i := range runs {
		run := s.rec.Runs[i]
		switch {
		case run.Summary != nil:
		case len(run.Launches) == 0:
			return kindError{fmt.Errorf("%s was not launched", s.Title(i)), ErrSide}
		default:
			return kindError{fmt.Errorf("no launch of %s worked: %s", s.Title(i), run.Launches[len(run.Launches)-1].Reason), ErrSide}
		}
	}
	return nil
}
