package fleet

import (
	"math"
	"slices"
	"time"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Cell is what was measured of a row on a machine, in one session or several.
type Cell struct {
	Machine *Machine
	Runs    []Run

	Largest  *stats.Largest // batch of its graph that trains there; nil: none was searched
	searched time.Time      // when that search began
}

// Level says of what the values of a cell are a sample.
type Level int

// The levels. What differs between units is in the differences between sessions of
// several units, and what differs between sessions in those between launches of several
// sessions, so the highest level there is tells how sure a number is.
const (
	Launches Level = iota // of one session
	Sessions              // of one unit
	Units
)

// ok reports whether a launch gave a time.
func (c *Cell) ok() bool { return c != nil && len(c.launches(seconds)) > 0 }

// quantity returns what a launch took, and false where it does not tell.
type quantity func(record.Launch) (float64, bool)

func seconds(l record.Launch) (float64, bool) { return stats.LaunchMedian(l) }

// paid are the seconds of an epoch for which a machine is paid: with the validation behind
// it.
func paid(l record.Launch) (float64, bool) {
	if whole, ok := stats.WholeMedian(l); ok {
		return whole, true
	}
	return seconds(l)
}

// perExample returns a quantity divided by the examples of an epoch.
func perExample(q quantity) quantity {
	return func(l record.Launch) (float64, bool) {
		v, ok := q(l)
		n := examples(l)
		return v / n, ok && n > 0
	}
}

// examples are those of an epoch of a launch; 0 where it has none.
func examples(l record.Launch) float64 {
	measured := stats.Measured(l)
	if len(measured) == 0 {
		return 0
	}
	return stats.MedianOf(measured, func(e record.Epoch) float64 { return float64(e.Samples) })
}

func joules(l record.Launch) (float64, bool) { return stats.LaunchJoules(l) }

// byRun returns a quantity of all launches that tell it, by run.
func (c *Cell) byRun(q quantity) [][]float64 {
	out := make([][]float64, len(c.Runs))
	for i, r := range c.Runs {
		for _, l := range r.Launches {
			if v, ok := q(l); ok && v > 0 && !math.IsInf(v, 0) {
				out[i] = append(out[i], v)
			}
		}
	}
	return out
}

func (c *Cell) launches(q quantity) []float64 { return slices.Concat(c.byRun(q)...) }

// level returns the highest level of which a quantity has several values.
func (c *Cell) level(q quantity) Level {
	var units []*Unit
	runs := 0
	for i, values := range c.byRun(q) {
		if len(values) == 0 {
			continue
		}
		runs++
		if !slices.Contains(units, c.Runs[i].Unit) {
			units = append(units, c.Runs[i].Unit)
		}
	}
	switch {
	case len(units) > 1:
		return Units
	case runs > 1:
		return Sessions
	}
	return Launches
}

// typical returns the quantity of each element of the highest level: what middle says
// of the launches of a session, and then of the sessions of a unit. The keys are the
// launch's number, the source or the unit's place among the machine's.
func (c *Cell) typical(q quantity, middle func([]float64) float64) (keys []int, values []float64) {
	byRun := c.byRun(q)
	switch c.level(q) {
	case Launches:
		for _, v := range slices.Concat(byRun...) {
			keys, values = append(keys, len(keys)), append(values, v)
		}
	case Sessions:
		for i, list := range byRun {
			if len(list) > 0 {
				keys, values = append(keys, c.Runs[i].Source), append(values, middle(list))
			}
		}
	case Units:
		for k, u := range c.Machine.Units {
			var sessions []float64
			for i, list := range byRun {
				if c.Runs[i].Unit == u && len(list) > 0 {
					sessions = append(sessions, middle(list))
				}
			}
			if len(sessions) > 0 {
				keys, values = append(keys, k), append(values, middle(sessions))
			}
		}
	}
	return keys, values
}

// interval returns the median of a quantity and its interval, over what the highest
// level has; false where nothing tells it.
func (c *Cell) interval(q quantity) (record.Interval, bool) {
	_, values := c.typical(q, stats.Median)
	if len(values) == 0 {
		return record.Interval{}, false
	}
	return stats.MedianInterval(values), true
}

// perExample is the median time of an example, in seconds.
func (c *Cell) perExample() float64 {
	i, ok := c.interval(perExample(seconds))
	if !ok {
		return math.Inf(1)
	}
	return i.Median
}
