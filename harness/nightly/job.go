package nightly

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"epochtime/harness/baseline"
	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// Graph is a graph of a night. Without a Manifest, the build that was measured last
// is taken.
type Graph struct {
	Name     string
	Manifest *graph.Manifest
}

// Options of a night.
type Options struct {
	Store  *baseline.Store
	Graphs []Graph
	Worker string // path of tonight's program
	Tool   string // path of the running epochtime
	Commit string // of tonight's build

	Launches    int           // per side
	Threshold   float64       // the smallest change that matters, as a share
	MaxTime     time.Duration // of each session; 0 is no limit
	MachineName string        // kept in the records
	Anchor      bool          // compare with the anchors, however long ago that was done

	Watcher  measure.Watcher
	Workers  func(record.Config) (measure.Launcher, error) // nil is measure.Workers
	Save     func(name string, r *record.Record) error     // called after every launch
	Measured func(*record.Record)                          // called with the record of each session; may be nil
	Changed  func(*Night) error                            // called when there is something to report

	Now func() time.Time // nil is time.Now
}

// AnchorEvery is how long after the last comparison with an anchor the next is due.
const AnchorEvery = 7 * 24 * time.Hour

// job is a night in progress.
type job struct {
	Options
	night *Night
}

// Measure carries out a night. n is filled, and Changed is called whenever it changes.
// The error is ctx's, or that of Changed; everything else is in n.
func Measure(ctx context.Context, n *Night, o Options) error {
	return (&job{o.filled(), n}).each(ctx, (*job).graph)
}

// Accept makes the build of each graph the good one and the anchor, after a session
// against itself that shows no difference.
func Accept(ctx context.Context, n *Night, o Options) error {
	n.Accepting = true
	return (&job{o.filled(), n}).each(ctx, (*job).accept)
}

// Pin makes the good build of every graph its anchor. The error names a good build
// that cannot be used. It returns the graphs.
func Pin(s *baseline.Store, now time.Time) ([]string, error) {
	var list []baseline.Entry
	graphs := s.Graphs(baseline.Good)
	for _, g := range graphs {
		b, err := s.Find(baseline.Good, g)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g, err)
		}
		e := b.Entry
		e.Role, e.Action = baseline.Anchor, baseline.Pinned
		list = append(list, e)
	}
	return graphs, s.Keep(now, list...)
}

