package page

import (
	"slices"
	"time"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
	"epochtime/internal/sentence"
)

// allRemarks are the warnings, failures and notices of all records.
func allRemarks(f *fleet.Fleet) []remarks {
	var warnings, failures []string
	for _, s := range f.Sources {
		titles := report.RunTitles(s.Record)
		for i := range s.Record.Runs {
			r := &s.Record.Runs[i]
			about := at(f, s) + ", " + titles[i] + ": "
			failed := stats.Failures(r)
			for _, text := range failed {
				failures = sentence.Add(failures, about+text)
			}
			for _, text := range slices.Concat(r.Warnings, ofData(r)) {
				if !slices.Contains(failed, text) {
					warnings = sentence.Add(warnings, about+text)
				}
			}
		}
	}
	var notices []string
	for _, s := range f.Sources {
		for _, line := range report.ScriptLines(s.Record.Runs) {
			notices = sentence.Add(notices, line)
		}
		for _, n := range report.Notices(report.TimedRuns(s.Record)) {
			notices = sentence.Add(notices, n.Line())
		}
	}
	out := []remarks{
		{"warnings", "Warnings", "There are none.", slices.Concat(f.Warnings, warnings)},
		{"failures", "Failed launches", "No launch failed.", failures},
		{"notices", "What of a person's own training is not in the times", "The records have no such notice.", notices},
	}
	if lines := largestBatches(f); len(lines) > 0 {
		out = append(out, remarks{ID: "largest", Title: "Largest batch", Lines: lines})
	}
	if lines := bills(f); len(lines) > 0 {
		out = append(out, remarks{ID: "bills", Title: "What an epoch of Keras's fit is made of", Lines: lines})
	}
	return out
}

// largestBatches are what searches for the largest batch found.
func largestBatches(f *fleet.Fleet) []string {
	var out []string
	for _, s := range f.Sources {
		if s.Record.Plan.Kind == record.KindLargest {
			for _, text := range report.LargestFound(s.Record) {
				out = append(out, at(f, s)+": "+text)
			}
		}
	}
	return out
}

// bills are the sentences and notes of the records' bills.
func bills(f *fleet.Fleet) []string {
	var out []string
	for _, s := range f.Sources {
		for _, b := range s.Record.Bills {
			for _, text := range append([]string{report.Sentence(b)}, report.BillNotes(b)...) {
				if text != "" {
					out = sentence.Add(out, at(f, s)+", "+b.Graph+": "+text)
				}
			}
		}
	}
	return out
}

// ofData are the warnings of launches, each once.
func ofData(r *record.Run) []string {
	var out []string
	for _, l := range r.Launches {
		for _, text := range l.Warnings {
			out = sentence.Add(out, text)
		}
	}
	return out
}

// at says where and when a source was measured.
func at(f *fleet.Fleet, s fleet.Source) string {
	if len(f.Sources) == 1 {
		return s.Name
	}
	var names []string
	for _, m := range s.Record.Machines {
		names = sentence.Add(names, m.Title())
	}
	return sentence.Join(", ", append([]string{s.Name}, names...)...)
}

// commands are the command lines of the records, and of each of their runs.
func commands(f *fleet.Fleet) []command {
	var out []command
	for _, s := range f.Sources {
		if len(s.Record.Argv) > 0 {
			out = append(out, command{"record " + s.Name, harmless.Command(s.Record.Argv)})
		}
		titles := report.RunTitles(s.Record)
		for i, r := range s.Record.Runs {
			c := command{"alone: " + titles[i], report.Command(r)}
			if k := s.Record.Plan.Kind; k == record.KindProbe || k == record.KindLargest || k == record.KindEstimate {
				c.About = "again: " + s.Name // none of its runs is of use alone
			}
			if !slices.ContainsFunc(out, func(o command) bool { return o.Line == c.Line }) {
				out = append(out, c)
			}
		}
	}
	return out
}

// sources is the table of the records.
func sources(f *fleet.Fleet) *table {
	t := &table{Caption: "Records", Head: []string{"record", "id", "began", "kind", "machines", "status"}}
	for _, s := range f.Sources {
		var names []string
		for _, m := range s.Record.Machines {
			names = sentence.Add(names, m.Title())
		}
		t.Rows = append(t.Rows, row{Head: s.Name, Cells: []cell{
			words(s.Record.ID), words(s.Record.Started.UTC().Format(time.DateTime) + " UTC"), words(s.Record.Plan.Kind), words(sentence.Join(", ", names...)), words(s.Record.Status),
		}})
	}
	return t
}
