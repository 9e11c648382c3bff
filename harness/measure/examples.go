package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// examples are the files of raw examples for workers that are not of the graph, by what
// they hold. They last as long as Measure.
type examples struct {
	folder string
	files  map[string]madeExamples
}

// madeExamples is a file of examples, and what may not be meant in the data they are of.
type madeExamples struct {
	path     string
	warnings []string
}

// remove removes the files.
func (e *examples) remove() {
	if e.folder != "" {
		_ = os.RemoveAll(e.folder) // the system clears its temporary folder
	}
	*e = examples{}
}

// examplesOf returns the file of examples that a run's worker trains on, and makes it in
// a launch of its own; none where it needs none.
func (s *Session) examplesOf(ctx context.Context, run int) (madeExamples, error) {
	c, g := s.rec.Runs[run].Config, s.configs[run].Graph
	if c.OfGraph() || ownData(g) {
		return madeExamples{}, nil
	}
	maker := makerOf(c)
	key, err := json.Marshal([]any{g.SHA256, g.Dir, maker.Data, maker.Inputs, maker.Take, maker.Samples, maker.Seed, maker.Header, maker.Tokens, maker.Window})
	if err != nil {
		return madeExamples{}, fmt.Errorf("making examples of %s: %w", g.Name, err)
	}
	if made, ok := s.examples.files[string(key)]; ok {
		return made, nil
	}
	if s.examples.folder == "" {
		folder, err := os.MkdirTemp("", "epochtime-examples-")
		if err != nil {
			return madeExamples{}, fmt.Errorf("making examples of %s: %w", g.Name, err)
		}
		s.examples = examples{folder, map[string]madeExamples{}}
	}
	w, err := s.o.Workers(maker)
	if err != nil {
		return madeExamples{}, err
	}
	path := filepath.Join(s.examples.folder, fmt.Sprintf("%d.npz", len(s.examples.files)))
	job := protocol.Job{Kind: protocol.Examples, Graph: absolute(g.Dir), SHA256: g.SHA256, Config: maker, Examples: path}
	defer s.spent.run(&s.rec.Spent.Extra)()
	out, err := once(ctx, w, job)
	if err != nil {
		return madeExamples{}, fmt.Errorf("making examples of %s: %w", g.Name, err)
	}
	made := madeExamples{path, out.Launch.Warnings}
	s.examples.files[string(key)] = made
	return made, nil
}

// makerOf returns the configuration of the graph's own worker that makes the examples for
// another.
func makerOf(c record.Config) record.Config {
	if c.Runtime == record.RuntimePeer {
		c.Worker = nil
	}
	c.Runtime, c.Callbacks, c.Metrics, c.Step, c.Compile, c.PerCall, c.Pipeline, c.Validation = "", "", "", "", "", 0, "", ""
	return c
}
