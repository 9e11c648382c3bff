package tfsession

import (
	"errors"
	"maps"
	"math"
	"strings"
	"testing"

	"epochtime/harness/graph"
)

// unread is a trainer whose steps leave their losses on the device.
func unread(t *testing.T, name string, batch int64) (*trainer, *Total) {
	t.Helper()
	tr := newTrainer(t, openGraph(t, name), batch)
	tr.step.Close()
	var err error
	if tr.step, err = tr.session.Accumulate(); err != nil {
		t.Fatal(err)
	}
	total, err := tr.session.Total()
	if err != nil {
		t.Fatal(err)
	}
	tr.feed(t)
	return tr, total
}

// The total is the mean of what the same steps return elsewhere, and reading clears it.
func TestTotal(t *testing.T) {
	read := newTrainer(t, openGraph(t, "mlp"), 8)
	want := 0.0
	for range 3 {
		want += read.run(t) / 3
	}
	tr, total := unread(t, "mlp", 8)
	for range 2 {
		if err := total.Clear(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if loss := tr.run(t); loss != 0 {
				t.Errorf("a step that is not read returns %v", loss)
			}
		}
		loss, examples, err := total.Read()
		if err != nil || examples != 24 || math.Abs(loss-want) > 1e-6*want {
			t.Errorf("the mean of %d examples is %v, %v; want %v of 24", examples, loss, err, want)
		}
		if loss, examples, err := total.Read(); loss != 0 || examples != 0 || err != nil {
			t.Errorf("after it was read: %v of %d, %v", loss, examples, err)
		}
		if err := tr.session.Reset(); err != nil {
			t.Fatal(err)
		}
	}
}

// A step before the total begins fails, and so do graphs of older exports.
func TestTotalRefusals(t *testing.T) {
	tr, total := unread(t, "linear", 4)
	tr.feed(t)
	if _, err := tr.step.Run(); !errors.Is(err, ErrStep) || !strings.Contains(err.Error(), "totals/losses") {
		t.Errorf("a step before the total begins: %v", err)
	}
	if err := total.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := total.Read(); !errors.Is(err, ErrClosed) {
		t.Errorf("reading a closed total: %v", err)
	}
	old := *openGraph(t, "linear")
	old.Signatures = maps.Clone(old.Signatures)
	delete(old.Signatures, graph.Total)
	s, err := Open(&old, Options{Device: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Accumulate(); !errors.Is(err, graph.ErrTotal) || !strings.Contains(err.Error(), "export it again") {
		t.Errorf("an older export: %v", err)
	}
	if _, err := s.Total(); !errors.Is(err, graph.ErrTotal) {
		t.Errorf("an older export: %v", err)
	}
}

// A step that is not read is traced as any other.
func TestUnreadStepIsTraced(t *testing.T) {
	tr, total := unread(t, "mlp", 8)
	if err := total.Clear(); err != nil {
		t.Fatal(err)
	}
	tr.run(t)
	tr.feed(t)
	spans, _, err := tr.step.RunTraced()
	if err != nil || len(spans) < 50 {
		t.Fatalf("%d operations, %v", len(spans), err)
	}
	adds := 0
	for _, s := range spans {
		if s.Op == "AssignAddVariableOp" && strings.Contains(s.Node, "AssignAddVariableOp") {
			adds++
		}
	}
	if adds == 0 {
		t.Error("no operation adds to the total")
	}
}
