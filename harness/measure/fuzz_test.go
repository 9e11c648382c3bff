package measure

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzRecall: of a check against Keras that is kept, only one that passed is used.
func FuzzRecall(f *testing.F) {
	path := filepath.Join(f.TempDir(), "parity.json")
	f.Add(`{"max_relative_difference":1e-7,"tolerance":1e-5,"checked":"2026-03-01T02:00:00Z"}`)
	f.Add(`{"max_relative_difference":1,"tolerance":1e-5,"checked":"2026-03-01T02:00:00Z"}`)
	f.Add(`{"checked":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if p, ok := recall(path); ok && (p.Checked.IsZero() || !(p.MaxDifference >= 0 && p.MaxDifference <= p.Tolerance)) {
			t.Fatalf("%q is taken for a check that passed", text)
		}
	})
}
