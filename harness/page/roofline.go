package page

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	limits "epochtime/harness/roofline"
)

// rooflines show how near each model comes to what was probed of its machine: the rate
// of arithmetic, and below it what the call of a step leaves of small steps.
func rooflines(f *fleet.Fleet) group {
	g := group{Title: "Against the machine’s own limits", About: "Floating-point rate of each model by the work of one step. A roof is the highest rate that a probe measured on the machine in the model’s precision; its slope is where the call of a step takes longer than its work."}
	for i, m := range f.Machines {
		for _, u := range m.Units {
			if at, ok := underRoofs(f, i, u); ok {
				g.Figures = append(g.Figures, at)
			}
		}
	}
	return g
}

// roof is a limit of arithmetic, and the seconds of the call of an empty step; 0 is not
// known.
type roof struct {
	peak record.Rate
	call float64
}

// roofOver returns the roof of a run on a unit, false where no record holds the limits of
// the unit with the run's TensorFlow, device and threads, in the graph's precision.
func roofOver(f *fleet.Fleet, u *fleet.Unit, run fleet.Run) (roof, bool) {
	launch := run.Launches[0]
	for i, s := range f.Sources {
		for _, l := range s.Record.Limits {
			of := record.Limits{Machine: l.Machine, TensorFlow: launch.TensorFlow, Device: launch.Resolved.Device, Threads: launch.Resolved.IntraOp}
			if !u.At(i, l.Machine) || !l.SameAs(of) {
				continue
			}
			if peak, ok := limits.Peak(l, run.Graph); ok {
				call, _ := l.Rate(record.RateEmptyStep)
				return roof{peak, call.Value.Median}, true
			}
		}
	}
	return roof{}, false
}

// said says what a roof is.
func (r roof) said() string {
	out := fmt.Sprintf("The peak is %s (%s).", report.Flops(r.peak.Value.Median), r.peak.Name)
	if r.call > 0 {
		out += fmt.Sprintf(" The call of an empty step takes %s.", report.Seconds(r.call))
	}
	return out
}

// line is the roof from one work of a step to another at least.
func (r roof) line(low, high float64) plotter.XYs {
	peak := r.peak.Value.Median
	if r.call <= 0 {
		return plotter.XYs{{X: low, Y: peak}, {X: high, Y: peak}}
	}
	knee := peak * r.call
	low, high = math.Min(low, knee/10), math.Max(high, knee*10)
	return plotter.XYs{{X: low, Y: low / r.call}, {X: knee, Y: peak}, {X: high, Y: peak}}
}

// underRoofs draws the models of a unit under their roofs; false where no limits are known.
func underRoofs(f *fleet.Fleet, machine int, u *fleet.Unit) (figure, bool) {
	data := &table{Caption: "Rates on " + u.Name, Head: []string{"model", "work of a step", "rate", "share of the peak"}}
	var at plotter.XYs
	var roofs []roof
	for _, r := range f.Rows {
		c := r.Cells[machine]
		if r.Best || !c.Measured() || r.Graph.FlopsPerExample <= 0 {
			continue
		}
		run := c.Runs[slices.IndexFunc(c.Runs, func(run fleet.Run) bool { return len(run.Launches) > 0 })]
		work := r.Graph.FlopsPerExample * float64(run.Launches[0].Resolved.Batch)
		rate := r.Graph.FlopsPerExample * c.ExamplesPerSecond()
		over, known := roofOver(f, u, run)
		if !known || work <= 0 || math.IsInf(rate, 0) {
			continue
		}
		if !slices.ContainsFunc(roofs, func(o roof) bool { return o.said() == over.said() }) {
			roofs = append(roofs, over)
		}
		at = append(at, plotter.XY{X: work, Y: rate})
		share := rate / over.peak.Value.Median
		data.Rows = append(data.Rows, row{Head: r.Name(), Cells: []cell{
			number("roof-work", report.Amount(work)+" FLOP", work), number("roof-rate", report.Flops(rate), rate), number("roof-share", report.Share(share), share),
		}})
	}
	if len(at) == 0 {
		return figure{}, false
	}
	p := newPlot("FLOP of a step", "FLOP/s")
	p.Add(plotter.NewGrid(), dots{at: at, color: hue(0), size: 6})
	low, high := p.X.Min/3, p.X.Max*3
	var said []string
	for _, r := range roofs {
		p.Add(line(r.line(low, high), hue(1), 2))
		said = append(said, r.said())
	}
	logarithmic(&p.X, 0)
	logarithmic(&p.Y, 0)
	labels(&p.X, 4, func(v float64) string { return report.Amount(v) })
	labels(&p.Y, 4, report.Flops)
	return figure{Title: u.Name, Text: strings.Join(said, " "), Keys: []key{keyOf(0, "model"), keyOf(1, "limit of the machine")}, Data: data, plot: p, height: figureHeight}, true
}
