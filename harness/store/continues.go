package store

import (
	"bytes"
	"encoding/json"
	"fmt"

	"epochtime/harness/record"
)

// continues reports whether r has more than the kept record of its id. The error is
// an ErrConflict if r is neither the kept one with more launches nor an earlier
// state of it.
func continues(r, kept *record.Record) (bool, error) {
	after, err := extends(r, kept)
	if err != nil {
		return false, err
	}
	before, err := extends(kept, r)
	switch {
	case err != nil:
		return false, err
	case after && before: // the same launches
		return kept.Status == record.Incomplete && r.Status == record.Complete, nil
	case after:
		return true, nil
	case before:
		return false, nil
	case !r.Started.Equal(kept.Started):
		return false, fmt.Errorf("record %s: %w, which began at another time: one of the two was edited, or both were given one id", r.ID, ErrConflict)
	}
	return false, fmt.Errorf("record %s: %w, and neither continues the other: one of the two was edited, or copies of an interrupted record were continued apart", r.ID, ErrConflict)
}

// extends reports whether long has all that short has, its launches first in each
// run. What is derived from launches may differ, and the check against Keras may be
// added.
func extends(long, short *record.Record) (bool, error) {
	if len(short.Runs) > len(long.Runs) || len(short.Machines) > len(long.Machines) {
		return false, nil
	}
	same, err := equal(session(long), session(short))
	if err == nil && same {
		same, err = equal(append([]record.Machine{}, long.Machines[:len(short.Machines)]...), append([]record.Machine{}, short.Machines...))
	}
	for i := 0; i < len(short.Runs) && err == nil && same; i++ {
		same, err = extendsRun(long.Runs[i], short.Runs[i])
	}
	return same, err
}

func extendsRun(long, short record.Run) (bool, error) {
	n := len(short.Launches)
	if n > len(long.Launches) {
		return false, nil
	}
	if short.Parity == nil {
		long.Parity = nil
	}
	long.Launches = long.Launches[:n:n]
	for _, run := range []*record.Run{&long, &short} {
		run.Summary, run.Warnings, run.Roofline = nil, nil, nil
		run.Launches = append([]record.Launch{}, run.Launches...)
	}
	return equal(long, short)
}

// session is what a record says of its session as a whole, without what is computed from
// its launches, or looked up for them.
func session(r *record.Record) *record.Record {
	out := *r
	out.Status, out.Machines, out.Runs, out.Spent = "", nil, nil, nil
	out.Bills, out.Limits, out.Estimate = nil, nil, r.Estimate.Question()
	return &out
}

// equal reports whether two values have the same JSON, in which a number that is not
// finite equals itself.
func equal(a, b any) (bool, error) {
	one, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	other, err := json.Marshal(b)
	return bytes.Equal(one, other), err
}
