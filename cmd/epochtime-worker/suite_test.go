package main

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// The two programs together, as a person runs them: the article's suite.
func TestArticleSuite(t *testing.T) {
	dir := t.TempDir()
	program, self := buildTool(t, dir)
	file := filepath.Join(dir, "out.json")
	cmd := exec.Command(program, "run", "--suite", "article", "--launches", "2", "--json", file, "--allow-concurrent",
		"--graphs", filepath.Join("..", "..", "graphs"), "--worker", "env "+asWorker+"=1 "+self)
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "TMPDIR="+dir, "EPOCHTIME_DB="+filepath.Join(dir, "history.db"))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, text := range []string{"linear", "cnn", "rnn", "6 launches", "Average epoch time: 0."} {
		if !strings.Contains(string(out), text) {
			t.Errorf("the table lacks %q:\n%s", text, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "history.db")); err != nil {
		t.Errorf("the measurement is not in the history: %v", err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := record.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	checkRecord(t, rec)
}

// buildTool builds the tool into a folder. worker is the program to give it as one,
// with asWorker in its environment.
func buildTool(t *testing.T, dir string) (program, worker string) {
	t.Helper()
	program = filepath.Join(dir, "epochtime")
	build := exec.Command("go", "build", "-o", program, "../epochtime")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building epochtime: %v\n%s", err, out)
	}
	worker, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program, worker
}

func checkRecord(t *testing.T, rec *record.Record) {
	t.Helper()
	if rec.Status != record.Complete || len(rec.Runs) != 3 || len(rec.Machines) != 1 {
		t.Fatalf("status %s, %d runs, %d machines", rec.Status, len(rec.Runs), len(rec.Machines))
	}
	orders := map[int]bool{}
	for i, epochs := range []int{100, 10, 5} {
		run := rec.Runs[i]
		if run.Parity == nil || !(run.Parity.MaxRelativeDifference <= 1e-5) {
			t.Errorf("%s: parity %+v", run.Graph.Name, run.Parity)
		}
		if len(run.Launches) != 2 || run.Summary == nil || run.Summary.Launches != 2 {
			t.Fatalf("%s: %d launches, summary %+v", run.Graph.Name, len(run.Launches), run.Summary)
		}
		for _, l := range run.Launches {
			orders[l.Order] = true
			if l.Status != record.OK || len(l.Epochs) != 1+epochs || !l.Epochs[0].Warmup || l.Epochs[1].Warmup {
				t.Fatalf("%s: %s, %d epochs, want 1 of warm-up and %d", run.Graph.Name, l.Status, len(l.Epochs), epochs)
			}
			for _, e := range l.Epochs {
				if math.Abs(e.Seconds-e.Wait-e.Step-e.Other) > 1e-6 {
					t.Errorf("%s: seconds %v is not wait %v + step %v + other %v", run.Graph.Name, e.Seconds, e.Wait, e.Step, e.Other)
				}
			}
			if last := len(l.Epochs) - 1; !(l.Epochs[last].Loss < l.Epochs[0].Loss) {
				t.Errorf("%s: the loss went from %v to %v", run.Graph.Name, l.Epochs[0].Loss, l.Epochs[last].Loss)
			}
		}
	}
	if len(orders) != 6 {
		t.Errorf("launch orders %v, want 0 to 5", orders)
	}
}
