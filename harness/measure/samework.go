package measure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// The largest relative difference of the first epoch's loss between runtimes that do the
// same work. Where the order of examples or the layers are random, each runtime draws
// for itself, and what is found is only that something else is trained.
const (
	sameLoss       = 1e-3
	sameLossRandom = 0.25
)

// otherWork returns why a launch does not train what the session's other runtimes train
// of the same graph in the same batches: its loss of the first epoch is another. It is
// empty where they agree, or nothing can be compared.
func (s *Session) otherWork(index int, out *launch.Outcome) string {
	run := s.rec.Runs[index]
	loss, ok := firstLoss(out.Launch)
	if !ok || run.Config.Step == record.PartNone {
		return ""
	}
	for i, other := range s.rec.Runs {
		if other.Config.Runtime == run.Config.Runtime || other.Config.Step == record.PartNone || !s.sameWork(i, index) {
			continue
		}
		for _, l := range other.Launches {
			want, ok := firstLoss(l)
			if !ok {
				continue
			}
			allowed := sameLoss
			if randomly(s.configs[index].Graph, run.Config) {
				allowed = sameLossRandom
			}
			if d := math.Abs(loss-want) / math.Max(math.Abs(want), 1e-12); d > allowed {
				return fmt.Sprintf("it trains something else than %s: the loss of the first epoch is %.5g, and there %.5g; a difference of %g %% is allowed", runtimeOf(other.Config), loss, want, 100*allowed)
			}
			return ""
		}
	}
	return ""
}

// ofWork are the settings that say on which batches a configuration trains.
var ofWork = []string{"batch", "samples", "data", "input", "take", "tokens", "window", "image-size", "seed", "shuffle", "preprocess"}

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
