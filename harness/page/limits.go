package page

import (
	"fmt"
	"slices"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// limitRows are the rates that probes found of the units. Where a unit has those of several
// devices, numbers of threads or versions of TensorFlow, each has its rows.
func limitRows(f *fleet.Fleet) []row {
	var order []string
	rows := map[string]*row{}
	for i, u := range f.Units {
		known := limitsOf(f, u)
		for _, l := range known {
			for _, r := range l.Rates {
				if r.Value.Median <= 0 {
					continue
				}
				name := "probed: " + report.LimitTitle(r.Name)
				if len(known) > 1 {
					name += fmt.Sprintf(" (%s, %s, TensorFlow %s)", l.Device, counted(l.Threads, "thread", "threads"), l.TensorFlow)
				}
				if rows[name] == nil {
					rows[name] = &row{Head: name, Cells: make([]cell, len(f.Units))}
					for k := range f.Units {
						rows[name].Cells[k] = words(dash)
					}
					order = append(order, name)
				}
				rows[name].Cells[i] = limitCell(r)
			}
		}
	}
	var out []row
	for _, name := range order {
		out = append(out, *rows[name])
	}
	return out
}

func limitCell(r record.Rate) cell {
	out := number("limit", report.Limit(r.Value.Median, r.Unit), r.Value.Median)
	if r.Value.Known() {
		out.Sub = report.LimitRange(r.Value, r.Unit)
	}
	return out
}

// limitsOf returns the limits of a unit that the records hold: for each TensorFlow, device
// and number of threads the newest.
func limitsOf(f *fleet.Fleet, u *fleet.Unit) []record.Limits {
	var out []record.Limits
	var from []int
	for i, s := range f.Sources {
		for _, l := range s.Record.Limits {
			if !u.At(i, l.Machine) {
				continue
			}
			l.Machine = 0 // of this unit
			at := slices.IndexFunc(out, l.SameAs)
			switch {
			case at < 0:
				out, from = append(out, l), append(from, i)
			case s.Record.Started.After(f.Sources[from[at]].Record.Started):
				out[at], from[at] = l, i
			}
		}
	}
	return out
}
