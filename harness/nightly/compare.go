package nightly

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"epochtime/harness/baseline"
	"epochtime/harness/compare"
	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// compare adds a comparison of tonight's build with a base. What looks slower is
// measured in a second session, with other orders of launches, because a false alarm
// of one session seldom repeats.
func (j *job) compare(ctx context.Context, base, tonight *baseline.Baseline) error {
	c := j.add(Comparison{
		Graph: tonight.List.Graph, Base: base.Entry.Role, BaseCommit: base.List.Commit,
		Outcome: Running, Notes: notes(base, tonight),
	})
	if err := j.Changed(j.night); err != nil {
		return err
	}
	name := c.Graph + "/" + string(c.Base) // a graph's name has no slash
	outcome, err := j.session(ctx, c, name, base, tonight, 0)
	if err == nil && outcome == Slower {
		if err := j.Changed(j.night); err != nil {
			return err
		}
		outcome, err = j.session(ctx, c, name+"-confirmation", base, tonight, 1)
		if outcome == Same || outcome == Faster || outcome == Inconclusive {
			outcome = Unconfirmed
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		outcome, c.Problem = Unmeasured, err.Error()
	}
	c.Outcome = outcome
	if s := c.Last(); s != nil {
		if was, is := base.Entry.TensorFlow, tensorFlow(s.Record, 0); was != "" && is != "" && was != is {
			c.Notes = append(c.Notes, fmt.Sprintf("The build to compare with was accepted with TensorFlow %s, and now runs with %s: TensorFlow was replaced in place, both sides run the new one, and its effect does not show.", was, is))
		}
	}
	return j.Changed(j.night)
}

// session measures both sides and adds the session to the comparison. The error says
// why there is no verdict.
func (j *job) session(ctx context.Context, c *Comparison, name string, base, tonight *baseline.Baseline, number uint64) (Outcome, error) {
	a, err := side(base, base.List.Config)
	if err != nil {
		return Unmeasured, err
	}
	b, err := side(tonight, base.List.Config)
	if err != nil {
		return Unmeasured, err
	}
	started := j.night.Started.UTC()
	session, err := measure.NewAB(a, b, measure.Options{
		Launches: j.Launches, Threshold: j.Threshold, MaxTime: j.MaxTime, Watcher: j.Watcher, Workers: j.Workers, MachineName: j.MachineName,
		Seed:   uint64(started.Year()*10000+int(started.Month())*100+started.Day()) + number, //nolint:gosec // a date
		Labels: map[string]string{"commit": tonight.List.Commit, "base": string(base.Entry.Role), "base_commit": base.List.Commit},
		Save:   func(r *record.Record) error { return j.Save(name, r) },
	})
	if err != nil {
		return Unmeasured, err
	}
	err = session.Measure(ctx)
	rec := session.Record()
	if session.Launched() > 0 {
		c.Sessions = append(c.Sessions, Session{
			Name: name, Record: rec,
			Pair: compare.AB(rec, compare.Options{Threshold: j.Threshold}),
		})
		j.Measured(rec)
	}
	if err != nil && !errors.Is(err, measure.ErrFailed) {
		return Unmeasured, err
	}
	last := c.Last()
	if err := whole(rec); err != nil && ctx.Err() == nil && last.Pair.Failures == nil && last.Pair.Verdict != compare.Slower {
		return Unmeasured, err
	}
	return judge(last.Pair, c.Base == baseline.Tonight)
}

// whole returns an error unless each side has all of its launches, and all of them
// ended. What the time limit left out or cut may be what is wrong with a build.
func whole(rec *record.Record) error {
	for i, run := range rec.Runs {
		of := []string{"the other build", "tonight's build"}[i]
		if slices.ContainsFunc(run.Launches, func(l record.Launch) bool { return l.Status == record.Interrupted }) {
			return fmt.Errorf("a launch of %s did not end in time: see whether it hangs, or allow more time", of)
		}
		if n := len(run.Launches); n < rec.Plan.Blocks {
			return fmt.Errorf("only %d of %d launches of %s fitted in the time: see why they take so long, or allow more time", n, rec.Plan.Blocks, of)
		}
	}
	return nil
}

// side returns a sealed build with settings.
func side(b *baseline.Baseline, c record.Config) (measure.Configuration, error) {
	g, err := graph.Open(b.Graph)
	if err != nil {
		return measure.Configuration{}, err
	}
	c.Worker = []string{b.Worker}
	return measure.Configure(measure.Configuration{Graph: g, Config: c})
}

// judge returns the outcome of one session. A build does not differ from itself: what
// says that it does is a disturbance.
func judge(p compare.Pair, same bool) (Outcome, error) {
	differs := p.Verdict == compare.Slower || p.Verdict == compare.Faster
	switch {
	case p.Failures != nil:
		return Failed, nil
	case same && differs:
		return Unmeasured, errDisturbed
	case p.Verdict == compare.Slower:
		return Slower, nil
	case p.Verdict == compare.Faster:
		return Faster, nil
	case p.Verdict == compare.Same:
		return Same, nil
	}
	return Inconclusive, nil
}

// errDisturbed says that a session found a difference where there is none.
var errDisturbed = errors.New("the build differs from itself, so something disturbs this machine: measure again when nothing else runs")

// notes returns what else differs between two builds.
func notes(base, tonight *baseline.Baseline) []string {
	var out []string
	if !maps.Equal(base.List.Files, tonight.List.Files) {
		out = append(out, fmt.Sprintf("The graph %s differs from that of the %s build: each side trains its own, so a difference may come from the graph.", tonight.List.Graph, base.Entry.Role))
	}
	if differ := setting.Names(setting.Differing(base.List.Config, tonight.List.Config)); len(differ) > 0 {
		out = append(out, fmt.Sprintf("Both sides run with the settings of the %s build. Tonight's own differ in: %s.", base.Entry.Role, strings.Join(differ, ", ")))
	}
	return out
}

// tensorFlow returns the version that a run of a record used.
func tensorFlow(rec *record.Record, run int) string {
	var found []string
	for _, l := range rec.Runs[run].Launches {
		if l.TensorFlow != "" && !slices.Contains(found, l.TensorFlow) {
			found = append(found, l.TensorFlow)
		}
	}
	return strings.Join(found, " and ")
}
