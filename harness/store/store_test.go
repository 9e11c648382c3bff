package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/record"
)

// day is when the first test record began.
var day = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)

var lab = record.Machine{Hostname: "lab", Arch: "amd64", CPU: "Test CPU", Cores: 8}

// sample is a record of n launches of one graph, begun some hours after day.
func sample(id, graph string, hours float64, seconds float64, n int) *record.Record {
	r := &record.Record{
		Schema: record.Schema, Epochtime: "0.1.0", ID: id, Started: day.Add(time.Duration(hours * float64(time.Hour))),
		Labels: map[string]string{}, Status: record.Complete, Plan: record.Plan{Kind: record.KindRun}, Machines: []record.Machine{lab},
		Runs: []record.Run{{Graph: record.Graph{Name: graph, SHA256: "abc"}, Config: record.Config{Batch: 32, Epochs: 1, Feed: record.FeedBatches}}},
	}
	for i := range n {
		r.Runs[0].Launches = append(r.Runs[0].Launches, record.Launch{
			Status: record.OK, Order: i, Block: i, TensorFlow: "2.21.0",
			Epochs: []record.Epoch{{Seconds: seconds, Steps: 1, Samples: 100, Loss: record.Number(math.NaN())}},
		})
	}
	return r
}

func fresh(t *testing.T) *Store {
	t.Helper()
	return opened(t, filepath.Join(t.TempDir(), "a b%?#", "history.db"))
}

func opened(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.now = func() time.Time { return day.AddDate(1, 0, 0) }
	return s
}

func add(t *testing.T, s *Store, records ...*record.Record) {
	t.Helper()
	for _, r := range records {
		if err := s.Add(r); err != nil {
			t.Fatal(err)
		}
	}
}

func listed(t *testing.T, s *Store, f Filter) []string {
	t.Helper()
	list, err := s.List(f)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	return ids
}

func text(t *testing.T, r *record.Record) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRecordsComeBackWhole(t *testing.T) {
	s := fresh(t)
	r := sample("00000000000000aa", "cnn", 0, 0.5, 6)
	add(t, s, r)
	got, err := opened(t, s.Path()).Get("00000000")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text(t, r), text(t, got)); diff != "" {
		t.Errorf("the record changed (-want +got):\n%s", diff)
	}
	list, err := s.List(Filter{})
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	number := func(v float64) sql.NullFloat64 { return sql.NullFloat64{Float64: v, Valid: true} }
	want := Entry{
		ID: r.ID, Started: list[0].Started, Kind: "run", Status: "complete", Labels: map[string]string{}, Machines: []string{"lab"}, Launches: 6,
		Runs: []Run{{Graph: "cnn", Title: "cnn", Hostname: "lab", Launches: 6, Median: number(0.5), Low: number(0.5), High: number(0.5)}},
	}
	if diff := cmp.Diff(want, list[0]); diff != "" || !list[0].Started.Equal(day) {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}

