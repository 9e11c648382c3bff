// Package measure runs measuring sessions. A session takes graphs and settings,
// launches worker processes in the order of a plan, and returns a record, which it can
// save after each launch.
//
// A Configuration is a graph with settings. It begins with setting.Defaults, in which
// settings are changed, and Configure completes it:
//
//	g, err := graph.Find("graphs", "cnn")
//	...
//	c, err := measure.Configure(measure.Configuration{Graph: g, Config: setting.Defaults()})
//	...
//	session, err := measure.NewRun([]measure.Configuration{c}, measure.Options{Launches: 6})
//	...
//	err = session.Measure(ctx)
//	...
//	err = session.CheckResults(0) // else there is no Summary
//	...
//	fmt.Println(session.Record().Runs[0].Summary.EpochSeconds.Median)
//
// NewRun measures configurations, NewAB compares two, NewSweep measures a grid,
// NewFactors one change at a time, and NewTune searches the fastest of many. NewEstimate
// predicts, NewProbe finds the limits of the machine, NewLargest the largest batch, and
// NewExplain what an epoch of Keras's fit is made of. Resume continues a record that was
// interrupted. Measure checks first that each graph trains as Keras does.
package measure

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/monitor"
	"epochtime/harness/plan"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Configuration is a graph with the settings of its launches.
type Configuration struct {
	Graph   *graph.Manifest
	Config  record.Config
	Label   string   // for people; empty: the graph's name
	Command []string // command line that measures it alone, such as run cnn, for the record; may be empty

	Factor   *record.Factor   // what it changes of the first configuration; nil: nothing, or it is no level of a factor
	Settings *record.Settings // which of the known settings it has; may be nil
}

// Options of a session. The zero value launches each configuration once and saves
// nothing.
type Options struct {
	Launches  int               // per configuration; 0 is 1
	Seed      uint64            // of the order of launches
	MaxTime   time.Duration     // of Measure and Trace: a launch under way is ended then; 0 is no limit
	Until     float64           // share of the median within which every interval ends a run; 0 is never
	Threshold float64           // least change that matters to a verdict, as a share; 0 is compare.DefaultThreshold
	Labels    map[string]string // kept in the record
	Suite     string            // name of the set of graphs, kept in the record
	Argv      []string          // command line of the session, kept in the record

	Price func(record.Machine) *record.Price // what a machine costs, kept in the record; nil, also what it returns: not known

	// MachineName is the name of the machine, kept in the record: of the first, if workers
	// run on several. CheckMachineName says what it may be.
	MachineName string

	// Began is when the program began, so that the record says what finding and exporting
	// graphs took; zero: the session began then.
	Began time.Time

	NoSampling  bool   // do not watch this machine beside launches: its clock, temperature and energy are not in the record
	Recheck     bool   // compare with Keras even if an earlier session did
	SaveWeights string // folder for the trained weights of the first launch that works, per configuration; empty: none

	Save    func(*record.Record) error            // called with the record after every launch, and at the end; may be nil
	Watcher Watcher                               // may be nil
	Workers func(record.Config) (Launcher, error) // returns what runs the launches; nil is Workers

	// Limits returns what a probe has found of a machine, with the TensorFlow, device and
	// threads of what it is given; nil where none has. It may be nil.
	Limits func(record.Machine, record.Limits) *record.Limits

	now   func() time.Time // nil is time.Now
	each  bool             // a graph that does not train as Keras does is dropped, and the others are measured
	asked *record.Estimate // what NewEstimate is asked
}

// Launcher runs launches. A launch that fails is an Outcome; the error means that none
// was started. onEvent is called with each event as it arrives, and may be nil.
type Launcher interface {
	Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error)
}

// Session measures configurations and keeps the record. It is not for concurrent use.
type Session struct {
	rec     *record.Record
	configs []config // one per run of the record
	plan    plan.Plan
	first   int           // run of the plan's configuration 0; the others follow
	done    []plan.Result // of the plan's configurations, always from the record
	pace    pace
	o       Options

	deadline time.Time     // of all that the session does; zero: none
	checked  time.Duration // that the comparison with Keras took
	saved    []Saved
	examples examples
	spent    stopwatch
	monitor  *monitor.Monitor // nil: it watches nothing
	idle     []record.Power   // until it is in the record
	lookedUp map[string]bool  // limits that Options.Limits was asked for, by their keys
}

