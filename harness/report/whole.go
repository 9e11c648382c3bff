package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// The columns of runs that have validation, or were measured cold.
var (
	wholes = []column{
		{"whole epoch", summary(func(s record.Summary) string { return middle(s.WholeSeconds) })},
		{"interval", summary(func(s record.Summary) string { return ends(s.WholeSeconds) })},
	}
	firsts = []column{
		{"first epoch", summary(func(s record.Summary) string { return middle(s.FirstEpochSeconds) })},
		{"interval", summary(func(s record.Summary) string { return ends(s.FirstEpochSeconds) })},
	}
)

// besides are the columns beside the epoch time that any of the runs has.
func besides(list []record.Run) []column {
	var out []column
	if slices.ContainsFunc(list, hasWhole) {
		out = append(out, wholes...)
	}
	if slices.ContainsFunc(list, hasFirst) {
		out = append(out, firsts...)
	}
	if slices.ContainsFunc(list, hasEnergy) {
		out = append(out, energies...)
	}
	return out
}

func hasWhole(r record.Run) bool { return r.Summary != nil && r.Summary.WholeSeconds != nil }
func hasFirst(r record.Run) bool { return r.Summary != nil && r.Summary.FirstEpochSeconds != nil }

// Beside returns what runs have beside their epoch times, for a table: the titles of
// columns, and a run's cells. It has none that no run has.
func Beside(list []record.Run) (titles []string, cells func(record.Run) []string) {
	columns := besides(list)
	for _, c := range columns {
		titles = append(titles, c.title)
	}
	return titles, func(r record.Run) []string {
		var out []string
		for _, c := range columns {
			out = append(out, c.cell(r))
		}
		return out
	}
}

// WholeEpochs explains the whole and the first epochs of runs; empty where there are
// none.
func WholeEpochs(list []record.Run) string {
	var out []string
	if slices.ContainsFunc(list, hasWhole) {
		out = append(out, "Epoch time is training; a whole epoch is training and validation.")
	}
	if slices.ContainsFunc(list, hasFirst) {
		out = append(out, "The first epoch has the first steps in it, and is not counted in the epoch time.")
	}
	return strings.Join(out, " ")
}

// middle and ends are an interval's, as a table has them.
func middle(i *record.Interval) string {
	if i == nil {
		return none
	}
	return Seconds(i.Median)
}

func ends(i *record.Interval) string {
	if i == nil {
		return none
	}
	return Range(*i)
}

// Details returns what a run has beside its epoch time: the whole epoch with
// validation, the first epoch of cold launches, and metrics. Without any it is empty.
func Details(r record.Run) string {
	if r.Summary == nil {
		return ""
	}
	var out []string
	if i := r.Summary.WholeSeconds; i != nil {
		out = append(out, fmt.Sprintf("the whole epoch with validation %s%s", Seconds(i.Median), intervalOf(*i)))
	}
	if i := r.Summary.FirstEpochSeconds; i != nil {
		out = append(out, fmt.Sprintf("the first epoch %s%s, later ones %s", Seconds(i.Median), intervalOf(*i), Seconds(r.Summary.EpochSeconds.Median)))
	}
	if text := Metrics(r.Summary.Metrics); text != "" {
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func intervalOf(i record.Interval) string {
	if !i.Known() {
		return ""
	}
	return fmt.Sprintf(" (%.0f %% interval %s)", 100*stats.Confidence, Range(i))
}

// Metrics lists metrics by name, as in "accuracy 0.91, val_loss 0.4".
func Metrics(m map[string]record.Number) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, name+" "+Loss(m[name]))
	}
	return strings.Join(out, ", ")
}

// details are those of the runs that have any, each behind its title.
func details(runs []record.Run, title func(run int) string) []string {
	var out []string
	for i, r := range runs {
		if text := Details(r); text != "" {
			out = append(out, title(i)+": "+text+".")
		}
	}
	return out
}

// TrainingAlone says that a comparison of runs leaves out their validation; empty
// where they have none.
func TrainingAlone(runs []record.Run) string {
	if slices.ContainsFunc(runs, hasWhole) {
		return "What is compared is the training of an epoch, without its validation."
	}
	return ""
}

// FirstStep returns the time of the first step, or a dash where it is inside the first
// epoch.
func FirstStep(s record.Summary) string {
	if s.FirstStepSeconds == 0 {
		return none
	}
	return Seconds(s.FirstStepSeconds)
}
