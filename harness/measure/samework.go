package measure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// The largest relative difference of the first epoch's loss between runtimes that do the
// same work. Where the order of examples or the layers are random, each runtime draws
// for itself, and what is found is only that something else is trained.
const (
	sameLoss       = 1e-3
	sameLossRandom = 0.25
)

// failOtherWork fails the launches that train something else than their reference does:
// their loss of the first epoch is another. A launch may have to wait for its reference,
// so all are judged after each. It reports whether an earlier launch failed by it.
func (s *Session) failOtherWork() (changed bool) {
	last := s.Launched() - 1
	for i := range s.rec.Runs {
		run := &s.rec.Runs[i]
		of, want, known := s.reference(i)
		if !known {
			continue
		}
		for k := range run.Launches {
			l := &run.Launches[k]
			why := s.otherWork(i, *l, s.rec.Runs[of].Config, want)
			if why == "" {
				continue
			}
			l.Status, l.Reason = record.Error, why
			changed = changed || l.Order != last
		}
		run.Summary, run.Warnings = stats.Summarize(run)
	}
	return changed
}

// reference returns the run whose work a run has to do too, and its loss of the first
// epoch: the graph's, which was compared with Keras, or without one what was launched
// first. There is none while that has not worked, and for the reference itself.
func (s *Session) reference(index int) (run int, loss float64, known bool) {
	if s.rec.Runs[index].Config.Step == record.PartNone {
		return 0, 0, false
	}
	first, ofGraph := math.MaxInt, false
	for i, r := range s.rec.Runs {
		if r.Config.Step == record.PartNone || !s.sameWork(i, index) || ofGraph && !r.Config.OfGraph() {
			continue
		}
		if r.Config.OfGraph() && !ofGraph {
			first, ofGraph, known = math.MaxInt, true, false
		}
		for _, l := range r.Launches {
			if v, ok := firstLoss(l); ok && l.Order < first {
				first, run, loss, known = l.Order, i, v, true
			}
		}
	}
	return run, loss, known && !sameRuntime(s.rec.Runs[run].Config, s.rec.Runs[index].Config)
}

// sameRuntime reports whether the same program trains.
func sameRuntime(a, b record.Config) bool {
	return a.OfGraph() && b.OfGraph() || a.Runtime == b.Runtime && slices.Equal(a.Worker, b.Worker)
}

// otherWork returns why a launch that worked does not train what another configuration
// trains, whose first epoch has the loss want; empty if it does.
func (s *Session) otherWork(index int, l record.Launch, other record.Config, want float64) string {
	loss, ok := firstLoss(l)
	if !ok {
		return ""
	}
	allowed := sameLoss
	if randomly(s.configs[index].Graph, s.rec.Runs[index].Config) {
		allowed = sameLossRandom
	}
	if d := math.Abs(loss-want) / math.Max(math.Abs(want), 1e-12); d > allowed {
		return fmt.Sprintf("it trains something else than %s: the loss of the first epoch is %.5g, and there %.5g; a difference of %g %% is allowed", runtimeOf(other), loss, want, 100*allowed)
	}
	return ""
}

// ofWork are the settings that say on which batches a configuration trains.
var ofWork = []string{"batch", "samples", "data", "input", "take", "header", "tokens", "window", "image-size", "seed", "shuffle", "preprocess"}

// sameWork reports whether two runs of the record train the same model on the same
// batches.
func (s *Session) sameWork(a, b int) bool {
	if !sameTraining(s.configs[a].Graph, s.configs[b].Graph) {
		return false
	}
	return !slices.ContainsFunc(ofWork, func(name string) bool {
		known, _ := setting.Find(name)
		return known.Text(s.rec.Runs[a].Config) != known.Text(s.rec.Runs[b].Config)
	})
}

func runtimeOf(c record.Config) string {
	if c.OfGraph() {
		return "the runtime " + record.RuntimeGo
	}
	return "the runtime " + c.Runtime
}

// firstLoss returns the loss of the first epoch of a launch that worked.
func firstLoss(l record.Launch) (float64, bool) {
	if l.Status != record.OK || len(l.Epochs) == 0 || l.Epochs[0].Index != 0 {
		return 0, false
	}
	return float64(l.Epochs[0].Loss), true
}

// randomly reports whether two runtimes train on other random numbers: the order of the
// examples, a pipeline that differs from pass to pass, or layers with a random state.
func randomly(g *graph.Manifest, c record.Config) bool {
	if c.Shuffles() || g.Settings.Shuffle || g.Pipeline != nil && !g.Pipeline.Fixed {
		return true
	}
	if g.Weights == nil {
		return true
	}
	stored, err := g.OpenWeights()
	return err != nil || slices.ContainsFunc(stored.Variables, func(v graph.Variable) bool {
		return strings.Contains(v.Path, "seed_generator")
	})
}
