package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

func BenchmarkList(b *testing.B) {
	s, err := Open(filepath.Join(b.TempDir(), "history.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	err = s.change(func(tx *sql.Tx) error {
		for i := range 100_000 {
			r := sample(fmt.Sprintf("%016x", i), "cnn", float64(i), 0.5, 1)
			text, err := pack(r)
			if err != nil {
				return err
			}
			if err := insert(tx, r, text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, limit := range map[string]int{"newest20": 20, "all100000": 0} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.List(Filter{Graph: "cnn", Limit: limit}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
