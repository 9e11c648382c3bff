package measure

import (
	"errors"
	"fmt"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// Resume returns a session that continues an incomplete record, with the record's
// graphs, settings and plan. It repeats only a launch that was interrupted. Fields of
// o that a record holds are ignored. The errors are ErrComplete, ErrResume and those
// of package graph.
func Resume(rec *record.Record, o Options) (*Session, error) {
	switch {
	case rec == nil || len(rec.Runs) == 0:
		return nil, kindError{errors.New("the record cannot be resumed: it holds no runs"), ErrResume}
	case rec.Status == record.Complete:
		return nil, ErrComplete
	}
	s := &Session{o: o.filled(), rec: rec, monitor: newMonitor(o)}
	s.spent = newStopwatch(s.o, rec)
	if rec.Plan.Kind == record.KindAB && (len(rec.Runs) != 2 || rec.Runs[0].Side != sideA || rec.Runs[1].Side != sideB) {
		return nil, kindError{errors.New("the record cannot be resumed: an ab has a run of side A and one of side B"), ErrResume}
	}
	titles, checks := setting.Titles(rec.Runs), dataChecks{}
	for i := range rec.Runs {
		run := &rec.Runs[i]
		g, err := s.graphOf(run)
		if err != nil {
			return nil, err
		}
		worker, err := s.o.Workers(run.Config)
		if err != nil {
			return nil, err
		}
		if rec.Plan.Kind != record.KindProbe {
			if _, err := checks.resolve(g, run.Config); err != nil { // such as for data that is missing now
				return nil, kindError{fmt.Errorf("%s: %w", titles[i], err), ErrResume}
			}
		}
		c := Configuration{Graph: g, Config: run.Config, Command: run.Command, Label: titles[i]}
		switch {
		case run.Side != "" && rec.Plan.Kind == record.KindTune:
			c.Label = sideLabel(run.Side, g.Name)
		case run.Side != "":
			c.Label = "side " + run.Side
		case rec.Plan.Kind == record.KindFactors:
			c.Label = factorLabel(rec.Runs[0].Graph.Name, run.Factor)
		}
		s.configs = append(s.configs, config{Configuration: c, worker: sampled(worker, s.monitor)})
		run.Summary, run.Warnings = stats.Summarize(run)
	}
	if err := s.begin(); err != nil {
		return nil, kindError{err, ErrResume}
	}
	return s, nil
}

// graphOf returns the graph of a run of the record. Those of a probe are no files.
func (s *Session) graphOf(run *record.Run) (*graph.Manifest, error) {
	if s.kind() == record.KindProbe {
		return &graph.Manifest{Name: run.Graph.Name}, nil
	}
	return reopen(run.Graph)
}

// reopen opens a graph of a record, and verifies that it is the same.
func reopen(then record.Graph) (*graph.Manifest, error) {
	if then.Dir == "" {
		return nil, kindError{fmt.Errorf("it does not name the folder of graph %s: measure again", then.Name), ErrResume}
	}
	g, err := graph.Open(then.Dir)
	if err != nil {
		return nil, kindError{fmt.Errorf("the graph %s: %w", then.Name, err), ErrResume}
	}
	if g.SHA256 != then.SHA256 {
		return nil, kindError{fmt.Errorf("the graph %s is not the one that was measured (sha256 %.12s…, the record has %.12s…): measure again", then.Name, g.SHA256, then.SHA256), ErrResume}
	}
	return g, g.Verify()
}
