package main

import (
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/record"
)

// scriptRun is what a record says of a script's fit.
type scriptRun struct {
	Pipeline           string // where batches come from
	Batch, Steps       int
	Examples           int // of an epoch
	Phase, Phases      int
	Shuffle            bool
	Metrics            string // by name, sorted
	Validated, OfSteps int    // examples and steps of validation
	Notices            string // what they are about
}

const (
	inEpoch = record.PipelineScript
	fed     = ""
)

// Scripts of testdata/models/scripts, and what their fit says. internal/agree trains the
// others beside Keras.
var scriptRuns = map[string]scriptRun{
	"images":         {Pipeline: inEpoch, Batch: 4, Steps: 2, Examples: 6, Phase: 1, Phases: 1, Metrics: "accuracy"},
	"lengths":        {Pipeline: inEpoch, Batch: 8, Steps: 7, Examples: 42, Phase: 1, Phases: 1},
	"ordered":        {Pipeline: inEpoch, Batch: 8, Steps: 5, Examples: 40, Phase: 1, Phases: 1},
	"python_batches": {Pipeline: inEpoch, Batch: 4, Steps: 6, Examples: 24, Phase: 1, Phases: 1, Metrics: "accuracy val_accuracy val_loss", Validated: 12, OfSteps: 3, Notices: "pipeline pipeline"},
	"records":        {Pipeline: inEpoch, Batch: 8, Steps: 5, Examples: 40, Phase: 1, Phases: 1},
	"shuffled":       {Pipeline: inEpoch, Batch: 32, Steps: 8, Examples: 250, Phase: 1, Phases: 1, Metrics: "accuracy val_accuracy val_loss", Validated: 50, OfSteps: 3, Notices: "callbacks"},
	"texts":          {Pipeline: inEpoch, Batch: 16, Steps: 4, Examples: 60, Phase: 1, Phases: 1},
	"two_fits-1":     {Pipeline: fed, Batch: 32, Steps: 5, Examples: 160, Phase: 1, Phases: 2, Shuffle: true, Metrics: "accuracy"},
	"two_fits-2":     {Pipeline: fed, Batch: 16, Steps: 10, Examples: 160, Phase: 2, Phases: 2, Shuffle: true, Metrics: "accuracy"},
	"weighted":       {Pipeline: inEpoch, Batch: 16, Steps: 3, Examples: 40, Phase: 1, Phases: 1, Metrics: "accuracy"},
}

// From scripts to the record: each trains the batches, steps and examples that its fit
// says, from its own pipeline, and reports its metrics.
func TestScripts(t *testing.T) {
	dir := t.TempDir()
	program, worker := buildTool(t, dir)
	args := []string{"run", "--launches", "1", "--epochs", "2"}
	for _, name := range slices.Sorted(maps.Keys(scriptRuns)) {
		if script, _, second := strings.Cut(name, "-2"); !second {
			args = append(args, filepath.Join("testdata", "models", "scripts", strings.TrimSuffix(script, "-1")+".py"))
		}
	}
	rec, _ := measured(t, dir, program, worker, args...)
	got := make(map[string]scriptRun)
	for _, run := range rec.Runs {
		got[run.Graph.Name] = scriptRunOf(t, run)
	}
	if diff := cmp.Diff(scriptRuns, got); diff != "" {
		t.Errorf("what is timed (+) is not what fit says (-):\n%s", diff)
	}
}

// scriptRunOf returns what a run says, and checks what holds for every epoch.
func scriptRunOf(t *testing.T, run record.Run) scriptRun {
	t.Helper()
	if run.Parity == nil || len(run.Launches) != 1 || len(run.Launches[0].Epochs) != 3 || run.Graph.Script == nil {
		t.Fatalf("%s: %+v", run.Graph.Name, run)
	}
	l := run.Launches[0]
	for _, e := range l.Epochs {
		if e.Wait <= 0 || math.Abs(e.Seconds-e.Wait-e.Step-e.Other) > 1e-6 || e.NewShapes != 0 || (e.Validation > 0) != (e.ValidationSteps > 0) {
			t.Errorf("%s: %+v", run.Graph.Name, e)
		}
	}
	last := l.Epochs[2]
	var notices []string
	for _, n := range run.Graph.Notices {
		if n.About != "parity" { // which depends on the last bits
			notices = append(notices, n.About)
		}
	}
	return scriptRun{
		Pipeline: l.Resolved.Pipeline, Batch: l.Resolved.Batch, Steps: last.Steps, Examples: last.Samples,
		Phase: run.Graph.Script.Phase, Phases: run.Graph.Script.Phases, Shuffle: run.Config.Shuffles(),
		Metrics:   strings.Join(slices.Sorted(maps.Keys(last.Metrics)), " "),
		Validated: last.ValidationSamples, OfSteps: last.ValidationSteps, Notices: strings.Join(notices, " "),
	}
}
