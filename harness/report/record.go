package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"epochtime/harness/compare"
	"epochtime/harness/record"
)

// Options of a text view.
type Options struct {
	Width     int     // columns of the terminal; 0 is unlimited
	Threshold float64 // the change that matters to a verdict, as a share; 0 means the record's own
}

// Threshold returns the change that matters to the verdicts of a record, as a
// share: the one that was asked for, else the record's own, else the default.
func Threshold(asked float64, rec *record.Record) float64 {
	return cmp.Or(asked, rec.Plan.Threshold, compare.DefaultThreshold)
}

// Record writes what a person wants to know of a record, by its kind: the table of
// a run; the two sides of an ab with their verdict; the table of a sweep with the
// best point; the ranking of a search with its confirmation and the command to use; the
// answer of an estimate; what each change makes of a default; the limits of a machine.
// Below them stand the machine, where that is no matter of course, and what took the
// time. What is timed of scripts, and every notice, stands below the numbers of all kinds.
func Record(w io.Writer, rec *record.Record, o Options) {
	threshold := Threshold(o.Threshold, rec)
	if rec.Status == record.Incomplete {
		fmt.Fprintf(w, "%s\n\n", Wrap("note: ", "this record is incomplete: the measurement was interrupted, or still runs.", o.Width))
	}
	switch {
	case rec.Plan.Kind == record.KindAB && len(rec.Runs) == 2:
		sides(w, compare.AB(rec, compare.Options{Threshold: threshold}), threshold, o.Width)
	case rec.Plan.Kind == record.KindSweep:
		sweep(w, rec, o.Width)
	case rec.Plan.Kind == record.KindLargest:
		largest(w, rec, o.Width)
	case rec.Plan.Kind == record.KindProbe:
		limits(w, rec, o.Width)
	case rec.Plan.Kind == record.KindFactors:
		effects(w, rec, o.Width)
	case rec.Plan.Kind == record.KindExplain:
		bills(w, rec, o.Width)
		builds(w, rec, threshold, o.Width)
	case rec.Plan.Kind == record.KindEstimate:
		estimated(w, rec, o.Width)
	case rec.Plan.Kind == record.KindTune:
		search(w, rec, compare.SearchOf(rec, compare.Options{Threshold: threshold}), threshold, o.Width)
	default:
		runsTable(w, rec, o.Width)
		fleet(w, rec, o.Width)
		sustained(w, rec, o.Width)
		if rec.Plan.Suite == articleSuite {
			article(w, rec)
		}
	}
	scaling(w, rec, o.Width)
	for _, line := range KnownSettings(rec) {
		fmt.Fprintf(w, "\n%s\n", Wrap("", line, o.Width))
	}
	costs(w, rec, o.Width)
	where(w, rec, o.Width)
	busy(w, rec, o.Width)
	spent(w, rec, o.Width)
	scripts(w, TimedRuns(rec), o.Width)
}

// TimedRuns returns the runs whose notices a record shows. In a bill they are those of fit,
// because what the graph lacks is in its other lines.
func TimedRuns(rec *record.Record) []record.Run {
	if rec.Plan.Kind != record.KindExplain {
		return rec.Runs
	}
	return slices.DeleteFunc(slices.Clone(rec.Runs), func(r record.Run) bool { return !r.Config.Fits() })
}

// articleSuite is the suite whose graphs published examples time.
const articleSuite = "article"
