// Package baseline keeps the builds that a nightly job compares with. A build of one
// graph is sealed: its worker program, its graph and its settings are copied, with the
// hash of each, and the hash of that list names the copy. A ledger says which seal is
// the good one of a graph, which is its anchor, and which record is the reason.
// Nothing is used before it has been verified.
//
// A Store's folder has these parts:
//
//	ledger.jsonl     one line per decision, the latest last; each with a sum of its own
//	builds/HASH      worker programs
//	sealed/HASH      seal.json, the list, and graph/NAME, the graph
//	records/HASH     the records that are the reasons of decisions
package baseline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"epochtime/harness/record"
	"epochtime/internal/lockfile"
)

// Errors of this package, for errors.Is.
var (
	// ErrNever means that a graph has no such baseline, and never had one.
	ErrNever = errors.New("there is no such build, and there never was one")
	// ErrGone means that a baseline that the ledger names is missing.
	ErrGone = errors.New("a sealed build is gone")
	// ErrAltered means that a file is not what was sealed.
	ErrAltered = errors.New("what was sealed was altered")
	// ErrBusy means that another job uses the folder.
	ErrBusy = errors.New("another nightly job is running")
)

// Lock takes a folder for one job. The lock ends with unlock or the process. The error
// is ErrBusy, which names who has the folder, or that of making the folder or its lock.
func Lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the nightly job: %w", err)
	}
	l, err := lockfile.Take(filepath.Join(dir, "lock"))
	var held *lockfile.HeldError
	switch {
	case errors.As(err, &held) && held.Holder != nil:
		return nil, fmt.Errorf("%w in %s (%v): wait for it to end", ErrBusy, dir, held.Holder)
	case errors.As(err, &held):
		return nil, fmt.Errorf("%w in %s: wait for it to end", ErrBusy, dir)
	case err != nil:
		return nil, fmt.Errorf("locking the folder of the nightly job: %w", err)
	}
	return l.Release, nil
}

// Role is what a sealed build is for.
type Role string

// The roles.
const (
	Good    Role = "good"    // the last build that was not slower
	Anchor  Role = "anchor"  // the last accepted release, which does not creep along
	Tonight Role = "tonight" // the build that was measured last, whatever the verdict
)

// Entry is a decision: from then on, the seal has the role for the graph.
type Entry struct {
	Time       time.Time     `json:"time"`
	Action     string        `json:"action"` // Accepted, Promoted, Pinned, Measured or Checked
	Role       Role          `json:"role"`
	Graph      string        `json:"graph"`
	Seal       string        `json:"seal"` // SHA-256 of the list
	Commit     string        `json:"commit"`
	TensorFlow string        `json:"tensorflow"`        // version that the record was measured with
	Sees       record.Number `json:"smallest_slowdown"` // share that the sessions of the reason would have called; NaN: not known
	Record     string        `json:"record_sha256"`     // of the record that is the reason; empty: none
}

// What Entry.Action may hold.
const (
	Accepted = "accepted" // a user made it the good one
	Promoted = "promoted" // a night found it no slower
	Pinned   = "pinned"   // a user made the good one the anchor
	Measured = "measured" // it is tonight's
	Checked  = "checked"  // tonight's build was compared with the anchor
)

// Baseline is a sealed build that was verified.
type Baseline struct {
	Entry  Entry
	List   Seal
	Worker string // path of the program
	Graph  string // path of the folder
}

// Store is the folder of a nightly job's baselines. It is for one job at a time; the
// caller locks it.
type Store struct {
	dir       string
	entries   []Entry
	restarted bool // without the entries that there were
}

// Open reads the ledger of a folder, which may be new. The errors are ErrAltered for
// a damaged ledger, and ErrGone where there are seals without one.
func Open(dir string) (*Store, error) {
	s := &Store{dir: dir}
	var err error
	s.entries, err = readLedger(s.ledger())
	switch {
	case err == nil:
		return s, nil
	case !errors.Is(err, os.ErrNotExist):
		return nil, err
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "sealed")); len(left) > 0 {
		return nil, fmt.Errorf("%w: %s is missing, and %s holds sealed builds: put it back, or accept a build", ErrGone, s.ledger(), filepath.Join(dir, "sealed"))
	}
	return s, nil
}

