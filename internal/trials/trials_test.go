//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/internal/slowed"
)

// program plays 'epochtime ab': it writes a record of two sides, B so many times as
// slow, to the file after --json, and ends with a code.
func program(t *testing.T, by float64, code int) string {
	t.Helper()
	r := &record.Record{Schema: record.Schema, ID: "1", Epochtime: "0.1.0", Status: record.Complete, Plan: record.Plan{Kind: record.KindAB, Blocks: 10}, Machines: []record.Machine{{Hostname: "lab"}}}
	for _, side := range []struct {
		name    string
		seconds float64
	}{{"A", 1}, {"B", by}} {
		run := record.Run{Graph: record.Graph{Name: "cnn", SHA256: strings.Repeat("5a", 32)}, Side: side.name, Config: record.Config{Epochs: 1, Device: "cpu", Feed: record.FeedBatches}}
		for block := range 10 {
			run.Launches = append(run.Launches, record.Launch{Status: record.OK, Block: block, Order: 2 * block, Epochs: []record.Epoch{{Seconds: side.seconds, Step: side.seconds, Steps: 1, Samples: 1}}})
		}
		r.Runs = append(r.Runs, run)
	}
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "record.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Write(f); err != nil {
		t.Fatal(err)
	}
	f.Close()
	path := filepath.Join(dir, "epochtime")
	text := fmt.Sprintf("#!/bin/sh\nwhile [ \"$1\" != --json ]; do shift; done\ncp %s \"$2\"\nexit %d\n", f.Name(), code)
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun(t *testing.T) {
	recorded := filepath.Join(t.TempDir(), "slowed.json")
	for name, c := range map[string]struct {
		by    float64
		code  int
		wrong int
		fails bool
	}{
		"right":  {1.2, 3, 0, false},
		"wrong":  {1, 0, 4, false},
		"failed": {1.2, 1, 0, true},
	} {
		o, err := parse([]string{"-epochtime", program(t, c.by, c.code), "-graphs", "cnn,mlp", "-longer", "0.2", "-trials", "4", "-disturb", "burner", "-record", recorded})
		if err != nil {
			t.Fatal(err)
		}
		wrong, err := run(context.Background(), o, rand.New(rand.NewPCG(1, 1)))
		if wrong != c.wrong || (err != nil) != c.fails {
			t.Errorf("%s: %d wrong, %v; want %d", name, wrong, err, c.wrong)
		}
	}
	f, err := os.Open(recorded)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := slowed.Read(f)
	if err != nil || len(got.Sessions) != 4 || got.Sessions[1].Graph != "mlp" || got.Sessions[1].Longer != 0.2 || len(got.Sessions[1].Base) != 10 {
		t.Errorf("recorded %+v, %v", got, err)
	}
}

func TestParse(t *testing.T) {
	for _, args := range []string{"-longer -1", "-longer x", "-disturb noise", "-trials 0", "more", "-launches 0"} {
		if _, err := parse(strings.Fields(args)); err == nil {
			t.Errorf("%s is taken", args)
		}
	}
}

func TestMistaken(t *testing.T) {
	for _, c := range []struct {
		v      compare.Verdict
		longer float64
		want   bool
	}{
		{compare.Slower, 0.1, false}, {compare.Same, 0.1, true}, {compare.Faster, 0.1, true}, {compare.Inconclusive, 0.1, false},
		{compare.Slower, 0, true}, {compare.Same, 0, false}, {compare.Faster, 0, true}, {compare.Same, 0.05, false},
	} {
		if got := mistaken(c.v, c.longer); got != c.want {
			t.Errorf("%s where B takes %g longer: mistaken %v", c.v, c.longer, got)
		}
	}
}
