package store

import (
	"errors"
	"fmt"
	"strings"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/internal/sentence"
)

// ErrNoBest means that no best settings are known: no search of the graph has found any
// on this machine with this TensorFlow.
var ErrNoBest = errors.New("no best settings are known")

// Wanted says for what the best settings are wanted: a graph with completed settings, on a
// machine, with a TensorFlow.
type Wanted struct {
	Graph      record.Graph // its name and sha256
	Config     record.Config
	Machine    record.Machine
	TensorFlow string        // its version
	Build      *record.Build // of TensorFlow; nil is not known
}

// Best returns the best settings of the newest search that has found any for the same
// graph (by its sha256), machine, build of TensorFlow, device, runtime and way of
// feeding. A search of the same work, such as the batch, is preferred to a newer one of
// other work. What is known is derived from the records of searches: a search that is
// removed is forgotten. The errors are ErrNoBest, with the reason, and ErrDamaged for a
// record that cannot be read.
func (s *Store) Best(w Wanted) (*compare.Best, error) {
	var other *compare.Best
	var why reasons
	err := s.searches("AND id IN (SELECT record FROM runs WHERE graph = ?)", []any{w.Graph.Name}, func(r *record.Record) bool {
		b, ok := compare.BestOf(r)
		if !why.suits(w, r, b, ok) {
			return true
		}
		doubts, ok := b.Suits(w.Config)
		switch {
		case !ok:
			why.kind = true
		case len(doubts) == 0:
			other = b
			return false
		case other == nil:
			other = b
		}
		return true
	})
	switch {
	case err != nil:
		return nil, s.failed("reading", err)
	case other == nil:
		return nil, fmt.Errorf("%w for %s on %s with TensorFlow %s%s", ErrNoBest, w.Graph.Name, w.Machine.Title(), w.TensorFlow, why.text())
	}
	return other, nil
}

// Bests returns what is known of all graphs, the newest first: of each graph, machine,
// TensorFlow and work the newest search that has found something.
func (s *Store) Bests() ([]compare.Best, error) {
	var out []compare.Best
	known := map[string]bool{}
	err := s.searches("", nil, func(r *record.Record) bool {
		if b, ok := compare.BestOf(r); ok {
			key := bestKey(b)
			if !known[key] {
				out = append(out, *b)
			}
			known[key] = true
		}
		return true
	})
	return out, s.failed("reading", err)
}

func bestKey(b *compare.Best) string {
	words := []string{b.Default.Graph.SHA256, machineKey(b.Machine), b.TensorFlow}
	for _, set := range setting.Of(b.Default.Config) {
		if !set.Comparable {
			words = append(words, set.Name, set.Text(b.Default.Config))
		}
	}
	return digest(words...)
}

// searches calls visit with the record of each search, the newest first, until it returns
// false.
func (s *Store) searches(condition string, args []any, visit func(*record.Record) bool) error {
	found, err := s.ids("SELECT id FROM records WHERE kind = ? "+condition+" ORDER BY started DESC, id", append([]any{record.KindTune}, args...)...)
	if err != nil {
		return err
	}
	for _, id := range found {
		r, err := read(s.db, id)
		if err != nil {
			return err
		}
		if !visit(r) {
			return nil
		}
	}
	return nil
}

// reasons say why searches that there are do not serve.
type reasons struct {
	undecided, kind bool
	graphs          bool
	machines        []string
	versions        []string
}

// suits reports whether a search has found something for what is wanted, and otherwise
// notes why not.
func (why *reasons) suits(w Wanted, r *record.Record, b *compare.Best, found bool) bool {
	switch {
	case len(r.Runs) == 0 || r.Runs[0].Graph.Name != w.Graph.Name && r.Runs[0].Graph.SHA256 != w.Graph.SHA256:
		return false // of a graph with this one among its variants
	case r.Runs[0].Graph.SHA256 != w.Graph.SHA256:
		why.graphs = true
	case !found:
		why.undecided = true
	case !b.Machine.Same(w.Machine):
		why.machines = sentence.Add(why.machines, b.Machine.Title())
	case b.TensorFlow != w.TensorFlow:
		why.versions = sentence.Add(why.versions, b.TensorFlow)
	case !sameBuild(b.Build, w.Build):
		why.versions = sentence.Add(why.versions, b.TensorFlow+" of another build")
	default:
		return true
	}
	return false
}

// sameBuild reports whether nothing that is known of two builds of TensorFlow differs.
// oneDNN is left out: a variable turns it on and off.
func sameBuild(a, b *record.Build) bool {
	return a == nil || b == nil || a.XLA == b.XLA && a.CUDA == b.CUDA && a.CuDNN == b.CuDNN
}

// text is what is known instead, in the order of how near that is.
func (why *reasons) text() string {
	switch {
	case why.kind:
		return ": those that are known are for another device, runtime or way of feeding"
	case len(why.versions) > 0:
		return ": those that are known are for TensorFlow " + strings.Join(why.versions, ", ")
	case len(why.machines) > 0:
		return ": those that are known are for " + strings.Join(why.machines, ", ")
	case why.undecided:
		return ": a search did not end, or could not tell its winner from the default"
	case why.graphs:
		return ": it was exported anew since the last search"
	}
	return ""
}
