package page

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/plotter"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
)

// What makes a launch a sustained one.
const (
	sustainedSeconds  = 60.0 // of measured epochs
	sustainedReadings = 8
)

// sustained show epoch time over time in long launches, with clock and temperature.
func sustained(f *fleet.Fleet) group {
	g := group{Title: "Over time", About: "Epochs of the longest launch, with the clock and the temperature of the machine while it ran."}
	for _, r := range f.Rows {
		for i, c := range r.Cells {
			if l, c, ok := longestLaunch(c); ok && !r.Best {
				g.Figures = append(g.Figures, over(r.Name()+" on "+f.Machines[i].Name, c, l)...)
			}
		}
	}
	return g
}

// longestLaunch is that of a cell, with its configuration; false where none is long
// enough.
func longestLaunch(c *fleet.Cell) (longest record.Launch, config record.Config, ok bool) {
	if c == nil {
		return longest, config, false
	}
	for _, r := range c.Runs {
		measured, _ := r.Measured()
		for _, l := range measured {
			if len(l.Readings) >= sustainedReadings && lasted(l) >= max(sustainedSeconds, lasted(longest)) {
				longest, config, ok = l, r.Config, true
			}
		}
	}
	return longest, config, ok
}

// lasted is how long the measured epochs of a launch took.
func lasted(l record.Launch) float64 {
	s, _ := stats.SustainedOf(l)
	return s.Seconds
}

// over draws the epochs of a launch, and what was read of the machine.
func over(title string, c record.Config, l record.Launch) []figure {
	measured := stats.Measured(l)
	first := measured[0].Start
	var at plotter.XYs
	data := &table{Caption: "Epochs of " + title, Head: []string{"epoch", "began after", "time"}}
	for _, e := range measured {
		at = append(at, plotter.XY{X: e.Start - first, Y: e.Seconds})
		data.Rows = append(data.Rows, row{Head: report.Count(e.Index), Cells: []cell{
			number("over-start", report.Seconds(e.Start-first), e.Start-first), number("over-epoch", report.Seconds(e.Seconds), e.Seconds),
		}})
	}
	out := []figure{overTime(title, at, "time of an epoch", report.Seconds, 0)}
	out[0].Text, out[0].Data = report.Pace(title, c, l), data
	for n, what := range []struct {
		name   string
		of     func(record.Reading) float64
		format func(float64) string
	}{
		{"clock", func(r record.Reading) float64 { return r.Clock }, func(v float64) string { return amount(v, "MHz") }},
		{"temperature", func(r record.Reading) float64 { return r.Temperature }, func(v float64) string { return amount(v, "°C") }},
		{"GPU clock", gpu(func(g record.GPUCondition) float64 { return g.Clock }), func(v float64) string { return amount(v, "MHz") }},
		{"GPU temperature", gpu(func(g record.GPUCondition) float64 { return g.Temperature }), func(v float64) string { return amount(v, "°C") }},
		{"GPU power", gpu(func(g record.GPUCondition) float64 { return g.Power }), func(v float64) string { return amount(v, "W") }},
	} {
		var read plotter.XYs
		for _, r := range l.Readings {
			if v, after := what.of(r), r.At-l.Cold.Start-first; v > 0 && after >= 0 {
				read = append(read, plotter.XY{X: after, Y: v})
			}
		}
		if len(read) > 1 {
			at := overTime(title+", "+what.name, read, what.name, what.format, n+1)
			least, most := slices.MinFunc(read, byY), slices.MaxFunc(read, byY)
			at.Text = fmt.Sprintf("From %s to %s.", what.format(least.Y), what.format(most.Y))
			out = append(out, at)
		}
	}
	return out
}

func byY(a, b plotter.XY) int {
	switch {
	case a.Y < b.Y:
		return -1
	case a.Y > b.Y:
		return 1
	}
	return 0
}

// gpu is a condition of the first accelerator.
func gpu(of func(record.GPUCondition) float64) func(record.Reading) float64 {
	return func(r record.Reading) float64 {
		if len(r.GPUs) == 0 {
			return 0
		}
		return of(r.GPUs[0])
	}
}

func overTime(title string, at plotter.XYs, y string, format func(float64) string, n int) figure {
	p := newPlot("time since the first", y)
	p.Add(plotter.NewGrid(), dots{at: at, color: hue(n), size: 3})
	widen(&p.X)
	widen(&p.Y)
	labels(&p.X, 4, report.Seconds)
	labels(&p.Y, 5, format)
	return figure{Title: title, plot: p, height: figureHeight}
}

func amount(v float64, unit string) string { return fmt.Sprintf("%.4g %s", v, unit) }