// config is a configuration with what its launches need.
type config struct {
	Configuration
	worker  Launcher
	weights string // file for the trained weights; empty: none, or it was written

	compared *Parity // with Keras; nil: not yet, or it is not
}

// newSession returns a session without a plan.
func newSession(kind string, list []Configuration, o Options) (*Session, error) {
	if len(list) == 0 {
		return nil, ErrNothing
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	o.Launches = max(1, o.Launches)
	s := &Session{o: o.filled()}
	s.monitor = newMonitor(o)
	s.rec = &record.Record{
		Schema: record.Schema, Epochtime: record.Program, ID: fmt.Sprintf("%016x", rand.Uint64()), Started: s.o.now(),
		Argv: o.Argv, Labels: o.Labels, Status: record.Incomplete,
		Plan: record.Plan{
			Kind: kind, Seed: o.Seed, Blocks: o.Launches,
			MaxTime: o.MaxTime.Seconds(), Until: o.Until, Threshold: o.Threshold, Suite: o.Suite,
		},
		Estimate: o.asked,
	}
	s.spent = newStopwatch(s.o, s.rec)
	for _, c := range list {
		if err := s.add(c, ""); err != nil {
			return nil, err
		}
	}
	if err := s.rec.Validate(); err != nil {
		return nil, kindError{fmt.Errorf("%w: Configure completes a configuration", err), ErrOptions}
	}
	return s, nil
}

// check reports values that no session can have.
func (o Options) check() error {
	for _, v := range []struct {
		name  string
		value float64
	}{
		{"Launches", float64(o.Launches)}, {"MaxTime", o.MaxTime.Seconds()}, {"Until", o.Until}, {"Threshold", o.Threshold},
	} {
		if !(v.value >= 0) || math.IsInf(v.value, 0) {
			return kindError{fmt.Errorf("the option %s is %g: set it to 0 or more", v.name, v.value), ErrOptions}
		}
	}
	return CheckMachineName(o.MachineName)
}

func (o Options) filled() Options {
	if o.Watcher == nil {
		o.Watcher = Unwatched{}
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

// add adds a configuration to the record's runs.
func (s *Session) add(c Configuration, side string) error {
	if c.Graph == nil {
		return ErrNothing
	}
	if err := Check(c.Config); err != nil {
		return err
	}
	worker, err := s.o.Workers(c.Config)
	if err != nil {
		return err
	}
	s.configs = append(s.configs, config{Configuration: c, worker: sampled(worker, s.monitor)})
	s.rec.Runs = append(s.rec.Runs, record.Run{Side: side, Graph: graphRecord(c.Graph, c.Config), Config: c.Config, Command: c.Command, Factor: c.Factor, Settings: c.Settings})
	return nil
}

// graphRecord returns what a record keeps of a graph. Its notices say what of a script's
// own fit is not in the graph, and that fit itself has.
func graphRecord(g *graph.Manifest, c record.Config) record.Graph {
	out := record.Graph{
		Name: g.Name, SHA256: g.SHA256, Dir: absolute(g.Dir), Architecture: g.Model.Architecture,
		Parameters: g.Model.Parameters, FlopsPerExample: g.Model.FlopsPerExample,
		Variant: map[string]any{
			"precision": g.Variant.Precision, "jit": g.Variant.JIT, "unroll": g.Variant.Unroll, "fused": g.Variant.Fused, "parts": max(1, g.Variant.Parts),
			"batch": g.Variant.Batch, "optimizer": g.Model.Optimizer.Name,
		},
		Script: (*record.Script)(g.Script),
	}
	if g.Variant.Device == graph.ForGPU {
		out.Variant["target"] = graph.ForGPU
	}
	if g.Variant.Loops {
		out.Variant["loops"] = true
	}
	if n := g.Variant.Devices(); n > 1 {
		out.Variant["replicas"] = n
	}
	if c.Fits() {
		return out
	}
	for _, n := range g.Notices {
		out.Notices = append(out.Notices, record.Notice(n))
	}
	return out
}

// Record returns the session's record, which Measure fills. It is not a copy.
func (s *Session) Record() *record.Record {
	if s == nil {
		return nil
	}
	return s.rec
}

// Title returns the label of a run of the record, or else the run's own title. It is
// empty if there is no such run.
func (s *Session) Title(run int) string {
	if s == nil || run < 0 || run >= len(s.configs) {
		return ""
	}
	return cmp.Or(s.configs[run].Label, s.rec.Runs[run].Title())
}

// follow sets the plan, whose configurations are the runs from s.first on.
func (s *Session) follow(p plan.Plan) {
	s.plan = p
	s.recount()
	s.pace = newPace(s.o.now, len(s.rec.Runs)-s.first)
}

// recount sets done from the record. A launch that was interrupted is not done.
func (s *Session) recount() {
	s.done = nil
	order := map[plan.Launch]int{}
	last := len(s.rec.Runs)
	switch {
	case s.first == 0 && s.kind() == record.KindTune: // of the search, without the confirmation
		last = s.candidates()
	case s.piloting(): // without what is measured beside the probes
		last = 1
	}
	for i, run := range s.rec.Runs[s.first:last] {
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

// result returns a launch as a plan takes it.
func (s *Session) result(config int, l record.Launch) plan.Result {
	r := plan.Result{
		Launch: plan.Launch{Config: config, Block: l.Block}, Status: l.Status,
		Took: duration(l.Wall),
		Dead: l.Setup || l.Status == record.OOM && s.searches() || l.Status != record.OK && s.varies(s.first+config),
	}
	r.Seconds, _ = stats.LaunchMedian(l)
	return r
}

// searches reports whether the session tries configurations out. It does not launch a
// configuration again that ran out of memory.
func (s *Session) searches() bool {
	return slices.Contains([]string{record.KindSweep, record.KindTune, record.KindLargest}, s.kind())
}

// varies reports whether a run is a level of a factor. It is not launched again if it
// fails: that is its result.
func (s *Session) varies(run int) bool {
	return s.kind() == record.KindFactors && s.rec.Runs[run].Factor != nil
}

// kind returns the kind of the plan; a Session that no function made has none.
func (s *Session) kind() string {
	if s == nil || s.rec == nil {
		return ""
	}
	return s.rec.Plan.Kind
}

// excused reports whether a launch of a run that failed with this status is a result.
func (s *Session) excused(run *record.Run, status string) bool {
	switch s.kind() {
	case record.KindSweep, record.KindLargest:
		return status == record.OOM
	case record.KindTune: // a candidate that fails is out
		return true
	case record.KindFactors:
		return run.Factor != nil
	}
	return false
}

// Failed reports whether a launch failed, without those whose failure is a result.
func (s *Session) Failed() bool {
	if s == nil || s.rec == nil {
		return false
	}
	return slices.ContainsFunc(s.rec.Runs, func(r record.Run) bool {
		return slices.ContainsFunc(r.Launches, func(l record.Launch) bool {
			return l.Status != record.OK && l.Status != record.Interrupted && !s.excused(&r, l.Status)
		})
	})
}

// Measured reports whether any epoch was measured, or any limit.
func (s *Session) Measured() bool {
	return s.any(func(l record.Launch) bool { return len(stats.Measured(l)) > 0 || len(l.Rates) > 0 })
}

func (s *Session) any(launch func(record.Launch) bool) bool {
	if s == nil || s.rec == nil {
		return false
	}
	return slices.ContainsFunc(s.rec.Runs, func(r record.Run) bool { return slices.ContainsFunc(r.Launches, launch) })
}

// Launched returns the number of launches in the record.
func (s *Session) Launched() int {
	n := 0
	s.any(func(record.Launch) bool { n++; return false })
	return n
}

// CheckResults returns ErrNoResult, with the reason, for the first of the runs that has
// no launch that worked. Runs are indices in the record.
func (s *Session) CheckResults(runs ...int) error {
	for _, i := range runs {
		if s == nil || i < 0 || i >= len(s.configs) {
			return kindError{fmt.Errorf("the session has no run %d", i), ErrNoResult}
		}
		run := s.rec.Runs[i]
		switch {
		case run.Summary != nil, s.kind() == record.KindProbe && len(s.rec.Limits) > 0:
		case len(run.Launches) == 0:
			return kindError{fmt.Errorf("%s was not launched", s.Title(i)), ErrNoResult}
		default:
			return kindError{fmt.Errorf("no launch of %s worked: %s", s.Title(i), run.Launches[len(run.Launches)-1].Reason), ErrNoResult}
		}
	}
	return nil
}
