package report

import (
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
	header := table.Row{"id", "begun", "kind", "launches", "epoch time", "tags and labels"}
	var rows []table.Row
	for _, e := range entries {
		kind := e.Kind
		if e.Status != record.Complete {
			kind += ", " + e.Status
		}
		rows = append(rows, table.Row{e.ID[:min(8, len(e.ID))], e.Started.Format("2006-01-02 15:04"), kind, Count(e.Launches), storedRuns(e.Runs), names(e)})
	}
	return Grid(header, rows, width)
}

// storedRuns names the first few runs of a record with their epoch times.
func storedRuns(runs []store.Run) string {
	const most = 3
	var out []string
	for i, r := range runs {
		if i == most {
			out = append(out, fmt.Sprintf("%d more", len(runs)-most))
			break
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
	return strings.Join(out, "; ")
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
