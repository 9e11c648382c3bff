package store

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"epochtime/harness/record"
)

// exampleHistory is one with three records, a tag and the noise of a machine.
func exampleHistory(t *testing.T) *Store {
	t.Helper()
	s := fresh(t)
	add(t, s, sample("aa", "cnn", 0, 0.5, 6), sample("bb", "rnn", 1, 0.25, 1), sample("cc", "cnn", 2, 0.5, 2))
	for _, err := range []error{s.Tag("bb", "main"), s.SaveNoise(lab, NoiseEpochs, 0.02)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func problems(t *testing.T, s *Store) []string {
	t.Helper()
	found, err := s.Check()
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, p := range found.Problems {
		out = append(out, p.String())
	}
	return out
}

// put writes a record's row as a program does that makes fitting checksums.
func put(t *testing.T, s *Store, r *record.Record, change func(row []any)) {
	t.Helper()
	text, err := pack(r)
	if err != nil {
		t.Fatal(err)
	}
	err = s.change(func(tx *sql.Tx) error {
		if err := insert(tx, r, text); err != nil {
			return err
		}
		row, err := recordRow(r, text)
		if err != nil {
			return err
		}
		change(row)
		_, err = tx.Exec("UPDATE records SET id = ?, started = ?, kind = ?, status = ?, labels = ?, launches = ?, text = ?, checksum = ? WHERE id = ?",
			append(slices.Clone(row), checksum(row...), r.ID)...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCheck(t *testing.T) {
	do := func(statement string) func(*testing.T, *Store) {
		return func(t *testing.T, s *Store) {
			if _, err := s.db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	early := sample("dd", "cnn", 0, 0.5, 1)
	early.Started = time.Unix(3600, 0).UTC()
	broken := sample("dd", "cnn", 0, 0.5, 1)
	broken.Status = "done"
	for want, damage := range map[string]func(*testing.T, *Store){
		"record aa: its checksum is another one":                           do("UPDATE records SET text = zeroblob(9) WHERE id = 'aa'"),
		"record bb: its checksum is another one":                           do("UPDATE records SET status = 'incomplete' WHERE id = 'bb'"),
		"record cc: its checksum is another one":                           do("UPDATE records SET checksum = 'x' WHERE id = 'cc'"),
		"record cc: it has no checksum":                                    do("UPDATE records SET checksum = x'00' WHERE id = 'cc'"),
		`record "\x1b[2J": its checksum is another one`:                    do("UPDATE records SET id = char(27) || '[2J' WHERE id = 'aa'"),
		`record "": its checksum is another one`:                           do("UPDATE records SET id = '' WHERE id = 'aa'"),
		"record 2 bytes: its checksum is another one":                      do("UPDATE records SET id = x'0001' WHERE id = 'aa'"),
		"record aa: the history lists 0 runs of it, and it has 1":          do("DELETE FROM runs WHERE record = 'aa'"),
		"record aa: run 0: its column graph is rnn, and the record says":   do("UPDATE runs SET graph = 'rnn' WHERE record = 'aa'"),
		"record aa: run 0: its column median is 2, and the record says":    do("UPDATE runs SET median = 2.0 WHERE record = 'aa'"),
		"record bb: run 0: its column low is 1, and the record says nothi": do("UPDATE runs SET low = 1.0 WHERE record = 'bb'"),
		"record aa: run 0: its column notices is shuffle, and the record":  do("UPDATE runs SET notices = 'shuffle' WHERE record = 'aa'"),
		"run of zz: its record is missing":                                 do("INSERT INTO runs SELECT 'zz', position, graph, side, title, hostname, machine, series, twin, launches, median, low, high, notices FROM runs WHERE record = 'aa'"),
		"tag main: its record zz is missing":                               do("UPDATE tags SET record = 'zz'"),
		"tag main: its checksum is another one":                            do("UPDATE tags SET record = 'aa'"),
		`tag "a b": a tag is letters`:                                      do("UPDATE tags SET name = 'a b'"),
		"is not noise":                                                     do("UPDATE noise SET value = -1.0"),
		"0 bytes of 0.02 is not noise":                                     do("UPDATE noise SET kind = x''"),
		"noise of machine":                                                 do("UPDATE noise SET value = 0.03"),
		"record dd: reading a record: status: \"done\" is neither":         func(t *testing.T, s *Store) { put(t, s, broken, func([]any) {}) },
		"record dd: it began 1970-01-01T01:00:00Z":                         func(t *testing.T, s *Store) { put(t, s, early, func([]any) {}) },
		"record dd: its column started is 7, and the record says": func(t *testing.T, s *Store) {
			put(t, s, sample("dd", "cnn", 0, 0.5, 1), func(row []any) { row[1] = int64(7) })
		},
		`record ee: its column id is ee, and the record says dd`: func(t *testing.T, s *Store) {
			put(t, s, sample("dd", "cnn", 0, 0.5, 1), func(row []any) { row[0] = "ee" })
		},
	} {
		t.Run(want, func(t *testing.T) {
			s := exampleHistory(t)
			if got := problems(t, s); len(got) > 0 {
				t.Fatalf("a whole history: %q", got)
			}
			s.db.SetMaxOpenConns(1)
			do("PRAGMA foreign_keys = OFF")(t, s)
			damage(t, s)
			got := problems(t, s)
			if !slices.ContainsFunc(got, func(p string) bool { return strings.Contains(p, want) }) {
				t.Errorf("found is %q", got)
			}
			do("PRAGMA foreign_keys = ON")(t, s)
			removed, err := s.RemoveDamaged()
			if err != nil || len(removed) == 0 {
				t.Errorf("removed are %v, %v", removed, err)
			}
			s = opened(t, s.Path())
			if got := problems(t, s); len(got) > 0 {
				t.Errorf("what is left: %q", got)
			}
			left, err := s.Check()
			if err != nil || left.Records < 2 {
				t.Errorf("%+v are left, %v", left, err)
			}
		})
	}
}

// Whatever byte of the file changes, either it is found or nothing has changed.
func TestCheckFindsChangedBytes(t *testing.T) {
	s := exampleHistory(t)
	want := everything(t, s)
	s.Close()
	whole, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "changed.db")
	found, harmless := 0, 0
	for at := 0; at < len(whole); at += 131 {
		changed := slices.Clone(whole)
		changed[at] ^= 0x55
		if err := os.WriteFile(path, changed, 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path)
		if err != nil {
			found++
			continue
		}
		c, err := s.Check()
		switch {
		case err != nil || len(c.Problems) > 0:
			found++
		case everything(t, s) == want:
			harmless++
		default:
			t.Errorf("byte %d is changed, and no problem is found", at)
		}
		s.Close()
	}
	if found == 0 || harmless == 0 {
		t.Errorf("%d changes were found and %d changed nothing: the test shows nothing", found, harmless)
	}
}

// everything is all that a history says.
func everything(t *testing.T, s *Store) string {
	t.Helper()
	entries, err := s.List(Filter{})
	if err != nil {
		t.Fatal(err)
	}
	noise, err := s.Noise(lab)
	if err != nil {
		t.Fatal(err)
	}
	out := fmt.Sprintf("%+v %+v\n", entries, noise)
	for _, e := range entries {
		r, err := s.Get(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		out += text(t, r)
	}
	return out
}
