package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/trace"
	"epochtime/internal/harmless"
)

// Widths of a table of operations.
const (
	opWidth      = 32 // to which a type of operation is cut where the terminal is narrow
	narrowNode   = 12 // of a node, at least so much is shown
	betweenNodes = 2
)

// Ops writes which types of operations take the time on each device: the top types,
// then the others in one line. width is that of the terminal; 0 is unlimited.
func Ops(w io.Writer, about map[string]string, devices []trace.Device, top, width int) {
	fmt.Fprintln(w, Wrap("", aboutTrace(about), width))
	for _, d := range devices {
		fmt.Fprintf(w, "\n%s\n\n%s\n", Wrap("", aboutDevice(d), width), ops(d, top, width))
	}
	fmt.Fprintf(w, "\n%s\n", Wrap("", "Shares are of the device's busy time, the sum of its operations' times. Tracing slows a step, most of all small operations: compare shares, not times.", width))
	for _, c := range trace.FromHost(devices) {
		fmt.Fprintf(w, "\n%s\n", Wrap("", copies(c), width))
	}
	if line := Bottleneck(devices); line != "" {
		fmt.Fprintf(w, "\n%s\n", Wrap("", line, width))
	}
}

// copies says how much of a step is copying from the host.
func copies(c trace.Copies) string {
	return fmt.Sprintf("Copies from the host to %s: %s in %s of the step's %s, %s.",
		c.Device, Count(c.Count), Seconds(c.Seconds), Seconds(c.Step), percent(c.Share()))
}

// aboutTrace names what was traced, as far as the trace says it.
func aboutTrace(about map[string]string) string {
	out := "One step"
	for _, part := range []struct{ key, text string }{{"graph", " of %s"}, {"batch", ", %s examples"}, {"tensorflow", ", TensorFlow %s"}} {
		if v := about[part.key]; v != "" {
			out += fmt.Sprintf(part.text, v)
		}
	}
	return out
}

func aboutDevice(d trace.Device) string {
	out := fmt.Sprintf("%s: %s, busy %s in %s", d.Name, number(d.Operations, "operation"), Seconds(d.Busy), Seconds(d.Wall))
	if d.Wall > 0 {
		out += fmt.Sprintf(", %.1f at a time", d.Busy/d.Wall)
	}
	if d.Waiting > 0 {
		out += fmt.Sprintf("; %s of waiting for other devices left out", Seconds(d.Waiting))
	}
	return out
}

func ops(d trace.Device, top, width int) string {
	shown := d.Ops[:min(top, len(d.Ops))]
	longest := opColumns(shown, width)
	var rows []table.Row
	var nodes []string
	for _, o := range shown {
		rows = append(rows, table.Row{snip(o.Op, longest), Count(o.Count), Seconds(o.Seconds), percent(o.Share)})
		nodes = append(nodes, node(o.Largest))
	}
	if rest := d.Ops[len(shown):]; len(rest) > 0 {
		var all trace.Op
		for _, o := range rest {
			all.Count += o.Count
			all.Seconds += o.Seconds
			all.Share += o.Share
		}
		rows = append(rows, table.Row{number(len(rest), "other type"), Count(all.Count), Seconds(all.Seconds), percent(all.Share)})
		nodes = append(nodes, "")
	}
	// The last column stands to the left, so that it is no part of the grid.
	lines := strings.Split(Grid(table.Row{"operation", "count", "time", "share"}, rows, 0), "\n")
	room := 0
	if width > 0 {
		room = max(width-columns(lines[0])-betweenNodes, narrowNode)
	}
	for i, n := range slices.Insert(nodes, 0, "largest node") {
		lines[i] = strings.TrimRight(lines[i]+strings.Repeat(" ", betweenNodes)+tail(n, room), " ")
	}
	return strings.Join(lines, "\n")
}

// opColumns returns how wide the types of operations are shown: whole, unless that
// leaves too little of the terminal for nodes.
func opColumns(ops []trace.Op, width int) int {
	longest := 0
	for _, o := range ops {
		longest = max(longest, columns(harmless.Text(o.Op)))
	}
	if width > 0 {
		return min(longest, max(opWidth, 2*width/5))
	}
	return longest
}

// number is a count of things.
func number(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Count(n) + " " + thing + "s"
}

// node is an operation's name without the calls that a SavedModel wraps around
// every one.
func node(n trace.Node) string {
	name := harmless.Text(n.Name)
	for {
		short := strings.TrimPrefix(strings.TrimPrefix(name, "StatefulPartitionedCall/"), "PartitionedCall/")
		if short == name || short == "" {
			return name
		}
		name = short
	}
}

// tail is the end of a text, where names differ, in at most room columns; 0 is
// unlimited.
func tail(s string, room int) string {
	if room == 0 || columns(s) <= room {
		return s
	}
	letters := []rune(s)
	for len(letters) > 0 && columns(string(letters)) > room-1 {
		letters = letters[1:]
	}
	return "…" + string(letters)
}

// percent formats a share from 0 to 1.
func percent(share float64) string {
	switch {
	case share == 0:
		return "0 %"
	case share < 0.001:
		return "< 0.1 %"
	case share < 0.0995:
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// Bottleneck returns a sentence on what takes the most time on the busiest device,
// or on the kernels of a GPU where some were traced. It is empty if nothing took
// time.
func Bottleneck(devices []trace.Device) string {
	d, ok := trace.Main(devices)
	if !ok {
		return ""
	}
	o := d.Ops[0]
	out := fmt.Sprintf("%s takes %s of %s's busy time", o.Op, percent(o.Share), d.Name)
	if o.Call {
		return out + ": it is a call whose inside is not traced, as of a program compiled by XLA."
	}
	return out + "."
}
