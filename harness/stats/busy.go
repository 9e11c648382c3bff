package stats

import (
	"cmp"
	"fmt"

	"epochtime/harness/record"
)

// busyFrom is how many runnable threads a core make a machine busy. A measurement that
// ended a moment before leaves about one.
const busyFrom = 1.25

// Busy says that other work ran on a machine as its first launch began: the mean number
// of runnable threads in the minute before. Later launches follow launches of the record,
// which are in that number. It is empty where that was not so, or is not known.
func Busy(rec *record.Record) string {
	if rec == nil {
		return ""
	}
	var first *record.Launch
	for i := range rec.Runs {
		for j := range rec.Runs[i].Launches {
			l := &rec.Runs[i].Launches[j]
			if first == nil || cmp.Or(l.Started.Compare(first.Started), cmp.Compare(l.Order, first.Order)) < 0 {
				first = l
			}
		}
	}
	if first == nil || first.Before == nil || first.Machine < 0 || first.Machine >= len(rec.Machines) {
		return ""
	}
	load, cores := first.Before.Load, rec.Machines[first.Machine].Cores
	if cores <= 0 || load <= busyFrom*float64(cores) {
		return ""
	}
	return fmt.Sprintf("the machine was busy as measuring began: %.1f threads wanted to run on %d cores in the minute before", load, cores)
}
