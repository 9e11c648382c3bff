package main

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// Scripts whose fit is given a pipeline, from the file to the record: batches come from
// it, and where it has an order, ten steps of it train as Keras does.
func TestScriptsWithPipelines(t *testing.T) {
	dir := t.TempDir()
	program, worker := buildTool(t, dir)
	for _, name := range []string{"ordered", "records", "texts"} {
		t.Run(name, func(t *testing.T) {
			script := filepath.Join("testdata", "models", "scripts", name+".py")
			cmd := exec.Command(program, "run", script, "--launches", "1", "--epochs", "2", "--json", "-", "--allow-concurrent", "--worker", "env "+asWorker+"=1 "+worker)
			cmd.Dir = filepath.Join("..", "..") // where the exporter is
			cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "TMPDIR="+dir, "EPOCHTIME_DB=none", "EPOCHTIME_PYTHON="+filepath.Join(".venv", "bin", "python"))
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v\n%s", err, &stderr)
			}
			rec, err := record.Read(&stdout)
			if err != nil {
				t.Fatal(err)
			}
			run := rec.Runs[0]
			l := run.Launches[0]
			if l.Resolved.Pipeline != record.PipelineScript || run.Graph.Script == nil || run.Parity == nil || len(l.Epochs) != 3 {
				t.Fatalf("%+v of %+v, parity %v", l.Resolved, run.Graph, run.Parity)
			}
			for _, e := range l.Epochs {
				if e.Steps < 1 || e.Wait <= 0 || math.Abs(e.Seconds-e.Wait-e.Step-e.Other) > 1e-6 || e.NewShapes != 0 {
					t.Errorf("%+v", e)
				}
				for metric := range e.Metrics {
					if validated := e.ValidationSteps > 0; strings.HasPrefix(metric, "val_") && !validated {
						t.Errorf("%s without validation: %+v", metric, e)
					}
				}
			}
		})
	}
}
