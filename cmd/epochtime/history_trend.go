package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/guptarohit/asciigraph"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"epochtime/harness/changes"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/store"
)

func newHistoryTrend(s streams, h *historyFlags) *cobra.Command {
	var f filterFlags
	var rows int
	cmd := &cobra.Command{
		Use: "trend GRAPH", Short: "Draw how a graph's epoch time went, and where it changed", Args: wants(1, 1, "one GRAPH"),
		Long: `Draws the epoch times of one graph on one machine with one configuration, that
of the newest record, and names the points where they changed: since when, by how
much, and the label commit of the record. A creep is named some nights after it
began; docs/history.md says how soon and how often a name is false.`,
		Example: "  epochtime history trend cnn\n  epochtime history trend cnn --since 90d --rows 30",
		RunE: func(_ *cobra.Command, args []string) error {
			f.graph = args[0]
			db, filter, err := h.filtered(f)
			if err != nil {
				return err
			}
			defer db.Close()
			trend, err := db.Trend(filter)
			if err != nil {
				return err
			}
			if len(trend.Points) == 0 {
				return fmt.Errorf("%w: no measured record of graph %s in %s: 'epochtime run %[2]s' makes one", store.ErrNone, args[0], db.Path())
			}
			drawTrend(s.out, trend, changes.Find(seconds(trend.Points), changes.Options{}), rows, widthOf(s.out))
			return nil
		},
	}
	f.add(cmd.Flags(), 0)
	_ = cmd.Flags().MarkHidden("graph") // it is the argument
	cmd.Flags().IntVar(&rows, "rows", 10, "`N` newest sessions in the table below the curve")
	return cmd
}

func seconds(points []store.Point) []float64 {
	out := make([]float64, len(points))
	for i, p := range points {
		out[i] = p.Run.Median.Float64
	}
	return out
}

// drawTrend writes the curve, the newest sessions and the changes.
func drawTrend(w io.Writer, t *store.Trend, found []changes.Change, rows, width int) {
	first, last := t.Points[0], t.Points[len(t.Points)-1]
	fmt.Fprintf(w, "%s on %s, epoch time, %s to %s\n\n", t.Graph, t.Hostname, date(first), date(last))
	if len(t.Points) > 1 {
		fmt.Fprintln(w, curve(seconds(t.Points), found, width))
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, sessionsTable(t.Points, found, rows, width))
	fmt.Fprintln(w)
	for _, c := range found {
		fmt.Fprintln(w, report.Wrap("", changeText(t.Points, c), width))
	}
	if len(found) == 0 {
		fmt.Fprintln(w, report.Wrap("", unchanged(len(t.Points)), width))
	}
	if t.Others > 0 {
		fmt.Fprintln(w, report.Wrap("", fmt.Sprintf("Other configurations or machines of this graph, not drawn: %d.", t.Others), width))
	}
}

func date(p store.Point) string { return p.Started.Format("2006-01-02") }

func unchanged(sessions int) string {
	if sessions <= changes.Default.Learn {
		return fmt.Sprintf("Changes are looked for from %d sessions on.", changes.Default.Learn+1)
	}
	return "No change found."
}

// changeText says what changed, since when.
func changeText(points []store.Point, c changes.Change) string {
	at := points[c.Index]
	what := fmt.Sprintf("slower by %.0f %%", 100*(c.After/c.Before-1))
	if c.After < c.Before {
		what = fmt.Sprintf("faster by %.0f %%", 100*(1-c.After/c.Before))
	}
	text := fmt.Sprintf("Change at %s", date(at))
	if at.Commit != "" {
		text += ", commit " + at.Commit
	}
	text += fmt.Sprintf(": %s, from %s to %s (record %.8s)", what, report.Seconds(c.Before), report.Seconds(c.After), at.ID)
	if c.Named > c.Index {
		text += ", to be seen since " + date(points[c.Named])
	}
	return text + "."
}

// How high a curve is, and how wide where no terminal says so.
const (
	curveHeight = 10
	curveWidth  = 80
)

// curve draws a series; carets below it mark the changes.
func curve(values []float64, found []changes.Change, width int) string {
	if width == 0 {
		width = curveWidth
	}
	axis := 0
	label := func(v float64) string { return fmt.Sprintf("%8s", report.Seconds(v)) }
	for _, v := range values {
		axis = max(axis, report.Widest(label(v)))
	}
	axis += 3 // the library's own
	options := []asciigraph.Option{asciigraph.Height(curveHeight), asciigraph.YAxisValueFormatter(label)}
	columns := len(values)
	if room := width - axis; columns > room {
		columns = max(room, 2)
		options = append(options, asciigraph.Width(columns))
	}
	text := asciigraph.Plot(values, options...)
	if len(found) == 0 {
		return text
	}
	marks := []byte(strings.Repeat(" ", axis+columns))
	for _, c := range found {
		marks[axis-1+c.Index*(columns-1)/max(1, len(values)-1)] = '^'
	}
	return text + "\n" + strings.TrimRight(string(marks), " ")
}

// sessionsTable has the newest sessions, the newest last.
func sessionsTable(points []store.Point, found []changes.Change, rows, width int) string {
	changed := map[int]bool{}
	for _, c := range found {
		changed[c.Index] = true
	}
	header := table.Row{"begun", "epoch time", "95 % interval", "launches", "record", "commit", ""}
	var out []table.Row
	for i := max(0, len(points)-max(rows, 0)); i < len(points); i++ {
		p, mark, commit := points[i], "", points[i].Commit
		if changed[i] {
			mark = "change"
		}
		if commit == "" {
			commit = "–"
		}
		interval := record.Interval{}
		if p.Run.Low.Valid {
			interval = record.Interval{Low: record.Number(p.Run.Low.Float64), High: record.Number(p.Run.High.Float64), Confidence: 1}
		}
		out = append(out, table.Row{p.Started.Format("2006-01-02 15:04"), report.Seconds(p.Run.Median.Float64), report.Range(interval), p.Run.Launches, p.ID[:min(8, len(p.ID))], commit, mark})
	}
	return report.Grid(header, out, width)
}