// Restart is Open for a user who accepts a build: a damaged ledger is moved aside, of
// which the lines before the damage stay in force, and a missing one is begun anew. It
// returns the new name of a ledger that was moved.
func Restart(dir string) (s *Store, moved string, err error) {
	s, err = Open(dir)
	gone, damaged := errors.Is(err, ErrGone), errors.Is(err, ErrAltered)
	if !gone && !damaged {
		return s, "", err
	}
	s = &Store{dir: dir, restarted: true}
	if gone {
		return s, "", nil
	}
	s.entries, _ = readLedger(s.ledger()) // up to the damaged line
	moved = fmt.Sprintf("%s.damaged-%s", s.ledger(), time.Now().UTC().Format("2006-01-02T150405.000Z"))
	return s, moved, os.Rename(s.ledger(), moved)
}

// Find returns the baseline that has a role for a graph, and verifies every file of
// its. The errors are ErrNever, ErrGone and ErrAltered, with what is wrong.
func (s *Store) Find(role Role, graph string) (*Baseline, error) {
	e, ok := s.Last(role, graph)
	if !ok {
		return nil, ErrNever
	}
	b := &Baseline{Entry: e, Graph: filepath.Join(s.sealed(e.Seal), graphFolder, graph)}
	var err error
	if b.List, err = readSeal(s.sealed(e.Seal), e.Seal); err != nil {
		return nil, err
	}
	if b.List.Graph != graph {
		return nil, fmt.Errorf("%w: %s is sealed as %s", ErrAltered, graph, b.List.Graph)
	}
	b.Worker = s.build(b.List.Worker)
	if err := b.verify(s); err != nil {
		return nil, err
	}
	return b, nil
}

// verify compares every file with its hash.
func (b *Baseline) verify(s *Store) error {
	if err := verifyFile(b.Worker, b.List.Worker); err != nil {
		return err
	}
	if b.Entry.Record != "" {
		if err := verifyFile(s.record(b.Entry.Record), b.Entry.Record); err != nil {
			return err
		}
	}
	return verifyFolder(b.Graph, b.List.Files)
}

// Last returns the latest decision on the role of a graph, and reports whether there
// is one. It verifies nothing.
func (s *Store) Last(role Role, graph string) (Entry, bool) {
	for _, e := range slices.Backward(s.entries) {
		if e.Role == role && e.Graph == graph && e.Action != Checked {
			return e, true
		}
	}
	return Entry{}, false
}

// LastChecked returns when a graph was last compared with its anchor, or when that
// anchor was made if it never was.
func (s *Store) LastChecked(graph string) time.Time {
	for _, e := range slices.Backward(s.entries) {
		if e.Role == Anchor && e.Graph == graph {
			return e.Time
		}
	}
	return time.Time{}
}

// Graphs returns the graphs that have a role, sorted.
func (s *Store) Graphs(role Role) []string {
	var out []string
	for _, e := range s.entries {
		if e.Role == role && !slices.Contains(out, e.Graph) {
			out = append(out, e.Graph)
		}
	}
	slices.Sort(out)
	return out
}

func (s *Store) ledger() string            { return filepath.Join(s.dir, "ledger.jsonl") }
func (s *Store) sealed(seal string) string { return filepath.Join(s.dir, "sealed", short(seal)) }
func (s *Store) build(hash string) string  { return filepath.Join(s.dir, "builds", short(hash)) }
func (s *Store) record(hash string) string { return filepath.Join(s.dir, "records", short(hash)) }

// short returns enough of a hash for a name that people read.
func short(hash string) string { return hash[:min(12, len(hash))] }
