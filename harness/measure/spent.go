package measure

import (
	"time"

	"epochtime/harness/record"
)

// stopwatch adds up where the time of a session goes, for the record.
type stopwatch struct {
	now    func() time.Time
	began  time.Time     // the program, or the session
	before float64       // Wall of the parts before this one, which it resumes
	spent  *record.Spent // of the record
	save   float64       // seconds of the last save, which it has not in it
}

// newStopwatch returns one for a record, which may have been measured in part before.
func newStopwatch(o Options, rec *record.Record) stopwatch {
	w := stopwatch{now: o.now, began: o.Began}
	if w.began.IsZero() {
		w.began = o.now()
	}
	if rec.Spent == nil {
		rec.Spent = new(record.Spent)
	}
	w.spent = rec.Spent
	w.before = w.spent.Wall
	return w
}

// started notes that measuring begins.
func (w *stopwatch) started() { w.spent.Graphs += w.now().Sub(w.began).Seconds() }

// add returns a function that adds the time since this call to one of the times of the
// record.
func (w *stopwatch) add(to *float64) func() {
	begin := w.now()
	return func() { *to += w.now().Sub(begin).Seconds() }
}

// mark notes how long the session has taken, before the record is saved.
func (w *stopwatch) mark() {
	w.spent.Wall = w.before + w.now().Sub(w.began).Seconds()
	w.spent.Saving += w.save
	w.save = 0
}
