package page

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"gonum.org/v1/plot/plotter"

	"epochtime/harness/changes"
	"epochtime/harness/fleet"
	"epochtime/harness/report"
)

// histories show sessions of a model on one unit over time, with points of change.
func histories(f *fleet.Fleet) group {
	g := group{Title: "History", About: "The median epoch of each session. A dashed line is a point from which the level changed."}
	for _, r := range f.Rows {
		for i, c := range r.Cells {
			if c == nil || r.Best {
				continue
			}
			for _, u := range f.Machines[i].Units {
				if at, ok := history(r.Name()+" on "+u.Name, sessionsOf(c, u)); ok {
					g.Figures = append(g.Figures, at)
				}
			}
		}
	}
	return g
}

// sessionsOf are the runs of a cell on a unit, in the order of time.
func sessionsOf(c *fleet.Cell, u *fleet.Unit) []fleet.Run {
	var out []fleet.Run
	for _, r := range c.Runs {
		if _, ok := middle(r); ok && r.Unit == u {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b fleet.Run) int { return cmp.Compare(a.Began.UnixNano(), b.Began.UnixNano()) })
	return out
}

// history draws sessions; false where there are fewer than two.
func history(title string, sessions []fleet.Run) (figure, bool) {
	if len(sessions) < 2 {
		return figure{}, false
	}
	data := &table{Caption: "Sessions of " + title, Head: []string{"began", "epoch time"}}
	var at plotter.XYs
	var values []float64
	var numbers []int
	for i, r := range sessions {
		v, _ := middle(r)
		numbers = append(numbers, i+1)
		values = append(values, v)
		at = append(at, plotter.XY{X: float64(i + 1), Y: v})
		data.Rows = append(data.Rows, row{Head: r.Began.UTC().Format(time.DateTime), Cells: []cell{number("session", report.Seconds(v), v)}})
	}
	p := newPlot("session", "time of an epoch")
	p.Add(plotter.NewGrid(), line(at, hue(0), 1), dots{at: at, color: hue(0), size: 4.5})
	widen(&p.Y)
	text := fmt.Sprintf("%d sessions from %s to %s.", len(sessions), sessions[0].Began.UTC().Format(time.DateOnly), sessions[len(sessions)-1].Began.UTC().Format(time.DateOnly))
	for _, found := range changes.Find(values, changes.Default) {
		x := float64(found.Index) + 0.5
		p.Add(line(plotter.XYs{{X: x, Y: p.Y.Min}, {X: x, Y: p.Y.Max}}, hue(1), 1.5, 4, 3))
		text += fmt.Sprintf(" From %s on it took %s instead of %s (%s).", sessions[found.Index].Began.UTC().Format(time.DateOnly),
			report.Seconds(found.After), report.Seconds(found.Before), report.Change(found.After/found.Before))
	}
	ticksAt(&p.X, numbers, 6)
	labels(&p.Y, 5, report.Seconds)
	return figure{Title: title, Text: text, Data: data, plot: p, height: figureHeight}, true
}
