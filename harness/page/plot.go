package page

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"epochtime/harness/report"
	"epochtime/internal/harmless"
)

// Sizes of figures, in pixels where the page is as wide as they are: a phone shows them
// as large as a desk does.
const (
	figureWidth  vg.Length = 372
	figureHeight vg.Length = 240
	letters      vg.Length = 11
	lineHeight   vg.Length = 18 // of a machine in a strip
)

// newPlot returns a plot with titles of its axes.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.Transparent
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		for _, f := range []*font.Font{&a.Label.TextStyle.Font, &a.Tick.Label.Font} {
			f.Variant, f.Size = "Sans", letters
		}
		a.Padding = 4
	}
	p.X.Label.Text, p.Y.Label.Text = x, y
	return p
}

// labels gives an axis ticks whose labels format says. At most most ticks have one.
func labels(a *plot.Axis, most int, format func(float64) string) {
	under := plot.Ticker(plot.DefaultTicks{})
	if _, isLog := a.Scale.(plot.LogScale); isLog {
		under = plot.LogTicks{Prec: -1}
	}
	a.Tick.Marker = plot.TickerFunc(func(low, high float64) []plot.Tick {
		var out []plot.Tick
		labelled := 0
		for _, t := range under.Ticks(low, high) {
			if !t.IsMinor() {
				labelled++
			}
			out = append(out, t)
		}
		every := 1 + (labelled-1)/most
		n := 0
		for i, t := range out {
			if t.IsMinor() {
				continue
			}
			out[i].Label = ""
			if n%every == 0 {
				out[i].Label = format(t.Value)
			}
			n++
		}
		return out
	})
}

// ticksAt gives an axis ticks at values, in rising order. Those have a label that stand as
// far from the label before as if there were most labels.
func ticksAt(a *plot.Axis, values []int, most int) {
	if len(values) == 0 {
		return
	}
	place := func(v int) float64 { return float64(v) }
	if _, isLog := a.Scale.(plot.LogScale); isLog {
		place = func(v int) float64 { return math.Log(float64(v)) }
	}
	apart := (place(values[len(values)-1]) - place(values[0])) / float64(most)
	var ticks plot.ConstantTicks
	labelled := math.Inf(-1)
	for _, v := range values {
		t := plot.Tick{Value: float64(v)}
		if place(v)-labelled >= apart*0.99 {
			t.Label, labelled = report.Count(v), place(v)
		}
		ticks = append(ticks, t)
	}
	a.Tick.Marker = ticks
}

// logarithmic makes an axis logarithmic where its values span more than a factor. They
// are above 0.
func logarithmic(a *plot.Axis, factor float64) {
	if a.Min > 0 && a.Max/a.Min > factor {
		a.Scale = plot.LogScale{}
	}
}

// widen leaves room around values that are nearly equal.
func widen(a *plot.Axis) {
	if a.Max-a.Min < 0.02*math.Abs(a.Max) {
		middle := (a.Min + a.Max) / 2
		a.Min, a.Max = middle*0.98, middle*1.02
	}
	if a.Min == a.Max {
		a.Min, a.Max = a.Min-1, a.Max+1
	}
}

// names gives an axis the names of what stands at 0, -1, -2, and so on.
func names(a *plot.Axis, list []string) { namesOf(a, list, longestName) }

// longestName is how many letters of a name a figure has room for beside its lines.
const longestName = 18

// namesOf is names, with at most most letters of each.
func namesOf(a *plot.Axis, list []string, most int) {
	var ticks plot.ConstantTicks
	for i, name := range list {
		ticks = append(ticks, plot.Tick{Value: -float64(i), Label: short(name, most)})
	}
	a.Tick.Marker = ticks
	a.Tick.Length = 0
	a.LineStyle.Width = 0
	a.Min, a.Max = -float64(len(list))+0.5, 0.5
}

// short is at most most letters of a name.
func short(name string, most int) string {
	letters := []rune(harmless.Text(name))
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most-1]) + "…"
}

// dots are points drawn as one path, so that a figure of thousands stays small.
type dots struct {
	at    plotter.XYs
	color color.Color
	size  vg.Length
	tall  vg.Length // of a point; 0 is a dot
}

// Plot implements plot.Plotter.
func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var path vg.Path
	for _, at := range d.at {
		point := vg.Point{X: x(at.X), Y: y(at.Y)}
		path.Move(vg.Point{X: point.X, Y: point.Y - d.tall/2})
		path.Line(vg.Point{X: point.X, Y: point.Y + d.tall/2})
	}
	c.SetColor(d.color)
	c.SetLineWidth(d.size)
	c.Stroke(path)
}

// DataRange implements plot.DataRanger.
func (d dots) DataRange() (xmin, xmax, ymin, ymax float64) { return plotter.XYRange(d.at) }

// line is a line through points.
func line(at plotter.XYs, c color.Color, width vg.Length, dashes ...vg.Length) *plotter.Line {
	return &plotter.Line{XYs: at, LineStyle: draw.LineStyle{Color: c, Width: width, Dashes: dashes}}
}

// bars are the parts of horizontal bars, each drawn as one path.
type bars struct {
	from, to []float64 // of each bar, from the top
	color    color.Color
}

// Plot implements plot.Plotter.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	const half = 0.32
	x, y := p.Transforms(&c)
	var path vg.Path
	for i := range b.from {
		left, right, low, high := x(b.from[i]), x(b.to[i]), y(-float64(i)-half), y(-float64(i)+half)
		path.Move(vg.Point{X: left, Y: low})
		path.Line(vg.Point{X: right, Y: low})
		path.Line(vg.Point{X: right, Y: high})
		path.Line(vg.Point{X: left, Y: high})
		path.Close()
	}
	c.SetColor(b.color)
	c.Fill(path)
}
