package measure

import (
	"time"

	"epochtime/harness/record"
)

// stopwatch finds where the time of a session goes, for the record. At any time it runs for
// one of its accounts, so that no time is lost between two of them or counted twice.
type stopwatch struct {
	now     func() time.Time
	began   time.Time     // the program, or the session
	before  float64       // Wall of the parts of the session before this one
	spent   *record.Spent // of the record
	at      time.Time     // since when it runs for account
	account *float64

	launch float64 // account of the last call of a launcher
	save   float64 // account of the last save, which the saved record has not in it
}

// newStopwatch returns one for a record, which may have been measured in part before. It
// runs for finding and exporting graphs.
func newStopwatch(o Options, rec *record.Record) stopwatch {
	if rec.Spent == nil {
		rec.Spent = new(record.Spent)
	}
	w := stopwatch{now: o.now, began: o.Began, before: rec.Spent.Wall, spent: rec.Spent, account: &rec.Spent.Graphs}
	if w.began.IsZero() {
		w.began = o.now()
	}
	w.at = w.began
	return w
}

// run makes it run for another account, and returns how to go back.
func (w *stopwatch) run(account *float64) (back func()) {
	now, was := w.now(), w.account
	*was += now.Sub(w.at).Seconds()
	w.at, w.account = now, account
	return func() { w.run(was) }
}

// mark notes how long the session has taken, before the record is saved.
func (w *stopwatch) mark() {
	w.run(w.account)
	w.spent.Saving += w.save
	w.save = 0
	w.spent.Wall = w.before + w.at.Sub(w.began).Seconds()
}

// launched adds to the time between launches what the last call of a launcher took more
// than the process lived.
func (w *stopwatch) launched(wall float64) {
	w.spent.Between += max(0, w.launch-wall)
	w.launch = 0
}
