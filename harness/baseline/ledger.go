package baseline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"epochtime/internal/atomicfile"
)

// line is an entry as the ledger holds it.
type line struct {
	Entry json.RawMessage `json:"entry"`
	Sum   string          `json:"sha256"` // of Entry and of all before
}

// readLedger reads all entries. The error is ErrAltered for a damaged file, with the
// entries before the damage.
func readLedger(path string) ([]Entry, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger of good builds: %w", err)
	}
	var out []Entry
	sum := ""
	for i, raw := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		var l line
		var e Entry
		wrong := json.Unmarshal(raw, &l)
		if wrong == nil {
			wrong = json.Unmarshal(l.Entry, &e)
		}
		sum = hashOf([]byte(sum), l.Entry)
		switch {
		case wrong == nil && sum != l.Sum:
			wrong = errors.New("its sum is wrong")
		case wrong == nil && !e.whole():
			wrong = errors.New("it is incomplete")
		}
		if wrong != nil {
			return out, fmt.Errorf("%w: line %d of %s: %w: put the file back as it was, or accept a build", ErrAltered, i+1, path, wrong)
		}
		out = append(out, e)
	}
	return out, nil
}

func (e Entry) whole() bool { return e.Role != "" && e.Graph != "" && e.Action != "" && isHash(e.Seal) }

// Decide adds entries to the ledger, all or none. text is the JSON form of the record
// that is their reason.
func (s *Store) Decide(now time.Time, text []byte, list ...Entry) error {
	hash := hashOf(text)
	if err := s.keepRecord(hash, text); err != nil {
		return err
	}
	for i := range list {
		list[i].Record = hash
	}
	return s.Keep(now, list...)
}

// Keep is Decide for entries that have their reason, or none.
func (s *Store) Keep(now time.Time, list ...Entry) error {
	entries := slices.Clone(s.entries)
	for _, e := range list {
		e.Time = now.UTC()
		entries = append(entries, e)
	}
	if err := s.write(entries); err != nil {
		return fmt.Errorf("writing the ledger of good builds: %w", err)
	}
	s.entries = entries
	return nil
}

func (s *Store) keepRecord(hash string, text []byte) error {
	err := os.MkdirAll(filepath.Dir(s.record(hash)), 0o755)
	if err == nil {
		err = atomicfile.WriteFile(s.record(hash), text)
	}
	if err != nil {
		return fmt.Errorf("keeping the record of a good build: %w", err)
	}
	return nil
}

// write replaces the ledger, because a line that was cut off would damage it.
func (s *Store) write(entries []Entry) error {
	var b bytes.Buffer
	sum := ""
	for _, e := range entries {
		text, err := json.Marshal(e)
		if err != nil {
			return err
		}
		sum = hashOf([]byte(sum), text)
		whole, err := json.Marshal(line{text, sum})
		if err != nil {
			return err
		}
		b.Write(append(whole, '\n'))
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	return atomicfile.WriteFile(s.ledger(), b.Bytes())
}
