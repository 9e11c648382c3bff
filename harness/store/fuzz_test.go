package store

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"epochtime/harness/record"
)

// FuzzImport: a record that is taken into a history comes out of it as it was.
func FuzzImport(f *testing.F) {
	var seed bytes.Buffer
	if err := sample("aa", "cnn", 0, 0.5, 1).Write(&seed); err != nil {
		f.Fatal(err)
	}
	f.Add(seed.Bytes())
	s := quick(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := record.Read(bytes.NewReader(content))
		if err != nil {
			return
		}
		if err := s.Add(r); err != nil {
			return
		}
		got, err := s.Get(r.ID)
		if err != nil {
			t.Fatalf("a record was taken and cannot be given back: %v", err)
		}
		if want := text(t, r); text(t, got) != want {
			t.Fatalf("the record changed: %s is now %s", want, text(t, got))
		}
		if _, err := s.List(Filter{}); err != nil {
			t.Fatal(err)
		}
		if err := s.Remove([]string{r.ID}); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzKept: whatever a damaged history holds of a record, the record is valid or is
// said to be damaged, and lists come to an end.
func FuzzKept(f *testing.F) {
	packed, err := pack(sample("aa", "cnn", 0, 0.5, 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed, `{"a":"b"}`)
	f.Add(packed[:9], "{")
	s := quick(f)
	if err := s.Add(sample("aa", "cnn", 0, 0.5, 1)); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, packed []byte, labels string) {
		if _, err := s.db.Exec("UPDATE records SET text = ?, labels = ?", packed, labels); err != nil {
			t.Fatal(err)
		}
		if r, err := s.Get("aa"); err != nil && !errors.Is(err, ErrDamaged) {
			t.Fatalf("an error of no class: %v", err)
		} else if err == nil && r.Validate() != nil {
			t.Fatalf("a record that is not valid: %v", r.Validate())
		}
		_, _ = s.List(Filter{}) // an error, or what is whole
		_, _ = s.Trend(Filter{})
	})
}

// quick opens a history that does not wait for the disk.
func quick(f *testing.F) *Store {
	f.Helper()
	s, err := Open(filepath.Join(f.TempDir(), "history.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	s.db.SetMaxOpenConns(1) // which the settings below are of
	if _, err := s.db.Exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;"); err != nil {
		f.Fatal(err)
	}
	return s
}
