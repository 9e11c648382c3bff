package baseline

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// FuzzLedger: entries with the right sums are whole and written as they were read, or
// the ledger is said to be altered; no seal is found of which nothing is there.
func FuzzLedger(f *testing.F) {
	hash := strings.Repeat("5a", 32)
	f.Add(fmt.Sprintf(`{"time":"2026-03-01T02:00:00Z","action":"accepted","role":"good","graph":"cnn","seal":%q,"smallest_slowdown":null}`, hash))
	f.Add(fmt.Sprintf(`{"action":"checked","role":"anchor","graph":"../cnn","seal":%q}`+"\nnull", hash))
	s := &Store{dir: f.TempDir()}
	f.Fuzz(func(t *testing.T, entries string) {
		var text strings.Builder
		sum := ""
		for _, entry := range strings.Split(entries, "\n") {
			entry = strings.TrimSpace(entry)
			sum = hashOf([]byte(sum), []byte(entry))
			fmt.Fprintf(&text, `{"entry":%s,"sha256":%q}`+"\n", entry, sum)
		}
		read, again := ledger(t, s, text.String()), ""
		if read == nil {
			return
		}
		for range 2 {
			if err := s.write(read); err != nil {
				t.Fatal(err)
			}
			written, err := os.ReadFile(s.ledger())
			if err != nil {
				t.Fatal(err)
			}
			if again != "" && again != string(written) {
				t.Fatalf("%s is written once, and %s twice", again, written)
			}
			again = string(written)
			read = ledger(t, s, again)
		}
		s.entries = read
		for _, e := range read {
			if _, err := s.Find(e.Role, e.Graph); err == nil {
				t.Fatalf("%+v is found", e)
			}
		}
	})
}

// ledger reads what a ledger of that text holds; nil: it is altered.
func ledger(t *testing.T, s *Store, text string) []Entry {
	t.Helper()
	if err := os.WriteFile(s.ledger(), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	entries, err := readLedger(s.ledger())
	if err != nil && !errors.Is(err, ErrAltered) {
		t.Fatalf("an error of no class: %v", err)
	}
	return entries
}
