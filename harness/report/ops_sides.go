package report

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/trace"
)

// OpsOfSides writes by which types of operations a traced step of side B differs from one
// of side A: the top types, the largest difference first, then all of them together.
// width is that of the terminal; 0 is unlimited.
func OpsOfSides(w io.Writer, a, b []trace.Device, top, width int) {
	of, okA := trace.Main(a)
	with, okB := trace.Main(b)
	if !okA || !okB {
		fmt.Fprintln(w, Wrap("", "No operation took time in a traced step of both sides.", width))
		return
	}
	all := trace.Differences(of, with)
	shown := all[:min(top, len(all))]
	longest := 0
	for _, d := range shown {
		longest = max(longest, columns(d.Op))
	}
	if width > 0 {
		longest = min(longest, max(opWidth, 2*width/5))
	}
	var rows []table.Row
	for _, d := range shown {
		rows = append(rows, table.Row{snip(d.Op, longest), opSeconds(d.A), opSeconds(d.B), more(d.Seconds()), opShare(d.A), opShare(d.B)})
	}
	if rest := all[len(shown):]; len(rest) > 0 {
		rows = append(rows, restOfSides(rest))
	}
	rows = append(rows, table.Row{"all operations", Seconds(of.Busy), Seconds(with.Busy), more(with.Busy - of.Busy), "100 %", "100 %"})
	fmt.Fprintf(w, "%s\n\n%s\n\n%s\n", Wrap("", fmt.Sprintf("Operations of a traced step, side A on %s and side B on %s:", of.Name, with.Name), width),
		Grid(table.Row{"operation", "A", "B", "B − A", "share A", "share B"}, rows, width),
		Wrap("", fmt.Sprintf("The device is idle for %s of A's step and %s of B's. Tracing slows a step, most of all small operations.", idleShare(of), idleShare(with)), width))
}

func restOfSides(rest []trace.Difference) table.Row {
	var a, b trace.Op
	for _, d := range rest {
		a.Count, a.Seconds, a.Share = a.Count+d.A.Count, a.Seconds+d.A.Seconds, a.Share+d.A.Share
		b.Count, b.Seconds, b.Share = b.Count+d.B.Count, b.Seconds+d.B.Seconds, b.Share+d.B.Share
	}
	return table.Row{number(len(rest), "other type"), opSeconds(a), opSeconds(b), more(b.Seconds - a.Seconds), opShare(a), opShare(b)}
}

// more is signed with a plus sign.
func more(s float64) string {
	if s > 0 {
		return "+" + Seconds(s)
	}
	return signed(s)
}

// opSeconds and opShare are a dash where a step has no such operation.
func opSeconds(o trace.Op) string {
	if o.Count == 0 {
		return none
	}
	return Seconds(o.Seconds)
}

func opShare(o trace.Op) string {
	if o.Count == 0 {
		return none
	}
	return percent(o.Share)
}

func idleShare(d trace.Device) string {
	if d.Wall <= 0 {
		return none
	}
	return percent(d.Idle / d.Wall)
}
