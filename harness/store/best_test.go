package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"epochtime/harness/record"
)

// searched is a record of a search of cnn, begun some hours after day: the default takes a
// second, and a compiled form on one thread so many.
func searched(id string, hours, seconds float64, change func(*record.Record)) *record.Record {
	r := sample(id, "cnn", hours, 1, 10)
	r.Plan = record.Plan{Kind: record.KindTune, Blocks: 10, MaxTime: 60, Threshold: 0.05}
	fast := sample(id, "cnn-jit", hours, seconds, 10).Runs[0]
	fast.Graph.SHA256, fast.Config.IntraOp, fast.Config.Env = "jit", 1, map[string]string{"TF_ENABLE_ONEDNN_OPTS": "0"}
	a, b := r.Runs[0], fast
	a.Side, b.Side = "A", "B"
	b.Launches = slices.Clone(b.Launches) // a failure of the confirmation is not one of the search
	r.Runs = []record.Run{r.Runs[0], fast, a, b}
	for i := range r.Runs {
		r.Runs[i].Summary = &record.Summary{Launches: 10, EpochSeconds: record.Interval{Median: 1}}
	}
	if change != nil {
		change(r)
	}
	return r
}

// wanted is cnn as it was searched.
func wanted() Wanted {
	return Wanted{Graph: record.Graph{Name: "cnn", SHA256: "abc"}, Config: record.Config{Batch: 32, Epochs: 7, Feed: record.FeedBatches}, Machine: lab, TensorFlow: "2.21.0"}
}

func otherMachine(r *record.Record) { r.Machines[0].CPU, r.Machines[0].Hostname = "Other CPU", "node7" }

func otherTensorFlow(r *record.Record) {
	for i := range r.Runs {
		for k := range r.Runs[i].Launches {
			r.Runs[i].Launches[k].TensorFlow = "2.20.0"
		}
	}
}

func batch64(r *record.Record) {
	for i := range r.Runs {
		r.Runs[i].Config.Batch = 64
	}
}

func undecided(r *record.Record) {
	for i := range r.Runs[2:] {
		r.Runs[2+i].Launches = r.Runs[2+i].Launches[:2]
	}
}

func TestBest(t *testing.T) {
	s := fresh(t)
	add(t, s, searched("b1", 0, 0.5, nil), sample("r1", "cnn", 1, 0.1, 6))
	got, err := s.Best(wanted())
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != "b1" || !got.Found.Equal(day) || got.Winner.Graph.SHA256 != "jit" || got.IsDefault() || got.Ratio.Median != 0.5 || got.TensorFlow != "2.21.0" || !got.Machine.Same(lab) {
		t.Errorf("%+v", got)
	}
	if want := []string{"graph=cnn-jit", "env.TF_ENABLE_ONEDNN_OPTS=0", "intra-op=1"}; !slices.Equal(got.Changes(), want) {
		t.Errorf("changes %q, want %q", got.Changes(), want)
	}
}

// What is known is of one export of a graph, one machine, one TensorFlow and one device.
func TestBestIsOfOne(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*record.Record)
		want   func(*Wanted)
		why    string
	}{
		"nothing":            {func(r *record.Record) { r.Plan.Kind = record.KindRun }, nil, "on lab with TensorFlow 2.21.0"},
		"another machine":    {otherMachine, nil, "those that are known are for node7"},
		"another TensorFlow": {otherTensorFlow, nil, "those that are known are for TensorFlow 2.20.0"},
		"another build": {func(r *record.Record) {
			for i := range r.Runs[1].Launches {
				r.Runs[1].Launches[i].Build = &record.Build{XLA: "on", CUDA: "12.5.1"}
			}
		}, func(w *Wanted) { w.Build = &record.Build{XLA: "on"} }, "TensorFlow 2.21.0 of another build"},
		"exported anew":    {nil, func(w *Wanted) { w.Graph.SHA256 = "def" }, "it was exported anew since the last search"},
		"another graph":    {nil, func(w *Wanted) { w.Graph = record.Graph{Name: "rnn", SHA256: "rnn"} }, "for rnn on lab"},
		"one of its forms": {nil, func(w *Wanted) { w.Graph = record.Graph{Name: "cnn-jit", SHA256: "jit"} }, "for cnn-jit on lab"},
		"another device":   {nil, func(w *Wanted) { w.Config.Device = "gpu" }, "for another device"},
		"undecided":        {undecided, nil, "could not tell its winner"},
		"interrupted":      {func(r *record.Record) { r.Status = record.Incomplete }, nil, "a search did not end"},
		"a failure":        {func(r *record.Record) { r.Runs[3].Launches[4].Status = record.OOM }, nil, "could not tell its winner"},
		"not confirmed":    {func(r *record.Record) { r.Runs = r.Runs[:2] }, nil, "could not tell its winner"},
	} {
		s := fresh(t)
		add(t, s, searched("b1", 0, 0.5, c.change))
		w := wanted()
		if c.want != nil {
			c.want(&w)
		}
		if _, err := s.Best(w); !errors.Is(err, ErrNoBest) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %s", name, err, c.why)
		}
	}
}

