package measure

import (
	"encoding/json"
	"fmt"
	"strings"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// onednn is the variable that turns TensorFlow's oneDNN kernels on and off.
const onednn = "TF_ENABLE_ONEDNN_OPTS"

// change is one setting and its value.
type change struct{ name, value string }

// Candidates returns the configurations for NewTune to search. The first is named,
// on which Configure must not have been called. The others are named and its variants
// among the exported graphs, with settings that change only how a graph is computed.
//
// Settings for which keep returns true do not change. name returns the word for a
// graph in Configuration.Command. notice is called for each variant that is left out,
// with the reason. The errors are ErrNothing and those of Configure.
func Candidates(named Configuration, exported []*graph.Manifest, keep func(setting string) bool, name func(*graph.Manifest) string, notice func(string)) ([]Configuration, error) {
	if named.Graph == nil || keep == nil || name == nil || notice == nil {
		return nil, ErrNothing
	}
	checks := dataChecks{}
	variants, err := variantsOf(named, exported, checks, name, notice)
	if err != nil {
		return nil, err
	}
	if asked := keep; pipelined(named.Graph, named.Config) { // nothing is prepared ahead
		keep = func(setting string) bool { return setting == "prefetch" || asked(setting) }
	}
	var out []Configuration
	for i, v := range variants {
		small, err := runsOnCaller(v, checks)
		if err != nil {
			return nil, err
		}
		for _, changes := range choices(v, keep, i == 0, small) {
			c := v
			c.Label = c.Graph.Name
			for _, ch := range changes {
				if err := setting.Change(&c.Config, ch.name, ch.value); err != nil {
					return nil, err
				}
				c.Label += ", " + strings.TrimPrefix(ch.name, "env.") + " " + ch.value
			}
			if err := c.complete(checks); err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// choices returns the changes to try with each graph, which for the first graph begin
// with no change. small says that the graph's executor is record.CallerThread where none
// is set. oneDNN is turned on and off explicitly, because its default depends
// on the processor.
func choices(v Configuration, keep func(string) bool, first, small bool) [][]change {
	c := v.Config
	executions := [][]change{nil}
	if !keep("executor") && !keep("intra-op") && !keep("inter-op") {
		other := record.CallerThread
		if small {
			other = record.ThreadPool
		}
		executions = append(executions, []change{{"executor", other}}, []change{{"intra-op", "1"}, {"inter-op", "1"}})
		if !c.Resident() && v.Graph.Variant.Devices() == 1 { // the loop in the graph would run other kernels, and replicas wait for each other
			executions = append(executions, []change{{"executor", record.SingleThreaded}})
		}
	}
	kernels := [][]change{nil}
	if _, set := c.Env[onednn]; !set && c.Device == "cpu" {
		kernels = [][]change{{{"env." + onednn, "0"}}, {{"env." + onednn, "1"}}}
	}
	var out [][]change
	if first && len(kernels) > 1 {
		out = append(out, nil)
	}
	for _, k := range kernels {
		for _, e := range executions {
			out = append(out, append(e[:len(e):len(e)], k...))
		}
	}
	if !keep("prefetch") && !c.Resident() {
		out = append(out, []change{{"prefetch", "0"}})
	}
	return out
}

// runsOnCaller reports whether an unset executor is record.CallerThread.
func runsOnCaller(v Configuration, checks dataChecks) (bool, error) {
	c, err := checks.resolve(v.Graph, v.Config)
	if err != nil || c.Device != "cpu" || c.Runtime != "" {
		return false, err
	}
	batch, err := v.Graph.BatchFor(c.Batch, c.Samples)
	return err == nil && v.Graph.StepIsSmall(batch), nil //nolint:nilerr // the number of examples is not known yet
}

// variantsOf returns named, and a configuration for each exported graph that trains
// the same model on the same data in the same batches.
func variantsOf(named Configuration, exported []*graph.Manifest, checks dataChecks, name func(*graph.Manifest) string, notice func(string)) ([]Configuration, error) {
	out := []Configuration{named}
	asked, err := checks.resolve(named.Graph, named.Config)
	if err != nil {
		return nil, err
	}
	for _, g := range exported {
		if g == nil || g.SHA256 == named.Graph.SHA256 || !sameTraining(named.Graph, g) || fits(g, named.Config) != nil {
			continue
		}
		if err := g.Verify(); err != nil {
			notice(fmt.Sprintf("%s is left out: %v", g.Name, err))
			continue
		}
		if asked.Resident() && g.Resident() != nil {
			continue
		}
		c, err := checks.resolve(g, named.Config)
		if err != nil {
			notice(fmt.Sprintf("%s is left out: %v", g.Name, err))
			continue
		}
		if canonical(c) != canonical(asked) {
			notice(fmt.Sprintf("%s is left out: it does not train in the same batches", g.Name))
			continue
		}
		v := named
		v.Graph = g
		if len(v.Command) > 0 {
			v.Command = []string{v.Command[0], name(g)}
		}
		out = append(out, v)
	}
	return out, nil
}

// sameTraining reports whether two graphs have the same model, data and precision, on as
// many devices.
func sameTraining(a, b *graph.Manifest) bool {
	key := func(g *graph.Manifest) string {
		text, err := json.Marshal([]any{
			g.Model.Architecture, g.Model.Parameters, g.Model.TrainableParameters, g.Model.Loss, g.Model.Optimizer,
			g.Data.Kind, g.Data.SHA256, g.Data.Columns, g.Preprocess, g.Variant.Precision, g.Variant.Devices(),
			g.Script, // another phase trains something else
		})
		if err != nil {
			return g.SHA256 // equals no other graph
		}
		return string(text)
	}
	return key(a) == key(b)
}
