package page

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
)

// share is a part of a time, in seconds of a launch.
type share struct {
	name string
	of   func(record.Launch) float64
}

// perEpoch is the mean of a time over the launch's measured epochs.
func perEpoch(of func(record.Epoch) float64) func(record.Launch) float64 {
	return func(l record.Launch) float64 {
		measured := stats.Measured(l)
		sum := 0.0
		for _, e := range measured {
			sum += of(e)
		}
		return sum / float64(max(1, len(measured)))
	}
}

// partsOfLaunch sums parts of a launch.
func partsOfLaunch(names ...string) func(record.Launch) float64 {
	return func(l record.Launch) float64 {
		sum := 0.0
		for _, p := range stats.PartsOfLaunch(l).List {
			if slices.Contains(names, p.Name) {
				sum += p.Seconds
			}
		}
		return sum
	}
}

// The parts of an epoch, and of a launch.
var (
	ofEpoch = []share{
		{"step", perEpoch(func(e record.Epoch) float64 { return e.Step })},
		{"waiting for data", perEpoch(func(e record.Epoch) float64 { return e.Wait })},
		{"other", perEpoch(func(e record.Epoch) float64 { return max(0, e.Callbacks+e.Other) })},
	}
	ofLaunch = []share{
		{"start", partsOfLaunch(stats.PartStart)},
		{"data and loading", partsOfLaunch(stats.PartData, stats.PartLoad)},
		{"first steps", partsOfLaunch(stats.PartFirstSteps, stats.PartReset)},
		{"warm-up", partsOfLaunch(stats.PartWarmup)},
		{"epochs", partsOfLaunch(stats.PartEpochs, stats.PartAround)},
		{"validation", partsOfLaunch(stats.PartValidation)},
		{"saving and ending", partsOfLaunch(stats.PartWeights, stats.PartEnding)},
	}
)

// splits show where time goes, within an epoch and over a whole launch.
func splits(f *fleet.Fleet) group {
	g := group{Title: "Where the time goes", About: "Means over launches: of an epoch, and of a launch from the start of its process."}
	for _, r := range f.Rows {
		if r.Best {
			continue
		}
		if at, ok := split(f, r, "an epoch of ", "epoch", ofEpoch); ok {
			g.Figures = append(g.Figures, at)
		}
		if at, ok := split(f, r, "a launch of ", "launch", ofLaunch); ok {
			g.Figures = append(g.Figures, at)
		}
	}
	return g
}

// split draws a bar for each machine.
func split(f *fleet.Fleet, r *fleet.Row, of, kind string, shares []share) (figure, bool) {
	title := of + r.Name()
	shares = slices.DeleteFunc(slices.Clone(shares), func(s share) bool {
		return !slices.ContainsFunc(r.Cells, func(c *fleet.Cell) bool { return c.Measured() && mean(launchesOf(c), s.of) > 0 })
	})
	data := &table{Caption: "Parts of " + title, Head: []string{"machine"}}
	drawn := make([]bars, len(shares))
	for k, s := range shares {
		data.Head = append(data.Head, s.name)
		drawn[k].color = hue(k)
	}
	var list []string
	for _, i := range ranked(r.Places) {
		if !r.Cells[i].Measured() {
			continue
		}
		list = append(list, f.Machines[i].Name)
		line := row{Head: f.Machines[i].Name}
		at := 0.0
		for k, s := range shares {
			v := mean(launchesOf(r.Cells[i]), s.of)
			drawn[k].from, drawn[k].to = append(drawn[k].from, at), append(drawn[k].to, at+v)
			at += v
			line.Cells = append(line.Cells, number(fmt.Sprintf("part-%s-%d", kind, k+1), report.Seconds(v), v))
		}
		data.Rows = append(data.Rows, line)
	}
	if len(list) == 0 || len(shares) == 0 {
		return figure{}, false
	}
	p := newPlot("time", "")
	out := figure{Title: title, Data: data, plot: p, height: vg.Length(len(list))*lineHeight + 46}
	for k, b := range drawn {
		p.Add(b)
		out.Keys = append(out.Keys, keyOf(k, shares[k].name))
		p.X.Max = max(p.X.Max, longest(b.to))
	}
	p.X.Min = 0
	scaleBars(p, list)
	out.Text = sharesOf(data, drawn, list)
	return out, true
}

func scaleBars(p *plot.Plot, list []string) {
	names(&p.Y, list)
	labels(&p.X, 4, report.Seconds)
}

func longest(values []float64) float64 {
	out := 0.0
	for _, v := range values {
		out = max(out, v)
	}
	return out
}

// sharesOf says of the first machine how its time divides.
func sharesOf(data *table, drawn []bars, list []string) string {
	whole := drawn[len(drawn)-1].to[0]
	out := "On " + list[0] + ":"
	for k, b := range drawn {
		if whole > 0 {
			out += fmt.Sprintf(" %s %s,", data.Head[k+1], report.Share((b.to[0]-b.from[0])/whole))
		}
	}
	return out[:len(out)-1] + "."
}

func mean(launches []record.Launch, of func(record.Launch) float64) float64 {
	sum := 0.0
	for _, l := range launches {
		sum += of(l)
	}
	return sum / float64(max(1, len(launches)))
}
