package compare

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// ErrDifferent: the records hold different graphs under one name.
var ErrDifferent = errors.New("different graphs")

// ErrNothing: the records have no configuration in common.
var ErrNothing = errors.New("nothing to compare")

// Records compares the runs that two records share, matched by graph and settings.
// Records of one session are compared block by block; those of two sessions are
// judged by how far this machine's sessions differ anyway (o.Noise). The errors
// are ErrDifferent and ErrNothing, also for a record that explains an epoch,
// unless it is compared with itself and has two sides (see Builds).
func Records(base, new *record.Record, o Options) (*Comparison, error) {
	if base == nil || new == nil {
		return nil, fmt.Errorf("%w: a record is missing", ErrNothing)
	}
	if base.ID == new.ID && base.Plan.Kind == record.KindExplain && sided(base) {
		return Builds(base, o)
	}
	for _, r := range []*record.Record{base, new} {
		if err := refuse(r); err != nil {
			return nil, err
		}
	}
	c := &Comparison{SameSession: base.ID == new.ID, TwoMachines: base.ID != new.ID && twoMachines(base, new)}
	if c.SameSession && !sided(base) && reflect.DeepEqual(base.Runs, new.Runs) {
		return nil, fmt.Errorf("%w: both are the same record, and it has no two sides (a search that ended early has none): name another record", ErrNothing)
	}
	matched := c.match(base, new)
	if len(matched) == 0 {
		return nil, fmt.Errorf("%w: the records share no graph with the same settings: the base has %s, and the new one %s", ErrNothing, names(base), names(new))
	}
	if c.SameSession && sided(base) {
		o.AllowDifferent = true // what is compared there was chosen
	}
	if err := sameGraphs(matched, o); err != nil {
		return nil, err
	}
	o.Configurations = len(matched)
	o.oomIsResult = base.Plan.Kind == record.KindSweep && new.Plan.Kind == record.KindSweep
	if c.SameSession {
		if base.Plan.Kind == record.KindAB {
			o.asked = base.Plan.Blocks
		}
		c.blocks(matched, o)
	} else {
		c.Doubts = append(c.Doubts, differences(base, new)...)
		c.sessions(matched, o)
	}
	c.GeometricMean = geometricMean(c.Pairs)
	return c, nil
}

// refuse refuses a record whose launches do not measure epochs. Those of one that explains
// an epoch leave out parts of it, and the few of its whole epoch are for their differences.
func refuse(r *record.Record) error {
	switch r.Plan.Kind {
	case record.KindProbe:
		return fmt.Errorf("%w: the record %s has the limits of a machine, and no epochs: compare records of run", ErrNothing, r.ID)
	case record.KindLargest:
		return fmt.Errorf("%w: the record %s is a search for the largest batch, and its launches have a step or two: compare records of run", ErrNothing, r.ID)
	case record.KindEstimate:
		return fmt.Errorf("%w: the record %s is an estimate, and its launches are probes of short epochs: compare records of run", ErrNothing, r.ID)
	case record.KindExplain:
	default:
		return nil
	}
	return fmt.Errorf("%w: the record %s explains an epoch, and its launches leave out parts of it: compare records of run, or both settings in one ab", ErrNothing, r.ID)
}

// blocks compares within a session. Holm's procedure shares the job's error rate
// among its configurations: the clearest must be clear enough for all of them, the
// next for one fewer (Scandinavian Journal of Statistics 6 (1979) 65).
func (c *Comparison) blocks(matched []match, o Options) {
	used := make([]float64, len(matched))
	for i, m := range matched {
		p, share := byBlocks(m.base, m.new, o)
		p.Title, p.Doubts = m.title, append(p.Doubts, m.doubts...)
		c.Pairs = append(c.Pairs, p)
		used[i] = share
	}
	significant := stats.Holm(used, 1)
	for i := range c.Pairs {
		c.Pairs[i].decide(o, significant[i])
	}
}

// sessions compares two sessions. What the sessions differ by is shared by all
// configurations, so each must clear the bound that holds for all at once.
func (c *Comparison) sessions(matched []match, o Options) {
	between := o.between()
	switch {
	case len(between) < stats.MinSessions:
		c.Doubts = append(c.Doubts, unknownSessions(len(between), c.TwoMachines))
	case c.TwoMachines:
		c.Doubts = append(c.Doubts, "what two sessions differ by is that of one machine, and no session can hold two")
	default:
		c.Doubts = append(c.Doubts, "more launches do not narrow what two sessions differ by: to know more closely, compare both in one session")
	}
	certainty := 1 - (1-Certainty)/float64(len(matched))
	for _, m := range matched {
		p := newPair(m.base, m.new, o)
		p.Title, p.Doubts = m.title, append(p.Doubts, m.doubts...)
		bases, news := stats.LaunchValues(m.base, p.PerExample), stats.LaunchValues(m.new, p.PerExample)
		p.interrupted(m.base, "base")
		p.interrupted(m.new, "new")
		p.Ratio = stats.RatioAcross(bases, news, between, certainty)
		p.Bar = stats.BarOfSessions(p.Ratio, len(between), o.threshold())
		p.decide(o, true)
		p.Needed = 0 // more launches do not help
		c.Pairs = append(c.Pairs, p)
	}
}

// unknownSessions says that the noise of this machine is known from too few
// comparisons of sessions, and what can be done about it. Two machines share no session.
func unknownSessions(known int, twoMachines bool) string {
	if twoMachines {
		return fmt.Sprintf("how far sessions differ is known from %s an hour or more apart, and a verdict takes %d; no session can hold two machines: "+
			"measure more launches on each, and rank the machines on a page", count(known, "comparison", "comparisons"), stats.MinSessions)
	}
	return fmt.Sprintf("how far sessions of this machine differ is known from %s an hour or more apart, and a verdict takes %d: "+
		"measure this machine's noise, or compare in one session", count(known, "comparison", "comparisons"), stats.MinSessions)
}

// sameGraphs refuses graphs that differ under one name.
func sameGraphs(matched []match, o Options) error {
	for i, m := range matched {
		if m.base.Graph.SHA256 == m.new.Graph.SHA256 {
			continue
		}
		if !o.AllowDifferent {
			return differentGraphs(m.title, m.base.Graph.SHA256, m.new.Graph.SHA256)
		}
		matched[i].doubts = append(matched[i].doubts, "different graphs: "+graphs(m.base, m.new))
	}
	return nil
}

func differentGraphs(title, base, new string) error {
	return fmt.Errorf("%w: %s was exported anew between the records (hash %.12s, then %.12s): measure both with one graph, or allow graphs that differ",
		ErrDifferent, title, base, new)
}

func graphs(base, new *record.Run) string {
	if base.Graph.Name != new.Graph.Name {
		return base.Graph.Name + " against " + new.Graph.Name
	}
	return fmt.Sprintf("hash %.12s against %.12s", base.Graph.SHA256, new.Graph.SHA256)
}

// geometricMean is the mean of the ratios that are known; NaN where none is.
func geometricMean(pairs []Pair) float64 {
	sum, n := 0.0, 0.0
	for _, p := range pairs {
		if !math.IsNaN(p.Ratio.Median) {
			sum, n = sum+math.Log(p.Ratio.Median), n+1
		}
	}
	return math.Exp(sum / n)
}

// names returns the titles of a record's runs; of many, the first few.
func names(r *record.Record) string {
	out := titles(runs(r, "A"))
	if len(out) == 0 {
		return "no runs"
	}
	if more := len(out) - 5; more > 0 {
		out = append(out[:5], fmt.Sprintf("%d more", more))
	}
	return strings.Join(out, "; ")
}
