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
	"epochtime/internal/sentence"
)

// rooflines show how near each model comes to what was probed of its machine: the rate
// of arithmetic, and below it what the call of a step leaves of small steps.
func rooflines(f *fleet.Fleet) group {
	g := group{Title: "Against the machine’s own limits", About: "Floating-point rate of each model by the work of one step. The roof is the rate of arithmetic that a probe measured on the machine; its slope is where the call of a step takes longer than its work."}
	for i, m := range f.Machines {
		for _, u := range m.Units {
			if at, ok := roofline(f, i, u); ok {
				g.Figures = append(g.Figures, at)
			}
		}
	}
	return g
}

// peakOf is the peak that all models of a machine are compared with; else the highest
// rate of matrix products.
func peakOf(f *fleet.Fleet, machine int, l record.Limits) (record.Rate, bool) {
	var peaks []string
	for _, r := range f.Rows {
		if c := r.Cells[machine]; c.Measured() && !r.Best {
			for _, at := range c.Rooflines() {
				peaks = sentence.Add(peaks, at.Peak)
			}
		}
	}
	if len(peaks) == 1 {
		if rate, ok := l.Rate(peaks[0]); ok {
			return rate, true
		}
	}
	var out record.Rate
	for _, r := range l.Rates {
		if strings.HasPrefix(r.Name, record.RateMatMul+"-") && r.Value.Median > out.Value.Median {
			out = r
		}
	}
	return out, out.Value.Median > 0
}

func roofline(f *fleet.Fleet, machine int, u *fleet.Unit) (figure, bool) {
	known := limitsOf(f, u)
	if len(known) == 0 {
		return figure{}, false
	}
	limits := known[0]
	peak, ok := peakOf(f, machine, limits)
	if !ok {
		return figure{}, false
	}
	data := &table{Caption: "Rates on " + u.Name, Head: []string{"model", "work of a step", "rate", "share of the peak"}}
	var at plotter.XYs
	for _, r := range f.Rows {
		c := r.Cells[machine]
		if r.Best || !c.Measured() || r.Graph.FlopsPerExample <= 0 {
			continue
		}
		run := c.Runs[slices.IndexFunc(c.Runs, func(run fleet.Run) bool { return len(run.Launches) > 0 })]
		work := r.Graph.FlopsPerExample * float64(run.Launches[0].Resolved.Batch)
		rate := r.Graph.FlopsPerExample * c.ExamplesPerSecond()
		if work <= 0 || math.IsInf(rate, 0) {
			continue
		}
		at = append(at, plotter.XY{X: work, Y: rate})
		share := rate / peak.Value.Median
		data.Rows = append(data.Rows, row{Head: r.Name(), Cells: []cell{
			number("roof-work", report.Amount(work)+" FLOP", work), number("roof-rate", report.Flops(rate), rate), number("roof-share", report.Share(share), share),
		}})
	}
	if len(at) == 0 {
		return figure{}, false
	}
	text := fmt.Sprintf("The peak is %s (%s).", report.Flops(peak.Value.Median), report.LimitTitle(peak.Name))
	p := newPlot("FLOP of a step", "FLOP/s")
	p.Add(plotter.NewGrid(), dots{at: at, color: hue(0), size: 6})
	low, high := p.X.Min/3, p.X.Max*3
	roof := plotter.XYs{{X: low, Y: peak.Value.Median}, {X: high, Y: peak.Value.Median}}
	if call, ok := limits.Rate(record.RateEmptyStep); ok {
		text += fmt.Sprintf(" The call of an empty step takes %s.", report.Seconds(call.Value.Median))
		knee := peak.Value.Median * call.Value.Median
		low = math.Min(low, knee/10)
		high = math.Max(high, knee*10)
		roof = plotter.XYs{{X: low, Y: low / call.Value.Median}, {X: knee, Y: peak.Value.Median}, {X: high, Y: peak.Value.Median}}
	}
	p.Add(line(roof, hue(1), 2))
	logarithmic(&p.X, 0)
	logarithmic(&p.Y, 0)
	labels(&p.X, 4, func(v float64) string { return report.Amount(v) })
	labels(&p.Y, 4, report.Flops)
	return figure{Title: u.Name, Text: text, Keys: []key{keyOf(0, "model"), keyOf(1, "limit of the machine")}, Data: data, plot: p, height: figureHeight}, true
}
