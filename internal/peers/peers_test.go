//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", path, diff)
	}
}

// The plan of every model: which graph, worker and settings each contender has.
func TestPlan(t *testing.T) {
	var out strings.Builder
	for _, name := range usualWorks() {
		w, who := chosen(t, name, contenderNames()...)
		o := inFolder(t, w)
		list, err := o.configurations(w, who)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s\n", w.title())
		base := setting.Defaults()
		for i, c := range list {
			words := setting.Words(base, c.Config)
			base = list[0].Config // the reference
			text := strings.NewReplacer(o.scratch, ".peers", filepath.Dir(o.bin)+"/", "").Replace(strings.Join(words, " "))
			fmt.Fprintf(&out, "  %-20s %-16s %s\n", who[i].name, filepath.Base(c.Graph.Dir), text)
		}
	}
	golden(t, "plan.golden", out.String())
}

func TestUnknownNames(t *testing.T) {
	for _, names := range []string{"lenet", "cnn:0", "cnn:many"} {
		if _, err := chooseWorks([]string{names}); err == nil || !strings.Contains(err.Error(), names) {
			t.Errorf("models %s: the error is %v", names, err)
		}
	}
	if _, err := chooseContenders([]string{"nobody"}); err == nil || !strings.Contains(err.Error(), `no contender "nobody": there are epochtime,`) {
		t.Errorf("the error is %v", err)
	}
	if _, err := parse([]string{"linear"}); err == nil {
		t.Error("an argument is taken, and ignored")
	}
}

func TestMissingProgramIsNamed(t *testing.T) {
	_, who := chosen(t, "linear", "jax")
	o, err := parse([]string{"--python", os.Args[0], "--runtimes", filepath.Join(t.TempDir(), "python"), "--bin", t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.worker(), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := o.check(who); err == nil || !strings.Contains(err.Error(), "jax needs "+o.runtimes+": run make runtimes") {
		t.Errorf("the error is %v", err)
	}
}

func TestInterruptedSessionGoesOn(t *testing.T) {
	w, who := chosen(t, "mlp", "fit", "torch")
	o, l := inFolder(t, w), newLab()
	l.stop = 8
	if _, err := measured(t, o, l, w, who); !errors.Is(err, context.Canceled) {
		t.Fatalf("the error is %v", err)
	}
	rec, err := measured(t, o, l, w, who)
	if err != nil {
		t.Fatal(err)
	}
	if rec.Status != record.Complete || len(l.trained) != 3*6+1 {
		t.Errorf("the record is %s after %d launches, one of which was interrupted", rec.Status, len(l.trained))
	}
	if _, err := measured(t, o, l, w, who); err != nil || len(l.trained) != 3*6+1 {
		t.Errorf("a complete session was measured again: %d launches, %v", len(l.trained), err)
	}
}

func TestOtherOptionsDoNotGoOn(t *testing.T) {
	w, who := chosen(t, "mlp", "torch")
	o := inFolder(t, w)
	if _, err := measured(t, o, newLab(), w, who); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*options, *[]contender){
		"launches":   func(o *options, _ *[]contender) { o.launches = 7 },
		"seed":       func(o *options, _ *[]contender) { o.seed = 2 },
		"epochs":     func(o *options, _ *[]contender) { o.epochs = 9 },
		"contenders": func(_ *options, who *[]contender) { *who = (*who)[:1] },
	} {
		other, list := o, who
		change(&other, &list)
		if _, err := measured(t, other, newLab(), w, list); err == nil || !strings.Contains(err.Error(), "--again") {
			t.Errorf("other %s: the error is %v", name, err)
		}
	}
	if err := o.forget(w); err != nil {
		t.Fatal(err)
	}
	if _, err := graph.Open(o.graphOf(w, who[0])); err == nil {
		t.Error("the graph is still there")
	}
	if _, err := readRecord(o.recordOf(w)); err == nil {
		t.Error("the record is still there")
	}
}

// The page of two models: ties, a variant that is the fastest, one that trains
// something else, and one that is too short to be told.
func TestPage(t *testing.T) {
	cnn, who := chosen(t, "cnn:32", "epochtime-jit", "c-loop", "fit", "torch", "jax")
	l := newLab()
	l.seconds = func(c record.Config, graph string, n int) float64 {
		noise := 1 + float64(n%5)/1000
		switch {
		case graph == "cnn-jit":
			return 0.08 * noise
		case c.Runtime == record.RuntimeFit:
			return 0.25 * noise
		case strings.Contains(strings.Join(c.Worker, " "), "c_loop"):
			return 0.1 * (1 + float64(n%3-1)/10)
		case c.Runtime == record.RuntimePeer:
			return 0.09 * noise
		}
		return 0.1 * noise
	}
	l.loss = func(c record.Config) float64 {
		if strings.Contains(strings.Join(c.Worker, " "), "jax_loop") {
			return 5
		}
		return 2.5
	}
	first, err := measured(t, inFolder(t, cnn), l, cnn, who)
	if err != nil {
		t.Fatal(err)
	}
	gru, few := chosen(t, "gru", "tf-function")
	o := inFolder(t, gru)
	o.launches = 2
	quick := newLab()
	quick.seconds = func(c record.Config, _ string, _ int) float64 {
		if c.Runtime == record.RuntimeTFFunction {
			return 0.05
		}
		return 0.1
	}
	second, err := measured(t, o, quick, gru, few)
	if err != nil {
		t.Fatal(err)
	}
	second.Status = record.Incomplete
	for _, rec := range []*record.Record{first, second} {
		rec.Started, rec.Argv = rec.Started.AddDate(2026-rec.Started.Year(), 1-int(rec.Started.Month()), 1-rec.Started.Day()), []string{"peers", "--launches", "6"}
	}
	text, err := page([]*record.Record{first, second})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "page.golden.md", text)
}

func TestForeignRecordIsRefused(t *testing.T) {
	for _, labels := range []map[string]string{{}, {labelContenders: "nobody"}} {
		rec := &record.Record{Labels: labels, Runs: make([]record.Run, 1)}
		if _, err := page([]*record.Record{rec}); err == nil {
			t.Errorf("a record with the labels %v is taken", labels)
		}
	}
}
