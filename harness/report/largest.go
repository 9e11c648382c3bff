package report

import (
	"fmt"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// largest writes the batches of a search, from small to large, and what it has found.
func largest(w io.Writer, rec *record.Record, width int) {
	header, rows := LargestTable(rec)
	fmt.Fprintln(w, Grid(header, rows, width))
	fmt.Fprintln(w)
	for _, sentence := range LargestFound(rec) {
		fmt.Fprintln(w, Wrap("", sentence, width))
	}
	for i, r := range rec.Runs {
		if _, out := outOfMemory(r); !out {
			warnings(w, Titles(rec.Runs)[i], r, width)
		}
	}
}

// LargestTable is the table of a search for the largest batch.
func LargestTable(rec *record.Record) (table.Row, []table.Row) {
	runs := slices.Clone(rec.Runs)
	slices.SortStableFunc(runs, func(a, b record.Run) int { return a.Config.Batch - b.Config.Batch })
	var rows []table.Row
	for _, r := range runs {
		row := table.Row{Count(r.Config.Batch), none, none, TriedAs(r)}
		for _, l := range r.Launches {
			held, limit, _ := stats.Held(r.Config, l)
			if l.Status != record.OK {
				continue
			}
			row[1] = Bytes(held)
			if held > 0 && limit > 0 {
				row[2] = percent(float64(held) / float64(limit))
			}
		}
		rows = append(rows, row)
	}
	return table.Row{"batch", "memory", "of the limit", ""}, rows
}

// TriedAs says what became of a batch that was tried.
func TriedAs(r record.Run) string {
	if len(r.Launches) == 0 {
		return "not tried"
	}
	switch status := r.Launches[len(r.Launches)-1].Status; status {
	case record.OK:
		return "trains"
	case record.OOM:
		return "out of memory"
	default:
		return status
	}
}

// LargestFound says which batch is the largest, with its margin, and what the next
// larger one came to.
func LargestFound(rec *record.Record) []string {
	if len(rec.Runs) == 0 {
		return nil
	}
	found, name := stats.LargestBatch(rec), rec.Runs[0].Graph.Name
	if found.Fits == nil {
		if found.Fails == nil {
			return nil
		}
		return []string{fmt.Sprintf("%s trains at no batch that was tried. At batch %s: %s.", name, Count(found.Fails.Config.Batch), found.Why)}
	}
	out := []string{fmt.Sprintf("%s trains at batch %s%s.", name, Count(found.Fits.Config.Batch), margin(found))}
	switch {
	case found.Fails != nil:
		out = append(out, fmt.Sprintf("Batch %s does not: %s. %s", Count(found.Fails.Config.Batch), found.Why, bracket(rec, found)))
	case found.Fits.Config.Batch >= rec.Plan.Most:
		out = append(out, "No larger batch was tried, because it has no more examples: allow more of them.")
	default:
		out = append(out, "The search ended before a batch failed: allow more time.")
	}
	return out
}

// margin is what a batch takes, and what it leaves.
func margin(found stats.Largest) string {
	if found.Held == 0 {
		return ""
	}
	out := ": it takes " + Bytes(found.Held)
	if found.Device != "" {
		out += " of " + found.Device
	}
	if found.Limit <= found.Held {
		return out
	}
	left := found.Limit - found.Held
	return out + fmt.Sprintf(" of %s, and leaves %s (%s)", Bytes(found.Limit), Bytes(left), percent(float64(left)/float64(found.Limit)))
}

// bracket says how closely the largest batch is known.
func bracket(rec *record.Record, found stats.Largest) string {
	switch fits, fails := found.Fits.Config.Batch, found.Fails.Config.Batch; {
	case fails == fits+1:
		return "So it is the largest."
	case rec.Status == record.Complete && fails-fits <= fits/stats.BatchResolution:
		return fmt.Sprintf("The largest is one of these %s, within a sixteenth.", Count(fails-fits))
	}
	return "The search ended before it was within a sixteenth: allow more time."
}
