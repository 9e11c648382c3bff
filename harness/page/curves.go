package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// point is a run at a value of one setting.
type point struct {
	at  int
	run fleet.Run
}

// series are the runs of one model on one unit that differ in one setting alone.
type series struct {
	name   string
	points []point
}

// place is what the runs of a series have in common.
type place struct{ title, unit, others string }

// byUnit returns for each model the series of runs of which a setting has several values,
// in their order. One run stands for each value, and one that tells a time before one that
// only fits. Runs that differ in another setting too are of another series.
func byUnit(f *fleet.Fleet, axis string, value func(fleet.Run) int) (titles []string, of map[string][]series) {
	of = map[string][]series{}
	points := map[place][]point{}
	var order []place
	runs := slices.Clone(f.Runs())
	slices.SortStableFunc(runs, func(a, b fleet.Run) int { return cmp.Compare(fits(a), fits(b)) })
	for _, r := range runs {
		if len(r.Launches) == 0 || !r.Config.OfGraph() {
			continue
		}
		at := place{r.Title(), r.Unit.Name, others(r, axis)}
		value := value(r)
		if value == 0 || slices.ContainsFunc(points[at], func(p point) bool { return p.at == value }) {
			continue
		}
		if points[at] == nil {
			order = append(order, at)
		}
		points[at] = append(points[at], point{value, r})
	}
	for _, at := range order {
		list := points[at]
		if len(list) < 2 {
			continue
		}
		slices.SortFunc(list, func(a, b point) int { return cmp.Compare(a.at, b.at) })
		if of[at.title] == nil {
			titles = append(titles, at.title)
		}
		of[at.title] = append(of[at.title], series{at.unit, list})
	}
	for _, title := range titles {
		distinguish(of[title], axis)
	}
	return titles, of
}

// others is the same for runs of one graph that differ in no setting but the axis. Trials
// of a batch have few examples, whatever the others have.
func others(r fleet.Run, axis string) string {
	words := []string{r.Graph.SHA256}
	for _, s := range setting.Of(r.Config) {
		if s.Name != axis && !s.Comparable && (axis != "batch" || s.Name != "samples") {
			words = append(words, s.Name+"="+s.Text(r.Config))
		}
	}
	return strings.Join(words, "\x00")
}

// distinguish names what series of one unit differ in.
func distinguish(list []series, axis string) {
	names := make([]string, len(list))
	for i, s := range list {
		var configs []record.Config
		for _, o := range list {
			if o.name == s.name {
				configs = append(configs, o.points[0].run.Config)
			}
		}
		names[i] = s.name
		for _, differs := range setting.Differing(configs...) {
			if differs.Name != axis && !differs.Comparable {
				names[i] += ", " + differs.Name + " " + differs.Shown(s.points[0].run.Config)
			}
		}
	}
	for i := range list {
		list[i].name = names[i]
	}
}

// fits is 1 for a run that tells no time, else 0.
func fits(r fleet.Run) int {
	if r.Role == fleet.Fits {
		return 1
	}
	return 0
}

// batchOf is the batch of a run; 0 where it tells neither a time nor that memory ended.
func batchOf(r fleet.Run) int {
	if _, memory := throughput(r); fits(r) == 1 && !memory {
		return 0
	}
	return cmp.Or(r.Launches[0].Resolved.Batch, r.Config.Batch)
}

// sweeps show throughput by batch size, and where memory ends.
func sweeps(f *fleet.Fleet) group {
	g := group{Title: "Batch size", About: "Examples per second by batch size. A dashed line is the smallest batch that ran out of memory."}
	titles, of := byUnit(f, "batch", batchOf)
	for _, title := range titles {
		p := newPlot("batch size", "examples/s")
		at := figure{Title: title, plot: p, height: figureHeight, Data: &table{Caption: "Batch sizes of " + title, Head: []string{"machine", "batch", "examples/s"}}}
		var said []string
		for n, s := range of[title] {
			var curve plotter.XYs
			wall := 0
			for _, pt := range s.points {
				rate, memory := throughput(pt.run)
				r := row{Head: s.name, Cells: []cell{number("sweep-batch", report.Count(pt.at), float64(pt.at)), words("no time")}}
				switch {
				case rate > 0:
					curve = append(curve, plotter.XY{X: float64(pt.at), Y: rate})
					r.Cells[1] = number("sweep-examples", report.Rate(rate), rate)
				case memory:
					wall = cmp.Or(wall, pt.at)
					r.Cells[1] = words("out of memory")
				}
				at.Data.Rows = append(at.Data.Rows, r)
			}
			said = append(said, drawSweep(p, n, s.name, curve, wall))
			at.Keys = append(at.Keys, keyOf(n, s.name))
		}
		if p.X.Max <= 0 || p.X.Min > p.X.Max {
			continue
		}
		finish(p, valuesOf(of[title]))
		at.Text = strings.Join(said, " ")
		g.Figures = append(g.Figures, at)
	}
	return g
}

