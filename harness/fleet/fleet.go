// Package fleet merges records of several machines: models by machines, with the spread
// within a unit and between units, and ranks them with their uncertainty.
package fleet

import (
	"errors"
	"fmt"
	"time"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Measure is by what machines are ranked.
type Measure string

// The measures.
const (
	Time   Measure = "time"   // seconds of an epoch
	Cost   Measure = "cost"   // price of an epoch
	Energy Measure = "energy" // joules of an epoch
)

// Measures returns all measures.
func Measures() []Measure { return []Measure{Time, Cost, Energy} }

// Errors of Merge.
var (
	ErrNothing   = errors.New("nothing to report")
	ErrDifferent = errors.New("different graphs of one name")
)

// Source is a record and the name by which it was given.
type Source struct {
	Name   string
	Record *record.Record
}

// Options of Merge.
type Options struct {
	Rank           Measure   // empty is Time
	AllowDifferent bool      // graphs of one name that differ are models of their own
	Now            time.Time // what is later has not been measured; zero: it is not looked at
}

// Fleet is what records say of machines.
type Fleet struct {
	Rank     Measure
	Sources  []Source
	Units    []*Unit
	Machines []*Machine // what is ranked, in the order of the records
	Rows     []*Row     // models, with the machines' cells
	Overall  []*Overall // over all models that the machines share, with given settings, then with the best of each machine

	runs []Run // of which the records tell times

	Notes    []string // what the numbers are, a sentence each
	Warnings []string // what makes them doubtful, likewise
}

// Merge returns the fleet of the records. The errors are ErrDifferent, which names the
// records, and ErrNothing.
func Merge(sources []Source, o Options) (*Fleet, error) {
	f := &Fleet{Rank: o.Rank}
	if f.Rank == "" {
		f.Rank = Time
	}
	f.add(sources, o.Now)
	if len(f.Sources) == 0 {
		return nil, fmt.Errorf("%w: there is no record", ErrNothing)
	}
	f.findUnits()
	f.findMachines()
	f.runs = f.timed()
	if err := f.sameGraphs(f.runs, o.AllowDifferent); err != nil {
		return nil, err
	}
	f.findRows(f.runs)
	f.findLargest()
	f.rank()
	f.note()
	return f, nil
}

// add takes the sources, each record once.
func (f *Fleet) add(sources []Source, now time.Time) {
	seen := map[string]string{}
	for _, s := range sources {
		if s.Record == nil {
			continue
		}
		if first, known := seen[s.Record.ID]; known {
			f.warn("%s is the same record as %s, and counts once.", s.Name, first)
			continue
		}
		seen[s.Record.ID] = s.Name
		f.Sources = append(f.Sources, s)
		if s.Record.Status == record.Incomplete {
			f.warn("%s is incomplete: its measurement was interrupted, or still runs.", s.Name)
		}
		if busy := stats.Busy(s.Record); busy != "" {
			f.warn("%s: %s.", s.Name, busy)
		}
		if began := s.Record.Started; !now.IsZero() && began.After(now.Add(clocksDiffer)) {
			f.warn("%s began %s, which is still to come: the clock here or there is wrong, so its place in the history is too.", s.Name, began.Format(time.DateTime))
		}
	}
}

// clocksDiffer is by how much clocks of two machines may differ without a warning.
const clocksDiffer = 10 * time.Minute

func (f *Fleet) warn(format string, args ...any) {
	f.Warnings = append(f.Warnings, fmt.Sprintf(format, args...))
}
