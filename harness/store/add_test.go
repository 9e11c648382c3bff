package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"epochtime/harness/record"
)

func TestImportingTwiceAddsNothing(t *testing.T) {
	s := fresh(t)
	for _, c := range []struct {
		name     string
		launches int
		status   string
		added    bool
	}{
		{"new", 2, record.Incomplete, true},
		{"the same", 2, record.Incomplete, false},
		{"grown", 4, record.Incomplete, true},
		{"an earlier state", 2, record.Incomplete, false},
		{"finished", 4, record.Complete, true},
		{"finished again", 4, record.Complete, false},
	} {
		r := sample("aa", "cnn", 0, 0.5, c.launches)
		r.Status = c.status
		if added, err := s.Import(r); err != nil || added != c.added {
			t.Errorf("%s: %v, %v; want %v", c.name, added, err, c.added)
		}
	}
	r, err := s.Get("aa")
	if err != nil || len(r.Runs[0].Launches) != 4 || r.Status != record.Complete {
		t.Errorf("kept is %+v, %v", r, err)
	}
	if err := s.Add(sample("aa", "cnn", 1, 0.5, 9)); err == nil || !strings.Contains(err.Error(), "began at another time") {
		t.Errorf("two records of one id: %v", err)
	}
}

// An estimate that was kept when it was interrupted is continued by the whole one: it has
// more runs, and another answer.
func TestEstimateContinues(t *testing.T) {
	s := fresh(t)
	cut, whole := sample("aa", "cnn", 0, 0.5, 1), sample("aa", "cnn", 0, 0.5, 1)
	for _, r := range []*record.Record{cut, whole} {
		r.Plan.Kind = record.KindEstimate
		r.Estimate = &record.Estimate{Asked: record.Asked{Samples: 1000, Batch: 32, Epochs: 2}}
	}
	cut.Status, cut.Estimate.Reason = record.Incomplete, "no launch of a probe worked"
	whole.Runs = append(whole.Runs, sample("aa", "cnn", 0, 0.5, 2).Runs...)
	whole.Status, whole.Estimate.Epoch.Median = record.Complete, 2
	for _, r := range []*record.Record{cut, whole} {
		if added, err := s.Import(r); err != nil || !added {
			t.Errorf("%s: %v, %v", r.Status, added, err)
		}
	}
	if r, err := s.Get("aa"); err != nil || r.Estimate.Epoch.Median != 2 || len(r.Runs) != 2 {
		t.Errorf("kept is %+v, %v", r, err)
	}
	whole.Estimate.Samples = 2000
	if _, err := s.Import(whole); !errors.Is(err, ErrConflict) {
		t.Errorf("another question under the same id: %v", err)
	}
}

// A record of a machine that was probed is continued: how near its runs are to the limits
// changes with each launch, and a machine that comes later brings limits of its own.
func TestProbedContinues(t *testing.T) {
	s := fresh(t)
	cut, whole := sample("aa", "cnn", 0, 0.5, 2), sample("aa", "cnn", 0, 0.5, 4)
	cut.Limits = []record.Limits{{Probed: "bb", Device: "cpu"}}
	whole.Limits = append(cut.Limits, record.Limits{Probed: "cc", Device: "gpu"})
	for k, r := range []*record.Record{cut, whole} {
		r.Runs[0].Roofline = &record.Roofline{Flops: float64(1 + k)}
		if added, err := s.Import(r); err != nil || !added {
			t.Errorf("with %d launches: %v, %v", len(r.Runs[0].Launches), added, err)
		}
	}
	if added, err := s.Import(cut); err != nil || added {
		t.Errorf("an earlier state: %v, %v", added, err)
	}
}

func TestOnlyValidRecordsAreKept(t *testing.T) {
	s := fresh(t)
	for want, change := range map[string]func(*record.Record){
		"id: it is empty": func(r *record.Record) { r.ID = "" },
		"plan.kind":       func(r *record.Record) { r.Plan.Kind = "" },
		"config.feed":     func(r *record.Record) { r.Runs[0].Config.Feed = "" },
	} {
		r := sample("aa", "cnn", 0, 0.5, 1)
		change(r)
		if err := s.Add(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q in it", err, want)
		}
	}
	if ids := listed(t, s, Filter{}); len(ids) > 0 {
		t.Errorf("%q are kept", ids)
	}
}

