package baseline

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"epochtime/harness/record"
	"epochtime/internal/testgraph"
)

var night = time.Date(2026, 3, 1, 2, 17, 0, 0, time.UTC)

// build makes a build of a graph in a folder of its own.
func build(t *testing.T, name, program string) Build {
	t.Helper()
	dir := t.TempDir()
	b := Build{Graph: name, Folder: filepath.Join(dir, name), Worker: filepath.Join(dir, "worker"), Tool: filepath.Join(dir, "tool"), Commit: "abc", Config: record.Config{Epochs: 3}}
	if err := errors.Join(testgraph.Write(b.Folder), os.WriteFile(b.Worker, []byte(program), 0o755), os.WriteFile(b.Tool, nil, 0o755)); err != nil {
		t.Fatal(err)
	}
	return b
}

// open opens a store, which must be whole.
func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// accept seals a build and makes it the good one and the anchor.
func accept(t *testing.T, s *Store, b Build) string {
	t.Helper()
	seal, err := s.Seal(b)
	if err != nil {
		t.Fatal(err)
	}
	e := Entry{Action: Accepted, Graph: b.Graph, Seal: seal, Commit: b.Commit, Sees: 0.1}
	good, anchor := e, e
	good.Role, anchor.Role = Good, Anchor
	if err := s.Decide(night, []byte("the record of "+b.Graph), good, anchor); err != nil {
		t.Fatal(err)
	}
	return seal
}

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	if _, err := open(t, dir).Find(Good, "cnn"); !errors.Is(err, ErrNever) {
		t.Errorf("a new store: %v", err)
	}
	first := accept(t, open(t, dir), build(t, "cnn", "one"))
	s := open(t, dir)
	b, err := s.Find(Good, "cnn")
	if err != nil {
		t.Fatal(err)
	}
	program, _ := os.ReadFile(b.Worker)
	if string(program) != "one" || b.List.Config.Epochs != 3 || b.Entry.Commit != "abc" || b.Entry.Seal != first || !b.Entry.Time.Equal(night) || b.Entry.Sees != 0.1 {
		t.Errorf("%q %+v", program, b)
	}
	if info, err := os.Stat(b.Worker); err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("the worker cannot be run: %v %v", info, err)
	}
	if _, err := os.Stat(filepath.Join(b.Graph, "graph.json")); err != nil || filepath.Base(b.Graph) != "cnn" {
		t.Error(b.Graph, err)
	}
	second := accept(t, s, build(t, "cnn", "two"))
	if second == first {
		t.Error("another program has the same seal")
	}
	if again := accept(t, s, build(t, "cnn", "two")); again != second {
		t.Error("the same build has another seal")
	}
	if err := s.Prune(); err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string]int{"sealed": 1, "builds": 1, "records": 1} {
		if left, _ := os.ReadDir(filepath.Join(dir, folder)); len(left) != want {
			t.Errorf("%s holds %d, want %d", folder, len(left), want)
		}
	}
	if _, err := open(t, dir).Find(Anchor, "cnn"); err != nil {
		t.Error(err)
	}
}

// Any file that is missing, or has one bit that is another, is found.
func TestTampering(t *testing.T) {
	dir := t.TempDir()
	accept(t, open(t, dir), build(t, "cnn", "one"))
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	find := func() error {
		s, err := Open(dir)
		if err == nil {
			_, err = s.Find(Good, "cnn")
		}
		return err
	}
	for _, path := range files {
		was, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(was); i += 1 + len(was)/40 {
			text := slices.Clone(was)
			text[i] ^= 1
			if err := os.WriteFile(path, text, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := find(); !errors.Is(err, ErrAltered) && !errors.Is(err, ErrGone) {
				t.Errorf("%s, byte %d: %v", path, i, err)
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := find(); !errors.Is(err, ErrGone) {
			t.Errorf("%s is missing: %v", path, err)
		}
		if err := os.WriteFile(path, was, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := find(); err != nil {
		t.Errorf("put back: %v", err)
	}
	at := slices.IndexFunc(files, func(path string) bool { return filepath.Base(path) == "graph.json" })
	added := filepath.Join(filepath.Dir(files[at]), "added")
	if err := os.WriteFile(added, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := find(); !errors.Is(err, ErrAltered) {
		t.Errorf("a file more: %v", err)
	}
}

// A seal of one graph cannot stand for another.
func TestAnotherGraph(t *testing.T) {
	s := open(t, t.TempDir())
	seal := accept(t, s, build(t, "cnn", "one"))
	if err := s.Keep(night, Entry{Action: Promoted, Role: Good, Graph: "rnn", Seal: seal}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Find(Good, "rnn"); !errors.Is(err, ErrAltered) {
		t.Error(err)
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	accept(t, open(t, dir), build(t, "cnn", "one"))
	if err := os.WriteFile(filepath.Join(dir, "ledger.jsonl"), []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrAltered) {
		t.Error(err)
	}
	s, moved, err := Restart(dir)
	if err != nil || !strings.HasPrefix(moved, filepath.Join(dir, "ledger.jsonl.damaged-")) {
		t.Fatal(moved, err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrGone) {
		t.Errorf("seals without a ledger: %v", err)
	}
	accept(t, s, build(t, "cnn", "two"))
	if _, err := open(t, dir).Find(Good, "cnn"); err != nil {
		t.Error(err)
	}
	// The old ledger may be mended: what it names stays.
	if err := s.Prune(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "sealed")); len(left) != 2 {
		t.Errorf("%d seals are left", len(left))
	}
}

// The last decision on a role counts; a comparison with the anchor is none.
func TestLast(t *testing.T) {
	s := open(t, t.TempDir())
	seal := accept(t, s, build(t, "cnn", "one"))
	if at := s.LastChecked("cnn"); !at.Equal(night) {
		t.Error(at)
	}
	later := night.Add(time.Hour)
	if err := s.Keep(later, Entry{Action: Checked, Role: Anchor, Graph: "cnn", Seal: seal, Sees: record.Number(math.NaN())}); err != nil {
		t.Fatal(err)
	}
	if e, ok := s.Last(Anchor, "cnn"); !ok || e.Action != Accepted || !s.LastChecked("cnn").Equal(later) {
		t.Errorf("%+v %v", e, s.LastChecked("cnn"))
	}
	if got := s.Graphs(Good); !slices.Equal(got, []string{"cnn"}) {
		t.Error(got)
	}
	if s.LastChecked("rnn") != (time.Time{}) {
		t.Error("a graph without an anchor was compared with it")
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	unlock, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); !errors.Is(err, ErrBusy) {
		t.Error(err)
	}
	unlock()
	unlock, err = Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}
