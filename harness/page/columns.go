package page

import (
	"fmt"
	"slices"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
	"epochtime/internal/sentence"
)

// column is a column of a model's table.
type column struct {
	title string
	cell  func(*fleet.Cell) cell
}

// columns that a model's table has where a machine has a value.
var columns = []column{
	{"epoch time", func(c *fleet.Cell) cell {
		s, ok := c.Seconds()
		if !ok {
			return words(dash)
		}
		return number("epoch", report.Seconds(s.Median), s.Median)
	}},
	{"95 % interval", func(c *fleet.Cell) cell {
		s, _ := c.Seconds()
		return ends("epoch-interval", report.Range(s), s)
	}},
	{"examples per second", func(c *fleet.Cell) cell {
		v := c.ExamplesPerSecond()
		if v == 0 {
			return words(dash)
		}
		return number("examples", report.Rate(v), v)
	}},
	{"cost per epoch", func(c *fleet.Cell) cell {
		v, ok := c.Cost()
		if !ok {
			return words(dash)
		}
		return number("cost", report.Money(v.Median, c.Machine.Price.Currency), v.Median)
	}},
	{"cost per million examples", func(c *fleet.Cell) cell {
		v, ok := c.CostPerMillion()
		if !ok {
			return words(dash)
		}
		return number("cost-million", report.Money(v, c.Machine.Price.Currency), v)
	}},
	{"energy per epoch", func(c *fleet.Cell) cell {
		v, ok := c.Joules()
		if !ok {
			return words(dash)
		}
		out := number("joules", report.Joules(v.Median), v.Median)
		if v.Known() {
			out.Sub = report.Joules(float64(v.Low)) + " to " + report.Joules(float64(v.High))
		}
		return out
	}},
	{"energy per million examples", func(c *fleet.Cell) cell {
		v, ok := c.JoulesPerMillion()
		if !ok {
			return words(dash)
		}
		return number("joules-million", report.Joules(v.Median), v.Median)
	}},
	{"rate of arithmetic", func(c *fleet.Cell) cell {
		out, interval := roofCell(c, "achieved", report.Flops, func(r *record.Roofline) record.Interval { return r.Achieved })
		if interval.Known() {
			out.Sub = report.LimitRange(interval, record.FlopPerSecond)
		}
		return out
	}},
	{"share of the machine’s peak", func(c *fleet.Cell) cell {
		out, interval := roofCell(c, "utilized", report.AtLeast, func(r *record.Roofline) record.Interval { return r.Utilized })
		if interval.Known() {
			out.Sub = report.AtLeast(float64(interval.Low)) + " to " + report.AtLeast(float64(interval.High))
		}
		if list := c.Rooflines(); out.Value != "" && list[0].Peak != "" {
			out.Sub = sentence.Join(", ", out.Sub, report.LimitTitle(list[0].Peak))
		}
		return out
	}},
	{"bound by", bounds},
	{"peak memory", func(c *fleet.Cell) cell {
		v := c.Memory()
		if v == 0 {
			return words(dash)
		}
		return number("memory", report.Bytes(v), float64(v))
	}},
	{"device memory", func(c *fleet.Cell) cell {
		v, reserved := c.DeviceMemory()
		if v == 0 {
			return words(dash)
		}
		out := number("device-memory", report.Bytes(v), float64(v))
		if reserved {
			out.Sub = "reserved, which is more than the peak"
		}
		return out
	}},
	{"largest batch", func(c *fleet.Cell) cell {
		if c.Largest == nil {
			return words(dash)
		}
		n := c.Largest.Fits.Config.Batch
		out := number("largest-batch", report.Count(n), float64(n))
		if held := c.Largest.Held; held > 0 {
			out.Sub = "takes " + report.Bytes(held)
		}
		if c.Largest.Fails == nil {
			out.Sub = sentence.Join("; ", out.Sub, "no larger one was tried")
		}
		return out
	}},
	{"launches", func(c *fleet.Cell) cell {
		ok, all := c.Counts()
		text := report.Count(ok)
		if ok < all {
			text = fmt.Sprintf("%d of %d", ok, all)
		}
		out := number("launches", text, float64(ok))
		out.Mark = ok < all
		return out
	}},
}

// valued are the columns of which some cell has a value.
func valued(cells []*fleet.Cell) []column {
	var out []column
	for _, c := range columns {
		if slices.ContainsFunc(cells, func(at *fleet.Cell) bool { return at != nil && c.cell(at).Text != dash }) {
			out = append(out, c)
		}
	}
	return out
}

// roofCell is the median of what rooflines say, and the interval of the only one.
func roofCell(c *fleet.Cell, figure string, format func(float64) string, of func(*record.Roofline) record.Interval) (cell, record.Interval) {
	var known []record.Interval
	var values []float64
	for _, r := range c.Rooflines() {
		if i := of(r); i.Median > 0 {
			known, values = append(known, i), append(values, i.Median)
		}
	}
	if len(values) == 0 {
		return words(dash), record.Interval{}
	}
	v := stats.Median(values)
	if len(values) > 1 {
		known[0] = record.Interval{}
	}
	return number(figure, format(v), v), known[0]
}

// bounds is what bounds the epochs of a cell, and its least share of them.
func bounds(c *fleet.Cell) cell {
	list := c.Rooflines()
	if len(list) == 0 {
		return words(dash)
	}
	var names, shares []string
	for _, r := range list {
		name := "not told apart"
		if r.Bound != "" {
			name = report.BoundTitle(r.Bound)
		}
		names = sentence.Add(names, name)
		for _, s := range r.Shares {
			if r.Bound == "" || s.Of == r.Bound {
				shares = sentence.Add(shares, report.BoundTitle(s.Of)+" "+report.AtLeast(s.Share))
			}
		}
	}
	out := words(sentence.Join("; ", names...))
	if len(list) == 1 && len(shares) > 0 {
		out.Sub = "at least " + sentence.Join(", ", shares...)
	}
	return out
}
