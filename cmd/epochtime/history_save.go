package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/store"
)

// noHistory in place of a file's name does without a history.
const noHistory = "none"

// historyFlags say where the history is.
type historyFlags struct{ db string }

func (f *historyFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.db, "db", "", "`FILE` the history, or none for no history; EPOCHTIME_DB sets it too (default: history.db in the user's data folder)")
}

// path is the file of the history.
func (f historyFlags) path() (string, error) {
	if f.db != "" {
		return f.db, nil
	}
	return store.Default()
}

// open opens the history. It returns nil where there is none.
func (f historyFlags) open() (*store.Store, error) {
	path, err := f.path()
	if err != nil || path == noHistory {
		return nil, err
	}
	s, err := store.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w (--db or EPOCHTIME_DB names the file, or none)", err)
	}
	return s, nil
}

// need opens the history for a verb that cannot do without one.
func (f historyFlags) need() (*store.Store, error) {
	s, err := f.open()
	if err == nil && s == nil {
		return nil, usagef("there is no history: --db or EPOCHTIME_DB is none; name a file")
	}
	return s, err
}

// keep puts a record of some launches into the history, and reports whether it is
// there. Where that fails, the measurement is still good: a warning says so.
func (f historyFlags) keep(notices io.Writer, rec *record.Record) bool {
	if launchesOf(rec) == 0 {
		return false
	}
	s, err := f.open()
	if err == nil && s == nil {
		return false
	}
	if err == nil {
		defer s.Close()
		err = s.Add(rec)
	}
	if err != nil {
		fmt.Fprintf(notices, "warning: this measurement is not in the history: %v%s\n", err, hint(err))
	}
	return err == nil
}

// record reads a record file, or one of the history where the name begins with @.
func (f historyFlags) record(name string) (*record.Record, error) {
	if !strings.HasPrefix(name, "@") {
		return readRecord(name)
	}
	s, err := f.need()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Select(name)
}

// limits returns a function that finds what a probe of the history has found of a
// machine. Where it cannot be read, the measurement does without.
func (f historyFlags) limits(notices io.Writer) func(record.Machine, record.Limits) *record.Limits {
	return func(m record.Machine, of record.Limits) *record.Limits {
		s, err := f.open()
		if err != nil || s == nil { // keep warns of a history that cannot be opened
			return nil
		}
		defer s.Close()
		found, err := s.Limits(m, of)
		if err != nil {
			fmt.Fprintf(notices, "warning: the limits of this machine are not known: %v%s\n", err, hint(err))
		}
		return found
	}
}

// noise returns what the history knows of the noise of a record's machine, nil where
// that is nothing.
func (f historyFlags) noise(rec *record.Record) *compare.Noise {
	s, err := f.open()
	if err != nil || s == nil || len(rec.Machines) == 0 {
		return nil
	}
	defer s.Close()
	noise, err := s.Noise(rec.Machines[0])
	if err != nil {
		return nil // a comparison then says that the noise is not known
	}
	return noise
}