// valuesOf are the values of the setting in all series, in rising order.
func valuesOf(list []series) []int {
	var out []int
	for _, s := range list {
		for _, p := range s.points {
			out = append(out, p.at)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// finish scales the axes of a curve over values of a setting.
func finish(p *plot.Plot, values []int) {
	p.Add(plotter.NewGrid())
	logarithmic(&p.X, 8)
	p.Y.Min = 0
	widen(&p.X)
	widen(&p.Y)
	ticksAt(&p.X, values, 7)
	labels(&p.Y, 5, report.Rate)
}

// drawSweep draws the curve of a machine, and says what it shows.
func drawSweep(p *plot.Plot, n int, name string, at plotter.XYs, wall int) string {
	if len(at) == 0 {
		return fmt.Sprintf("On %s no batch gave a time.", name)
	}
	p.Add(line(at, hue(n), 1.5), dots{at: at, color: hue(n), size: 5})
	best := slices.MaxFunc(at, func(a, b plotter.XY) int { return cmp.Compare(a.Y, b.Y) })
	said := fmt.Sprintf("On %s batch %s is the fastest, with %s examples/s", name, report.Amount(best.X), report.Rate(best.Y))
	if wall > 0 {
		p.Add(line(plotter.XYs{{X: float64(wall), Y: 0}, {X: float64(wall), Y: best.Y}}, hue(n), 1.5, 4, 3))
		said += fmt.Sprintf("; from batch %s it runs out of memory", report.Count(wall))
	}
	return said + "."
}

// throughput is that of a run, and whether it ran out of memory.
func throughput(r fleet.Run) (rate float64, memory bool) {
	for _, l := range r.Launches {
		memory = memory || l.Status == record.OOM
	}
	c := fleet.Cell{Runs: []fleet.Run{r}}
	return c.ExamplesPerSecond(), memory
}

// threads show how much faster more threads are, against the ideal.
func threads(f *fleet.Fleet) group {
	g := group{Title: "Threads", About: "Speed by the number of threads inside an operation, against that of the fewest. The grey line is the ideal."}
	titles, of := byUnit(f, "intra-op", func(r fleet.Run) int { return r.Launches[0].Resolved.IntraOp * (1 - fits(r)) })
	for _, title := range titles {
		p := newPlot("threads", "speed")
		at := figure{Title: title, plot: p, height: figureHeight, Data: &table{Caption: "Threads of " + title, Head: []string{"machine", "threads", "examples/s", "speed"}}}
		for n, s := range of[title] {
			first, _ := throughput(s.points[0].run)
			var curve, ideal plotter.XYs
			for _, pt := range s.points {
				rate, _ := throughput(pt.run)
				if first == 0 || rate == 0 {
					continue
				}
				curve = append(curve, plotter.XY{X: float64(pt.at), Y: rate / first})
				ideal = append(ideal, plotter.XY{X: float64(pt.at), Y: float64(pt.at) / float64(s.points[0].at)})
				at.Data.Rows = append(at.Data.Rows, row{Head: s.name, Cells: []cell{
					number("threads", report.Count(pt.at), float64(pt.at)), number("threads-examples", report.Rate(rate), rate), number("threads-speed", report.Factor(rate/first), rate/first),
				}})
			}
			if len(curve) < 2 {
				continue
			}
			p.Add(line(ideal, faint, 1.5), line(curve, hue(n), 1.5), dots{at: curve, color: hue(n), size: 5})
			at.Keys = append(at.Keys, keyOf(n, s.name))
			last := curve[len(curve)-1]
			at.Text += fmt.Sprintf("On %s %.0f threads are %s as fast as %d, the ideal would be %s. ", s.name, last.X, report.Factor(last.Y), s.points[0].at, report.Factor(ideal[len(ideal)-1].Y))
		}
		if len(at.Keys) == 0 {
			continue
		}
		finish(p, valuesOf(of[title]))
		labels(&p.Y, 5, report.Factor)
		g.Figures = append(g.Figures, at)
	}
	return g
}

// middle is the median epoch of a run; false where no launch gave a time.
func middle(r fleet.Run) (float64, bool) {
	_, medians := r.Measured()
	if len(medians) == 0 {
		return 0, false
	}
	return stats.Median(medians), true
}
