package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/changes"
	"epochtime/harness/record"
	"epochtime/harness/store"
	"epochtime/internal/harmless"
)

// Trend draws the epoch times of a graph's sessions, and writes the newest of them,
// as many as rows, and the changes that were found. width is that of the terminal;
// 0 is unlimited.
func Trend(w io.Writer, t *store.Trend, found []changes.Change, rows, width int) {
	first, last := t.Points[0], t.Points[len(t.Points)-1]
	fmt.Fprintf(w, "%s on %s, epoch time, %s to %s\n\n", harmless.Text(t.Graph), harmless.Text(t.Hostname), date(first), date(last))
	if len(t.Points) > 1 {
		fmt.Fprintf(w, "%s\n\n", trendCurve(t.Seconds(), found, width))
	}
	fmt.Fprintf(w, "%s\n\n", sessions(t.Points, found, rows, width))
	for _, line := range trendNotices(t.Points) {
		fmt.Fprintln(w, Wrap("notice: ", line, width))
	}
	for _, line := range TrendChanges(t, found) {
		fmt.Fprintln(w, Wrap("", line, width))
	}
	if t.Others > 0 {
		fmt.Fprintln(w, Wrap("", fmt.Sprintf("Other configurations or machines of this graph, not drawn: %d.", t.Others), width))
	}
}

// trendNotices say what is not in the times of a series, and since when.
func trendNotices(points []store.Point) []string {
	var out []string
	for i, p := range points {
		if i > 0 && p.Run.Notices == points[i-1].Run.Notices {
			continue
		}
		switch words := p.Run.Notices; {
		case words != "":
			out = append(out, fmt.Sprintf("from %s on, not in the time or there in another way: %s.", date(p), words))
		case i > 0:
			out = append(out, fmt.Sprintf("from %s on, all is in the time.", date(p)))
		}
	}
	return out
}

// TrendChanges returns a sentence for each change of a series, or one that there is
// none.
func TrendChanges(t *store.Trend, found []changes.Change) []string {
	if len(found) == 0 {
		return []string{unchanged(len(t.Points))}
	}
	var out []string
	for _, c := range found {
		out = append(out, changeText(t.Points, c))
	}
	return out
}

func date(p store.Point) string { return p.Started.Format("2006-01-02") }

func unchanged(sessions int) string {
	if sessions <= changes.Default.Learn {
		return fmt.Sprintf("Changes are looked for from %d sessions on.", changes.Default.Learn+1)
	}
	return "No change found."
}

// changeText describes a change and when it began.
func changeText(points []store.Point, c changes.Change) string {
	at := points[c.Index]
	text := fmt.Sprintf("Change at %s", date(at))
	if at.Commit != "" {
		text += ", commit " + at.Commit
	}
	text += fmt.Sprintf(": %s, from %s to %s (record %.8s)", Change(c.After/c.Before), Seconds(c.Before), Seconds(c.After), at.ID)
	if c.Named > c.Index {
		text += ", visible since " + date(points[c.Named])
	}
	return text + "."
}

// trendCurve draws a series. Carets below it mark the changes.
func trendCurve(values []float64, found []changes.Change, width int) string {
	text, axis, columns := curve(values, trendHeight, cmp.Or(width, readable))
	if len(found) == 0 {
		return text
	}
	marks := []byte(strings.Repeat(" ", axis+columns))
	for _, c := range found {
		marks[axis-1+c.Index*(columns-1)/max(1, len(values)-1)] = '^'
	}
	return text + "\n" + strings.TrimRight(string(marks), " ")
}

// sessions is a table of the newest sessions, the newest last.
func sessions(points []store.Point, found []changes.Change, rows, width int) string {
	changed := map[int]bool{}
	for _, c := range found {
		changed[c.Index] = true
	}
	header := table.Row{"begun", "epoch time", "95 % interval", "launches", "record", "commit", ""}
	var out []table.Row
	for i := max(0, len(points)-max(rows, 0)); i < len(points); i++ {
		p, mark := points[i], ""
		if changed[i] {
			mark = "change"
		}
		out = append(out, table.Row{
			p.Started.Format("2006-01-02 15:04"), Seconds(p.Run.Median.Float64), Range(storedInterval(p.Run)), p.Run.Launches,
			p.ID[:min(8, len(p.ID))], cmp.Or(p.Commit, none), mark,
		})
	}
	return Grid(header, out, width)
}

func storedInterval(r store.Run) record.Interval {
	if !r.Low.Valid {
		return record.Interval{}
	}
	return record.Interval{Low: record.Number(r.Low.Float64), High: record.Number(r.High.Float64), Confidence: 1}
}
