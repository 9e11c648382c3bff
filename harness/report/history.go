package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"epochtime/harness/record"
	"epochtime/harness/store"
	"epochtime/internal/harmless"
)

// History returns a table with a line for each record. width is that of the
// terminal; 0 is unlimited.
func History(entries []store.Entry, width int) string {
	out := history(entries)
	if width > 0 && Widest(out) > width {
		out = narrowHistory(entries, width)
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

// begunAt is how a list says when a record began.
const begunAt = "2006-01-02 15:04"

// history lays out the table with a line for each record.
func history(entries []store.Entry) string {
	var rows []table.Row
	for _, e := range entries {
		runs := strings.Join(storedRuns(e), "; ")
		if words := inBrackets(e); words != "" {
			runs += " " + words
		}
		rows = append(rows, table.Row{shortened(e.ID), e.Started.Format(begunAt), machine(e), strings.Join(kindOf(e), " "), Count(e.Launches), runs, Prose(names(e))})
	}
	return Grid(table.Row{"id", "begun", "machine", "kind", "launches", "epoch time", "tags and labels"}, rows, 0)
}

// narrowHistory lays out the table in width columns: a line for each run, the machine
// below the time, and no launches.
func narrowHistory(entries []store.Entry, width int) string {
	const mostTags, apart = 16, 4 * len("  ")
	kinds, tags := len("kind"), len("labels")
	for _, e := range entries {
		kinds, tags = max(kinds, widestLine(kindOf(e))), max(tags, min(Widest(names(e)), mostTags))
	}
	room := max(width-shortID-len(begunAt)-kinds-tags-apart, shortest)
	var rows []table.Row
	for _, e := range entries {
		begun, runs := append(Lines{e.Started.Format(begunAt)}, broken(machine(e), len(begunAt))...), Lines{}
		for _, run := range append(storedRuns(e), inBrackets(e)) {
			runs = append(runs, broken(run, room)...)
		}
		rows = append(rows, table.Row{shortened(e.ID), begun, kindOf(e), runs, Prose(names(e))})
	}
	return Grid(table.Row{"id", Lines{"begun", "machine"}, "kind", "epoch time", Lines{"tags,", "labels"}}, rows, width)
}

// broken breaks a text into lines of at most width columns; none where it is empty.
func broken(line string, width int) Lines {
	if line == "" {
		return nil
	}
	return strings.Split(text.WrapSoft(harmless.Text(line), width), "\n")
}

func widestLine(lines Lines) int {
	widest := 0
	for _, line := range lines {
		widest = max(widest, Widest(line))
	}
	return widest
}

func shortened(id string) string { return id[:min(shortID, len(id))] }

// kindOf is the kind of a record, and its status below where it is not complete.
func kindOf(e store.Entry) Lines {
	if e.Status != record.Complete {
		return Lines{e.Kind + ",", e.Status}
	}
	return Lines{e.Kind}
}

// machine names the machines of a record.
func machine(e store.Entry) string { return cmp.Or(strings.Join(e.Machines, ", "), none) }

// storedRuns names the first few runs of a record with their epoch times; of the
// points of a sweep or a search, the fastest; of an estimate, from how many sizes it is.
func storedRuns(e store.Entry) []string {
	const most = 3
	switch {
	case e.Kind == record.KindProbe:
		return []string{"limits of " + machine(e)}
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