func TestFilters(t *testing.T) {
	s := fresh(t)
	b := sample("b1", "rnn", 24, 0.5, 6)
	b.Labels = map[string]string{"commit": "abc", `a"'b`: "x"}
	b.Machines = []record.Machine{{Hostname: "other", Name: "offer-b"}}
	add(t, s, sample("a1", "cnn", 0, 0.5, 6), b, sample("c1", "cnn", 48, 0.5, 6))
	if err := s.Tag("a", "main"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		filter Filter
		want   []string
	}{
		{"all", Filter{}, []string{"c1", "b1", "a1"}},
		{"limit", Filter{Limit: 2}, []string{"c1", "b1"}},
		{"graph", Filter{Graph: "cnn"}, []string{"c1", "a1"}},
		{"graph, limit", Filter{Graph: "cnn", Limit: 1}, []string{"c1"}},
		{"label", Filter{Labels: map[string]string{"commit": "abc"}}, []string{"b1"}},
		{"quoted label", Filter{Labels: map[string]string{`a"'b`: "x"}}, []string{"b1"}},
		{"two labels", Filter{Labels: map[string]string{"commit": "abc", "by": "x"}}, []string{}},
		{"tag", Filter{Tag: "main"}, []string{"a1"}},
		{"host", Filter{Machine: "other"}, []string{"b1"}},
		{"machine", Filter{Machine: "offer-b"}, []string{"b1"}},
		{"machine without another name", Filter{Machine: "lab"}, []string{"c1", "a1"}},
		{"no machine", Filter{Machine: "offer"}, []string{}},
		{"since", Filter{Since: day.Add(24 * time.Hour)}, []string{"c1", "b1"}},
		{"before", Filter{Before: day.Add(24 * time.Hour)}, []string{"a1"}},
	} {
		if diff := cmp.Diff(c.want, listed(t, s, c.filter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestSelect(t *testing.T) {
	s := fresh(t)
	if _, err := s.Select("@last"); !errors.Is(err, ErrNone) {
		t.Errorf("an empty history: %v", err)
	}
	add(t, s, sample("ab1", "cnn", 0, 0.5, 1), sample("ab2", "cnn", 1, 0.5, 1), sample("ab", "cnn", 2, 0.5, 1))
	for _, name := range []string{"main", "release/1.0"} {
		if err := s.Tag("ab1", name); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Tag("ab2", "main"); err != nil { // moves it
		t.Fatal(err)
	}
	for expr, want := range map[string]string{
		"@last": "ab", "@last~0": "ab", "@last~2": "ab1", "@tag:main": "ab2", "@tag:release/1.0": "ab1", "@ab": "ab", "@ab1": "ab1",
	} {
		if r, err := s.Select(expr); err != nil || r.ID != want {
			t.Errorf("%s: %v, %v; want %s", expr, r, err, want)
		}
	}
	for _, expr := range []string{"@last~3", "@last~", "@tag:none", "@a", "@zz", "@", "ab1", "@%", "@last~99999999999999999999"} {
		if r, err := s.Select(expr); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v, %v; want ErrNone", expr, r, err)
		}
	}
	if err := s.Untag("main"); err != nil {
		t.Error(err)
	}
	if err := s.Untag("main"); !errors.Is(err, ErrNone) {
		t.Errorf("a tag that is gone: %v", err)
	}
	if err := s.Tag("ab1", "a b"); !errors.Is(err, ErrTag) {
		t.Errorf("a bad name: %v", err)
	}
	if err := s.Remove([]string{"ab1"}); err != nil {
		t.Error(err)
	}
	if got := listed(t, s, Filter{Tag: "release/1.0"}); len(got) > 0 {
		t.Errorf("the tag of a removed record names %q", got)
	}
}

// TestLeftAlone: what is no history that this program can write stays as it is.
func TestLeftAlone(t *testing.T) {
	whole := func(t *testing.T, path string) *Store {
		s := opened(t, path)
		add(t, s, sample("aa", "cnn", 0, 0.5, 1))
		return s
	}
	write := func(t *testing.T, path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		make func(*testing.T, string)
		says string
	}{
		"text":  {func(t *testing.T, p string) { write(t, p, strings.Repeat("notes of mine\n", 99)) }, "damaged or no history"},
		"short": {func(t *testing.T, p string) { write(t, p, "x") }, "damaged or no history"},
		"cut": {func(t *testing.T, p string) {
			whole(t, p).Close()
			if err := os.Truncate(p, 6000); err != nil {
				t.Fatal(err)
			}
		}, "damaged or no history"},
		"later": {func(t *testing.T, p string) {
			if _, err := whole(t, p).db.Exec("PRAGMA user_version = 4"); err != nil {
				t.Fatal(err)
			}
		}, "is of version 4, this program knows 3: use a later epochtime"},
		"earlier": {func(t *testing.T, p string) {
			if _, err := whole(t, p).db.Exec("PRAGMA user_version = 2"); err != nil {
				t.Fatal(err)
			}
		}, "is of version 2, this program writes 3: export its records"},
		"empty": {func(t *testing.T, p string) { write(t, p, "") }, "it is empty, and what it held is gone: bring back a copy of it; or remove the file"},
		"device": {func(t *testing.T, p string) {
			if err := os.Symlink(os.DevNull, p); err != nil {
				t.Fatal(err)
			}
		}, "it is not a regular file"},
		"another program's": {func(t *testing.T, p string) {
			s := whole(t, p)
			if _, err := s.db.Exec("PRAGMA application_id = 7"); err != nil {
				t.Fatal(err)
			}
		}, "no history of epochtime"},
		"folder": {func(t *testing.T, p string) {
			if err := os.Mkdir(p, 0o755); err != nil {
				t.Fatal(err)
			}
		}, "history.db"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			s, err := Open(path)
			if err == nil {
				_, err = s.List(Filter{})
				s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want one that names the file and says %q", err, c.says)
			}
			if after, _ := os.ReadFile(path); !slices.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestReadOnly(t *testing.T) {
	s := fresh(t)
	add(t, s, sample("aa", "cnn", 0, 0.5, 1))
	ro, err := open(s.Path(), "ro", patience)
	if err != nil {
		t.Fatal(err)
	}
	defer ro.Close()
	if got := listed(t, ro, Filter{}); len(got) != 1 {
		t.Errorf("listed %q", got)
	}
	if err := ro.Add(sample("bb", "cnn", 0, 0.5, 1)); err == nil || !strings.Contains(err.Error(), "can be read and not written") {
		t.Errorf("adding: %v", err)
	}
	if got := listed(t, s, Filter{}); len(got) != 1 {
		t.Errorf("then listed %q", got)
	}
}

func TestLocked(t *testing.T) {
	s := fresh(t)
	add(t, s, sample("aa", "cnn", 0, 0.5, 1))
	tx, err := s.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	hasty, err := open(s.Path(), "rw", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer hasty.Close()
	if err := hasty.Add(sample("bb", "cnn", 0, 0.5, 1)); err == nil || !strings.Contains(err.Error(), "another program keeps it locked") {
		t.Errorf("adding: %v", err)
	}
	if got := listed(t, hasty, Filter{}); len(got) != 1 {
		t.Errorf("while another writes, listed is %q", got)
	}
}

func TestFullDisk(t *testing.T) {
	s := fresh(t)
	s.db.SetMaxOpenConns(1) // the limit is a connection's
	if _, err := s.db.Exec("PRAGMA max_page_count = 60"); err != nil {
		t.Fatal(err)
	}
	kept := 0
	var err error
	for ; kept < 1000 && err == nil; kept++ {
		err = s.Add(sample(fmt.Sprintf("%04d", kept), "cnn", float64(kept), 0.5, 6))
	}
	kept--
	if err == nil || !strings.Contains(err.Error(), "make room on its disk") {
		t.Fatalf("after %d records: %v", kept, err)
	}
	again := opened(t, s.Path())
	if got := listed(t, again, Filter{}); len(got) != kept || kept == 0 {
		t.Errorf("%d records are left of %d", len(got), kept)
	}
	if _, err := again.Get("0000"); err != nil {
		t.Error(err)
	}
	add(t, again, sample("later", "cnn", 0, 0.5, 1)) // room was made
}

// TestTwoWriters adds from several processes to a file that none has made yet.
func TestTwoWriters(t *testing.T) {
	const writers, each = 3, 20
	if name := os.Getenv("STORE_WRITER"); name != "" {
		s := opened(t, os.Getenv("STORE_PATH"))
		for i := range each {
			add(t, s, sample(fmt.Sprintf("%s%02d", name, i), "cnn", 0, 0.5, 2))
		}
		return
	}
	path := filepath.Join(t.TempDir(), "history.db")
	var running []*exec.Cmd
	var said [writers]bytes.Buffer
	for i := range writers {
		cmd := exec.Command(os.Args[0], "-test.run=^TestTwoWriters$")
		cmd.Env = append(os.Environ(), "STORE_PATH="+path, fmt.Sprintf("STORE_WRITER=w%d", i), "GORACE=atexit_sleep_ms=0")
		cmd.Stdout, cmd.Stderr = &said[i], &said[i]
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	for i, cmd := range running {
		if err := cmd.Wait(); err != nil {
			t.Errorf("a writer failed: %v\n%s", err, &said[i])
		}
	}
	if got := listed(t, opened(t, path), Filter{}); len(got) != writers*each {
		t.Errorf("%d records are kept, want %d", len(got), writers*each)
	}
}