func (o Options) filled() Options {
	if o.Watcher == nil {
		o.Watcher = measure.Unwatched{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Measured == nil {
		o.Measured = func(*record.Record) {}
	}
	return o
}

// each does something with tonight's build of every graph, and ends the night.
func (j *job) each(ctx context.Context, do func(j *job, ctx context.Context, with bases, tonight *baseline.Baseline) error) error {
	for _, g := range j.Graphs {
		j.night.Graphs = append(j.night.Graphs, g.Name)
	}
	for _, g := range j.Graphs {
		var with bases
		var lost *Comparison
		if !j.night.Accepting {
			with, lost = j.bases(g.Name) // before sealing, which would mend the same build unseen
		}
		b, err := j.tonight(g)
		if lost != nil {
			j.add(*lost)
			continue
		}
		if err != nil {
			j.add(Comparison{Graph: g.Name, Outcome: Unmeasured, Problem: err.Error()})
			continue
		}
		if j.night.Accepting {
			j.night.Commit = b.List.Commit
		}
		if err := do(j, ctx, with, b); err != nil {
			j.night.Interrupted = ctx.Err() != nil
			return errors.Join(err, j.Changed(j.night))
		}
	}
	for _, g := range j.Store.Graphs(baseline.Good) {
		if !slices.ContainsFunc(j.Graphs, func(have Graph) bool { return have.Name == g }) {
			j.night.Notes = append(j.night.Notes, g+" has a good build, and was not measured.")
		}
	}
	j.night.Ended = true
	if err := j.Store.Prune(); err != nil {
		j.night.Notes = append(j.night.Notes, err.Error())
	}
	return j.Changed(j.night)
}

// bases are the verified builds that tonight's build of a graph is compared with; nil:
// there never was one.
type bases struct{ good, anchor *baseline.Baseline }

// bases verifies the good build of a graph and its anchor. If one is missing or was
// altered, lost is the comparison that cannot be made.
func (j *job) bases(name string) (found bases, lost *Comparison) {
	find := func(role baseline.Role) *baseline.Baseline {
		b, err := j.Store.Find(role, name)
		if err != nil && !errors.Is(err, baseline.ErrNever) && lost == nil {
			lost = &Comparison{Graph: name, Base: role, Outcome: Lost, Problem: err.Error()}
		}
		return b
	}
	found.good, found.anchor = find(baseline.Good), find(baseline.Anchor)
	return found, lost
}

// tonight seals tonight's build of a graph.
func (j *job) tonight(g Graph) (*baseline.Baseline, error) {
	if g.Manifest == nil {
		return j.Store.Find(baseline.Tonight, g.Name)
	}
	c, err := measure.Configure(measure.Configuration{Graph: g.Manifest, Config: setting.Defaults()})
	if err != nil {
		return nil, err
	}
	seal, err := j.Store.Seal(baseline.Build{
		Graph: g.Name, Folder: g.Manifest.Dir, Worker: j.Worker, Tool: j.Tool, Commit: j.Commit, Config: c.Config,
	})
	if err != nil {
		return nil, err
	}
	e := baseline.Entry{Action: baseline.Measured, Role: baseline.Tonight, Graph: g.Name, Seal: seal, Commit: j.Commit}
	if err := j.Store.Keep(j.Now(), e); err != nil {
		return nil, err
	}
	return j.Store.Find(baseline.Tonight, g.Name)
}

// add adds a comparison to the night and returns it.
func (j *job) add(c Comparison) *Comparison {
	j.night.Comparisons = append(j.night.Comparisons, c)
	return j.last()
}

// last returns the comparison that was added last. It moves when one is added.
func (j *job) last() *Comparison { return &j.night.Comparisons[len(j.night.Comparisons)-1] }

// graph compares tonight's build of a graph with the good one and, if that is due,
// with the anchor. It promotes what is no slower than both.
func (j *job) graph(ctx context.Context, with bases, tonight *baseline.Baseline) error {
	if with.good == nil {
		return j.without(ctx, tonight)
	}
	first := len(j.night.Comparisons)
	if err := j.compare(ctx, with.good, tonight); err != nil {
		return err
	}
	if err := j.anchored(ctx, with, tonight); err != nil {
		return err
	}
	for _, c := range j.night.Comparisons[first:] {
		if c.Outcome != Same && c.Outcome != Faster {
			return nil
		}
	}
	return j.promote(&j.night.Comparisons[first], with.good, tonight)
}

// without measures a graph that never had a good build against itself, and says what
// it takes to have one.
func (j *job) without(ctx context.Context, tonight *baseline.Baseline) error {
	if err := j.compare(ctx, tonight, tonight); err != nil {
		return err
	}
	if c := j.last(); c.Outcome != Failed && c.Outcome != Unmeasured {
		c.Outcome = NoBaseline
		c.Problem = "there is no good build to compare with, so tonight's was measured against itself"
	}
	return j.Changed(j.night)
}

// anchored compares tonight's build with the anchor if that is due.
func (j *job) anchored(ctx context.Context, with bases, tonight *baseline.Baseline) error {
	since := j.Now().Sub(j.Store.LastChecked(tonight.List.Graph)) // negative if a clock was wrong
	due := j.Anchor || since < 0 || since >= AnchorEvery
	switch {
	case with.anchor == nil:
		return nil
	case with.anchor.Entry.Seal == with.good.Entry.Seal:
		if c := j.last(); j.Anchor {
			c.Notes = append(c.Notes, "the anchor is the good build")
		}
		return nil
	case !due:
		return nil
	}
	if err := j.compare(ctx, with.anchor, tonight); err != nil {
		return err
	}
	if c := j.last(); c.Outcome != Same && c.Outcome != Faster {
		return nil // it is still due
	}
	e := with.anchor.Entry
	e.Action = baseline.Checked
	return j.Store.Keep(j.Now(), e)
}

// promote makes tonight's build of a graph the good one, with the settings that it was
// measured with.
func (j *job) promote(c *Comparison, good, tonight *baseline.Baseline) error {
	tonight, err := j.as(tonight, good.List.Config)
	if err == nil {
		err = j.decide(c, tonight, baseline.Promoted, baseline.Good)
	}
	c.Promoted = err == nil
	if err != nil {
		c.Outcome, c.Problem = Unmeasured, err.Error()
	}
	return j.Changed(j.night)
}

// as returns tonight's build sealed with other settings.
func (j *job) as(tonight *baseline.Baseline, c record.Config) (*baseline.Baseline, error) {
	if len(setting.Differing(tonight.List.Config, c)) == 0 {
		return tonight, nil
	}
	b := baseline.Build{Graph: tonight.List.Graph, Folder: tonight.Graph, Worker: tonight.Worker, Tool: j.Tool, Commit: tonight.List.Commit, Config: c}
	seal, err := j.Store.Seal(b)
	if err != nil {
		return nil, err
	}
	other := *tonight
	other.Entry.Seal = seal
	return &other, nil
}

// decide gives tonight's build roles, for the reason of a comparison.
func (j *job) decide(c *Comparison, tonight *baseline.Baseline, action string, roles ...baseline.Role) error {
	s := c.Last()
	var text strings.Builder
	if err := s.Record.Write(&text); err != nil {
		return err
	}
	var list []baseline.Entry
	for _, role := range roles {
		list = append(list, baseline.Entry{
			Action: action, Role: role, Graph: c.Graph, Seal: tonight.Entry.Seal, Commit: tonight.List.Commit,
			TensorFlow: tensorFlow(s.Record, 1), Sees: record.Number(Sees(s.Pair)),
		})
	}
	return j.Store.Decide(j.Now(), []byte(text.String()), list...)
}

// accept makes a build the good one and the anchor.
func (j *job) accept(ctx context.Context, _ bases, tonight *baseline.Baseline) error {
	if err := j.compare(ctx, tonight, tonight); err != nil {
		return err
	}
	c := j.last()
	if c.Outcome != Same && c.Outcome != Inconclusive {
		return nil
	}
	if err := j.decide(c, tonight, baseline.Accepted, baseline.Good, baseline.Anchor); err != nil {
		c.Outcome, c.Problem = Unmeasured, err.Error()
	} else {
		c.Outcome, c.Promoted = Accepted, true
	}
	return j.Changed(j.night)
}
