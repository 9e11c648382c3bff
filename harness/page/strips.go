package page

import (
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"epochtime/harness/compare"
	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
)

// lane is a line of a strip: the launches of one machine or side.
type lane struct {
	name     string
	launches []record.Launch
}

// strips show every measured epoch of every launch.
func strips(f *fleet.Fleet) group {
	g := group{Title: "Every epoch of every launch", About: "A point is a measured epoch, a bar the median of a launch. The launches of a machine stand one above the other, the first on top."}
	for _, r := range f.Rows {
		if r.Best {
			continue
		}
		var lanes []lane
		for _, i := range ranked(r.Places) {
			if c := r.Cells[i]; c.Measured() {
				lanes = append(lanes, lane{f.Machines[i].Name, launchesOf(c)})
			}
		}
		if len(lanes) > 0 {
			g.Figures = append(g.Figures, strip(r.Name(), lanes))
		}
	}
	return g
}

func launchesOf(c *fleet.Cell) []record.Launch {
	var out []record.Launch
	for _, run := range c.Runs {
		measured, _ := run.Measured()
		out = append(out, measured...)
	}
	return out
}

// strip draws lanes over a common axis of time.
func strip(title string, lanes []lane) figure {
	var epochs, medians plotter.XYs
	data := &table{Caption: "Launches of " + title, Head: []string{"", "launch", "median epoch", "shortest to longest"}}
	var list []string
	for i, l := range lanes {
		list = append(list, l.name)
		for k, launch := range l.launches {
			y := -float64(i) + 0.36 - 0.72*(float64(k)+0.5)/float64(len(l.launches))
			measured := stats.Measured(launch)
			least, most := measured[0].Seconds, measured[0].Seconds
			for _, e := range measured {
				epochs = append(epochs, plotter.XY{X: e.Seconds, Y: y})
				least, most = min(least, e.Seconds), max(most, e.Seconds)
			}
			middle, _ := stats.LaunchMedian(launch)
			medians = append(medians, plotter.XY{X: middle, Y: y})
			data.Rows = append(data.Rows, row{Head: l.name, Cells: []cell{
				words(report.Count(k + 1)), number("launch-median", report.Seconds(middle), middle),
				{Text: report.Seconds(least) + " to " + report.Seconds(most), Figure: "launch-range", Value: full(least) + " " + full(most)},
			}})
		}
	}
	p := newPlot("seconds of an epoch", "")
	height := vg.Length(len(lanes))*max(lineHeight, min(90, 180/vg.Length(len(lanes)))) + 50
	tall := (height - 50) / vg.Length(len(lanes)) * 0.6 / vg.Length(max(1, mostLaunches(lanes)))
	p.Add(plotter.NewGrid(), dots{at: epochs, color: hue(0), size: 1.8}, dots{at: medians, color: hue(1), size: 2, tall: min(8, max(1.5, tall))})
	logarithmic(&p.X, 20)
	widen(&p.X)
	names(&p.Y, list)
	labels(&p.X, 4, report.Seconds)
	p.X.Label.Text = "time of an epoch"
	return figure{
		Title: title, Text: fmt.Sprintf("%s of %s, from %s to %s.", counted(len(epochs), "epoch", "epochs"), counted(len(medians), "launch", "launches"), report.Seconds(least(epochs)), report.Seconds(most(epochs))),
		Keys: []key{keyOf(0, "epoch"), keyOf(1, "median of a launch")}, Data: data, plot: p, height: height,
	}
}

// counted is a number of things.
func counted(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return report.Count(n) + " " + several
}

func mostLaunches(lanes []lane) int {
	n := 0
	for _, l := range lanes {
		n = max(n, len(l.launches))
	}
	return n
}

func least(at plotter.XYs) float64 {
	low, _, _, _ := plotter.XYRange(at)
	return low
}

func most(at plotter.XYs) float64 {
	_, high, _, _ := plotter.XYRange(at)
	return high
}

// comparisons show the two sides of each comparison, with its verdict.
func comparisons(f *fleet.Fleet) group {
	g := group{Title: "Two sides compared", About: "The launches of both sides were interleaved in one session."}
	for _, s := range f.Sources {
		if s.Record.Plan.Kind != record.KindAB || len(s.Record.Runs) != 2 {
			continue
		}
		var lanes []lane
		titles := report.Titles(s.Record.Runs)
		for i := range s.Record.Runs {
			measured, _ := fleet.Run{Run: &s.Record.Runs[i]}.Measured()
			if len(measured) > 0 {
				lanes = append(lanes, lane{titles[i], measured})
			}
		}
		if len(lanes) < 2 {
			continue
		}
		at := strip(s.Name, lanes)
		p := compare.AB(s.Record, compare.Options{Threshold: report.Threshold(0, s.Record)})
		at.Text = fmt.Sprintf("%s against %s: %s, %s (%s). %s", titles[1], titles[0], p.Verdict, report.Change(p.Ratio.Median), report.Changes(p.Ratio), at.Text)
		g.Figures = append(g.Figures, at)
	}
	return g
}