// A newer search replaces an older one, unless it has found nothing; one of the same work
// is preferred. What is removed is forgotten.
func TestBestIsNewest(t *testing.T) {
	s := fresh(t)
	same := func(r *record.Record) { // nothing is faster than the default
		for i := range r.Runs[3].Launches {
			r.Runs[3].Launches[i].Epochs[0].Seconds = 1
		}
	}
	for _, c := range []struct {
		add       *record.Record
		want      string
		isDefault bool
	}{
		{searched("b1", 0, 0.5, nil), "b1", false},
		{searched("b3", 3, 0.25, nil), "b3", false},
		{searched("b2", 2, 0.25, nil), "b3", false}, // as imported from elsewhere
		{searched("b4", 4, 0.25, undecided), "b3", false},
		{searched("b5", 5, 0.25, otherMachine), "b3", false},
		{searched("b6", 6, 0.25, batch64), "b3", false},
		{searched("b7", 7, 0.5, same), "b7", true},
	} {
		add(t, s, c.add)
		got, err := s.Best(wanted())
		if err != nil || got.ID != c.want || got.IsDefault() != c.isDefault {
			t.Errorf("with %s: %+v, %v, want %s", c.add.ID, got, err, c.want)
		}
	}
	for _, c := range []struct{ remove, want, doubt string }{{"b7", "b3", ""}, {"b3", "b2", ""}, {"b2", "b1", ""}, {"b1", "b6", "batch 64"}} {
		if err := s.Remove([]string{c.remove}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Best(wanted())
		if err != nil || got.ID != c.want {
			t.Fatalf("without %s: %+v, %v, want %s", c.remove, got, err, c.want)
		}
		if doubts, ok := got.Suits(wanted().Config); !ok || strings.Join(doubts, "; ") != c.doubt {
			t.Errorf("%s has the doubts %q, want %q", got.ID, doubts, c.doubt)
		}
	}
	if err := s.Remove([]string{"b6"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Best(wanted()); !errors.Is(err, ErrNoBest) || !strings.Contains(err.Error(), "node7") {
		t.Errorf("without any: %v", err)
	}
}

// Bests has what each machine, TensorFlow and work knows, the newest first.
func TestBests(t *testing.T) {
	s := fresh(t)
	add(t, s, searched("b1", 0, 0.5, nil), searched("b2", 1, 0.5, otherMachine), searched("b3", 2, 0.5, otherTensorFlow), searched("b4", 3, 0.5, nil), searched("b5", 4, 0.5, undecided), searched("b6", 5, 0.5, batch64))
	found, err := s.Bests()
	var ids []string
	for _, b := range found {
		ids = append(ids, b.ID)
	}
	if want := []string{"b6", "b4", "b3", "b2"}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("%q, %v, want %q", ids, err, want)
	}
}

// A search that cannot be read is an error: what it found may have replaced the others.
func TestBestOfDamaged(t *testing.T) {
	s := fresh(t)
	add(t, s, searched("b1", 0, 0.5, nil), searched("b2", 1, 0.5, nil))
	if _, err := s.db.Exec("UPDATE records SET text = ? WHERE id = 'b2'", []byte("rubbish")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Best(wanted()); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
	if _, err := s.Bests(); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
}

// historyOfSearch makes a history with a search in a folder of its own.
func historyOfSearch() string {
	dir, err := os.MkdirTemp("", "history")
	if err != nil {
		panic(err)
	}
	path := filepath.Join(dir, "history.db")
	s, err := Open(path)
	if err == nil {
		err = errors.Join(s.Add(searched("b1", 0, 0.5, nil)), s.Close())
	}
	if err != nil {
		panic(err)
	}
	return path
}

func ExampleStore_Best() {
	path := historyOfSearch()
	defer os.RemoveAll(filepath.Dir(path))
	s, err := Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	best, err := s.Best(Wanted{
		Graph:      record.Graph{Name: "cnn", SHA256: "abc"},
		Config:     record.Config{Batch: 32, Feed: record.FeedBatches}, // as measure.Configure completes it
		Machine:    record.Machine{Hostname: "lab", Arch: "amd64", CPU: "Test CPU", Cores: 8},
		TensorFlow: "2.21.0",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Join(best.Changes(), ", "), "since", best.Found.Format(time.DateOnly))
	// Output: graph=cnn-jit, env.TF_ENABLE_ONEDNN_OPTS=0, intra-op=1 since 2026-03-01
}
