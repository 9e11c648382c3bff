package measure

import (
	"errors"
	"fmt"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Resume returns a session that goes on with an incomplete record: its graphs,
// settings and plan are the record's, and no launch that it holds is done again,
// except one that was interrupted. Of o, only what is not in a record counts.
// The errors are ErrComplete, ErrResume and those of package graph.
func Resume(rec *record.Record, o Options) (*Session, error) {
	switch {
	case rec == nil || len(rec.Runs) == 0:
		return nil, kindError{errors.New("it holds no runs"), ErrResume}
	case rec.Status == record.Complete:
		return nil, ErrComplete
	}
	s := &Session{o: o.filled(), rec: rec}
	for i := range rec.Runs {
		run := &rec.Runs[i]
		g, err := reopen(run.Graph)
		if err != nil {
			return nil, err
		}
		worker, err := s.o.Workers(run.Config)
		if err != nil {
			return nil, err
		}
		c := Configuration{Graph: g, Config: run.Config, Command: run.Command}
		if run.Side != "" {
			c.Label = "side " + run.Side
		}
		s.configs = append(s.configs, config{Configuration: c, worker: worker})
		run.Summary, run.Warnings = stats.Summarize(run)
	}
	if err := s.begin(); err != nil {
		return nil, kindError{fmt.Errorf("%w", err), ErrResume}
	}
	return s, nil
}

// reopen opens the graph that a record was measured with.
func reopen(then record.Graph) (*graph.Manifest, error) {
	if then.Dir == "" {
		return nil, kindError{fmt.Errorf("it does not say where the graph %s is: measure anew", then.Name), ErrResume}
	}
	g, err := graph.Open(then.Dir)
	if err != nil {
		return nil, kindError{fmt.Errorf("the graph %s: %w", then.Name, err), ErrResume}
	}
	if g.SHA256 != then.SHA256 {
		return nil, kindError{fmt.Errorf("the graph %s is not the one that was measured (sha256 %.12s…, the record has %.12s…): measure anew", then.Name, g.SHA256, then.SHA256), ErrResume}
	}
	return g, g.Verify()
}
