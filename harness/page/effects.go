package page

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"epochtime/harness/compare"
	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
)

// experiment is what each change makes of a default's time, in one record.
type experiment struct {
	Title  string
	Table  *table
	Figure *figure // nil where no change has a ratio
	Notes  []string
}

// experiments are those of the records of factors.
func experiments(f *fleet.Fleet) ([]experiment, error) {
	var out []experiment
	for _, s := range f.Sources {
		if s.Record.Plan.Kind != record.KindFactors || len(s.Record.Runs) == 0 {
			continue
		}
		e, err := experimentOf(f, s, len(out))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		out = append(out, e)
	}
	return out, nil
}

func experimentOf(f *fleet.Fleet, s fleet.Source, n int) (experiment, error) {
	effects := compare.EffectsOf(s.Record)
	name := s.Record.Runs[0].Title()
	out := experiment{Title: name + " (" + at(f, s) + ")", Notes: report.EffectNotes(s.Record)}
	out.Table = &table{Caption: "What each change makes of an epoch of " + name, Head: []string{"change", "time over the default’s", "95 % interval, of all at once", "epoch or example", ""}}
	var shown []compare.Effect
	for _, e := range effects {
		out.Table.Rows = append(out.Table.Rows, effectRow(e))
		if e.Known() {
			shown = append(shown, e)
		}
	}
	if len(shown) == 0 {
		return out, nil
	}
	at := forest(shown)
	at.ID = fmt.Sprintf("effects-%d", n+1)
	var err error
	at.SVG, err = svg(at.plot, figureWidth, at.height, at.ID)
	out.Figure = &at
	return out, err
}

// effectRow is the line of an effect.
func effectRow(e compare.Effect) row {
	out := row{Head: report.EffectTitle(e), Cells: []cell{words(dash), words(dash), words(dash), words(report.EffectWord(e))}}
	if e.Known() {
		out.Mark = e.Significant
		out.Cells[0] = number("effect", report.Times(e.Ratio.Median), e.Ratio.Median)
	}
	if r := e.Ratio; r.Known() {
		out.Cells[1] = ends("effect-interval", report.Times(r.Low)+" to "+report.Times(r.High), record.Interval{Low: record.Number(r.Low), High: record.Number(r.High), Confidence: r.Confidence})
	}
	if v := stats.MedianLaunch(stats.LaunchValues(e.Run, e.PerExample)); !math.IsNaN(v) {
		out.Cells[2] = number("effect-time", report.Seconds(v), v)
	}
	return out
}

// longestEffect is how much of the name of an effect a figure shows.
const longestEffect = 26

// forest draws the ratios of effects with their intervals.
func forest(effects []compare.Effect) figure {
	p := newPlot("time over the default’s", "")
	p.Add(plotter.NewGrid())
	clear, other := ratios{color: hue(0)}, ratios{color: hue(hues - 1)}
	low, high := 0.95, 1.05
	var list []string
	for i, e := range effects {
		list = append(list, report.EffectTitle(e))
		to := &other
		if e.Significant {
			to = &clear
		}
		to.at, to.of = append(to.at, -float64(i)), append(to.of, e.Ratio)
		low, high = min(low, e.Ratio.Median), max(high, e.Ratio.Median)
		if e.Ratio.Known() {
			low, high = min(low, e.Ratio.Low), max(high, e.Ratio.High)
		}
	}
	p.Add(line(plotter.XYs{{X: 1, Y: 0.5}, {X: 1, Y: 0.5 - float64(len(effects))}}, color.Black, 1), clear, other)
	p.X.Min, p.X.Max = low*math.Pow(low/high, 0.04), high*math.Pow(high/low, 0.04)
	if p.X.Max/p.X.Min > 2 {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, timesTicks(p.X.Min, p.X.Max)
	} else {
		labels(&p.X, 5, report.Times)
	}
	namesOf(&p.Y, list, longestEffect)
	return figure{
		Title: "Time over the default’s, by change", Text: fmt.Sprintf("%s, the largest effect first. Left of the line is faster.", counted(len(effects), "change", "changes")),
		Keys: []key{keyOf(0, "clear"), keyOf(hues-1, "not told from no change")}, plot: p, height: vg.Length(len(effects))*lineHeight + 50,
	}
}

// timesTicks are ticks at round ratios; of many, those at powers of ten have labels.
func timesTicks(low, high float64) plot.ConstantTicks {
	var out plot.ConstantTicks
	for power := math.Floor(math.Log10(low)); math.Pow(10, power) <= high; power++ {
		for _, digit := range []float64{1, 2, 5} {
			v := digit * math.Pow(10, power)
			if v < low || v > high {
				continue
			}
			t := plot.Tick{Value: v}
			if digit == 1 || high/low < 100 {
				t.Label = fmt.Sprintf("×%g", v)
			}
			out = append(out, t)
		}
	}
	return out
}

// ratios are points with their intervals, drawn as one path each.
type ratios struct {
	at    []float64 // of each, on the vertical axis
	of    []stats.Ratio
	color color.Color
}

// Plot implements plot.Plotter.
func (r ratios) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var bars, points vg.Path
	for i, ratio := range r.of {
		middle := vg.Point{X: x(ratio.Median), Y: y(r.at[i])}
		points.Move(middle)
		points.Line(middle)
		if ratio.Known() {
			bars.Move(vg.Point{X: x(ratio.Low), Y: middle.Y})
			bars.Line(vg.Point{X: x(ratio.High), Y: middle.Y})
		}
	}
	c.SetColor(r.color)
	c.SetLineWidth(2)
	c.Stroke(bars)
	c.SetLineWidth(7)
	c.Stroke(points)
}