// Only a record that continues the kept one of its id takes its place.
func TestContinuations(t *testing.T) {
	launch := func(r *record.Record, n int) *record.Launch { return &r.Runs[0].Launches[n] }
	for name, c := range map[string]struct {
		change func(*record.Record)
		added  bool
		want   error
	}{
		"more launches":       {func(*record.Record) {}, true, nil},
		"fewer":               {func(r *record.Record) { r.Runs[0].Launches = r.Runs[0].Launches[:1] }, false, nil},
		"the same":            {func(r *record.Record) { r.Runs[0].Launches = r.Runs[0].Launches[:2] }, false, nil},
		"none":                {func(r *record.Record) { r.Runs[0].Launches = nil }, false, nil},
		"another machine too": {func(r *record.Record) { r.Machines = append(r.Machines, lab); launch(r, 3).Machine = 1 }, true, nil},
		"another run too":     {func(r *record.Record) { r.Runs = append(r.Runs, r.Runs[0]) }, true, nil},
		"checked against Keras": {func(r *record.Record) {
			r.Runs[0].Parity = &record.Parity{Tolerance: 1e-5, Checked: r.Started}
		}, true, nil},
		"another time in a launch": {func(r *record.Record) { launch(r, 1).Epochs[0].Seconds = 0.1 }, false, ErrConflict},
		"another order":            {func(r *record.Record) { launch(r, 0).Order, launch(r, 1).Order = 1, 0 }, false, ErrConflict},
		"a failure undone":         {func(r *record.Record) { launch(r, 0).Status = record.OOM }, false, ErrConflict},
		"another graph":            {func(r *record.Record) { r.Runs[0].Graph.SHA256 = "abd" }, false, ErrConflict},
		"other settings":           {func(r *record.Record) { r.Runs[0].Config.Batch = 64 }, false, ErrConflict},
		"another plan":             {func(r *record.Record) { r.Plan.Blocks = 9 }, false, ErrConflict},
		"other labels":             {func(r *record.Record) { r.Labels = map[string]string{"commit": "x"} }, false, ErrConflict},
		"another machine":          {func(r *record.Record) { r.Machines = []record.Machine{{Hostname: "b"}} }, false, ErrConflict},
		"another begin":            {func(r *record.Record) { r.Started = r.Started.Add(time.Second) }, false, ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			s := fresh(t)
			add(t, s, sample("aa", "cnn", 0, 0.5, 2))
			before := everything(t, s)
			r := sample("aa", "cnn", 0, 0.5, 4)
			c.change(r)
			if added, err := s.Import(r); !errors.Is(err, c.want) || added != c.added {
				t.Errorf("%v, %v; want %v, %v", added, err, c.added, c.want)
			}
			if after := everything(t, s); (after != before) != c.added {
				t.Errorf("kept was %s, and is %s", before, after)
			}
			if got := problems(t, s); len(got) > 0 {
				t.Errorf("problems: %q", got)
			}
		})
	}
}

// A damaged record is not replaced either: what it was is not known.
func TestDamagedIsNotReplaced(t *testing.T) {
	s := exampleHistory(t)
	if _, err := s.db.Exec("UPDATE records SET text = zeroblob(9) WHERE id = 'aa'"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get("aa"); !errors.Is(err, ErrDamaged) {
		t.Errorf("reading it: %v", err)
	}
	r := sample("aa", "cnn", 0, 0.5, 9)
	if _, err := s.Import(r); !errors.Is(err, ErrDamaged) {
		t.Errorf("replacing it: %v", err)
	}
	if err := s.Remove([]string{"aa"}); err != nil {
		t.Fatal(err)
	}
	add(t, s, r)
}

func TestTimes(t *testing.T) {
	s := fresh(t)
	now := s.now()
	for _, c := range []struct {
		began time.Time
		want  error
	}{
		{time.Time{}, ErrTime},
		{time.Unix(0, 0), ErrTime},
		{earliest.Add(-time.Second), ErrTime},
		{earliest, nil},
		{now.Add(23 * time.Hour), nil},
		{now.Add(25 * time.Hour), ErrTime},
		{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), ErrTime},
	} {
		r := sample("aa", "cnn", 0, 0.5, 1)
		r.Started = c.began
		if err := s.Add(r); !errors.Is(err, c.want) {
			t.Errorf("begun %v: %v, want %v", c.began, err, c.want)
		}
		if err := s.Remove([]string{"aa"}); err != nil {
			t.Fatal(err)
		}
	}
}

// A history has its tables when it gets its name, and nothing is left beside it.
func TestNewFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "history.db")
	for _, name := range []string{".history.db.0123abcd", ".history.db.lock"} { // of a killed program
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := create(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() < shortest {
		t.Errorf("%v, %v", info, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("there are %v, %v", entries, err)
	}
	add(t, opened(t, path), sample("aa", "cnn", 0, 0.5, 1))
}
