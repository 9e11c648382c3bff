package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
	"epochtime/harness/store"
)

// History returns a table with a line for each record. width is that of the
// terminal; 0 is unlimited.
func History(entries []store.Entry, width int) string {
	out := history(entries, false, 0)
	if width > 0 && Widest(out) > width {
		out = history(entries, true, width)
	}
	if slices.ContainsFunc(entries, func(e store.Entry) bool { return slices.ContainsFunc(e.Runs, noticedRun) }) {
		out += "\n\n" + Wrap("", "In brackets: what of a person's own training is not in the time, or is there in another way. The record says more.", cmp.Or(width, readable))
	}
	return out
}

func noticedRun(r store.Run) bool { return r.Notices != "" }

// longestNotices is how much is listed of what a record's notices are about.
const longestNotices = 24

// inBrackets is what the notices of a record's runs are about, each word once; empty
// where there are none.
func inBrackets(e store.Entry) string {
	var words []string
	for _, r := range e.Runs {
		for _, word := range strings.Split(r.Notices, ", ") {
			if word != "" && !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
	}
	if len(words) == 0 {
		return ""
	}
	return "[" + snip(strings.Join(words, ", "), longestNotices) + "]"
}

// history lays out the table. A narrow one has a line for each run, and no launches.
func history(entries []store.Entry, narrow bool, width int) string {
	const launches = 3 // its column
	header := table.Row{"id", "begun", "kind", "launches", "epoch time", "tags and labels"}
	if narrow {
		header = slices.Delete(header, launches, launches+1)
	}
	var rows []table.Row
	for _, e := range entries {
		kind, runs := Lines{e.Kind}, Lines(storedRuns(e))
		if e.Status != record.Complete {
			kind = Lines{e.Kind + ",", e.Status}
		}
		if !narrow {
			kind, runs = Lines{strings.Join(kind, " ")}, Lines{strings.Join(runs, "; ")}
		}
		if words := inBrackets(e); words != "" && narrow {
			runs = append(runs, words)
		} else if words != "" {
			runs[0] += " " + words
		}
		row := table.Row{e.ID[:min(8, len(e.ID))], e.Started.Format("2006-01-02 15:04"), kind, Count(e.Launches), runs, names(e)}
		if narrow {
			row = slices.Delete(row, launches, launches+1)
		}
		rows = append(rows, row)
	}
	return Grid(header, rows, width)
}

// storedRuns names the first few runs of a record with their epoch times; of the
// points of a sweep or a search, the fastest; of an estimate, from how many sizes it is.
func storedRuns(e store.Entry) []string {
	const most = 3
	switch {
	case e.Kind == record.KindProbe:
		return []string{"limits of " + hosts(e.Runs)}
	case e.Kind == record.KindLargest && len(e.Runs) > 0:
		return []string{fmt.Sprintf("%s, %s tried", e.Runs[0].Title, batches(len(e.Runs)))}
	}
	if e.Kind == record.KindSweep || e.Kind == record.KindTune {
		return []string{fastest(e.Runs)}
	}
	if e.Kind == record.KindEstimate && len(e.Runs) > 0 {
		return []string{fmt.Sprintf("%s, estimated from %s", e.Runs[0].Title, number(len(e.Runs), "size"))}
	}
	var out []string
	for i, r := range e.Runs {
		if i == most {
			return append(out, fmt.Sprintf("%d more", len(e.Runs)-most))
		}
		text := r.Title + " failed"
		if r.Median.Valid {
			text = r.Title + " " + Seconds(r.Median.Float64)
		}
		if r.Side != "" {
			text = r.Side + ": " + text
		}
		out = append(out, text)
	}
	return out
}

func batches(n int) string {
	if n == 1 {
		return "1 batch"
	}
	return Count(n) + " batches"
}

// hosts names the machine of a record's runs.
func hosts(runs []store.Run) string {
	for _, r := range runs {
		if r.Hostname != "" {
			return r.Hostname
		}
	}
	return none
}

// fastest names the graph of the fastest run, and its epoch time.
func fastest(runs []store.Run) string {
	best := -1
	for i, r := range runs {
		if r.Median.Valid && (best < 0 || r.Median.Float64 < runs[best].Median.Float64) {
			best = i
		}
	}
	switch {
	case best >= 0:
		return runs[best].Title + ", best " + Seconds(runs[best].Median.Float64)
	case len(runs) > 0:
		return runs[0].Title + " failed"
	}
	return none
}

// names are the tags and labels of a record.
func names(e store.Entry) string {
	var out []string
	for _, t := range e.Tags {
		out = append(out, "@tag:"+t)
	}
	for _, key := range slices.Sorted(maps.Keys(e.Labels)) {
		out = append(out, key+"="+e.Labels[key])
	}
	if len(out) == 0 {
		return none
	}
	return strings.Join(out, " ")
}
