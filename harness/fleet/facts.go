package fleet

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"epochtime/harness/price"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Seconds is the median time of an epoch and its interval: of one session over its
// launches, of several over the sessions, and of several units over the units. It
// reports false where no launch gave a time.
func (c *Cell) Seconds() (record.Interval, bool) { return c.interval(seconds) }

// Joules is the energy of an epoch likewise, false where it was not readable.
func (c *Cell) Joules() (record.Interval, bool) { return c.interval(joules) }

// JoulesPerMillion is the energy of a million examples likewise.
func (c *Cell) JoulesPerMillion() (record.Interval, bool) {
	return c.interval(func(l record.Launch) (float64, bool) {
		v, ok := perExample(joules)(l)
		return 1e6 * v, ok
	})
}

// Cost is the price of an epoch likewise, with the validation behind it, in the currency
// of the machine's price; false where that is not known.
func (c *Cell) Cost() (record.Interval, bool) { return c.cost(paid) }

// CostPerMillion is likewise the median price of a million examples.
func (c *Cell) CostPerMillion() (float64, bool) {
	v, ok := c.cost(perExample(paid))
	return 1e6 * v.Median, ok
}

// cost is the price of a time.
func (c *Cell) cost(q quantity) (record.Interval, bool) {
	s, ok := c.interval(q)
	if !ok || c.Machine.Price == nil {
		return record.Interval{}, false
	}
	return price.Interval(*c.Machine.Price, s), true
}

// ExamplesPerSecond is the median of the launches' examples over their time; 0 where
// none gave a time.
func (c *Cell) ExamplesPerSecond() float64 {
	s, ok := c.interval(perExample(seconds))
	if !ok {
		return 0
	}
	return 1 / s.Median
}

// Memory is the most that a launch held of the host's memory, in bytes; 0 is not known.
func (c *Cell) Memory() uint64 {
	var most uint64
	for _, r := range c.Runs {
		for _, l := range r.Launches {
			if l.Status == record.OK {
				most = max(most, l.Memory.PeakRSS)
			}
		}
	}
	return most
}

// DeviceMemory is likewise of an accelerator. Where no launch tells the peak, it is what
// was reserved, which is more.
func (c *Cell) DeviceMemory() (bytes uint64, reserved bool) {
	var peak, taken uint64
	for _, r := range c.Runs {
		for _, l := range r.Launches {
			for _, d := range l.Memory.Devices {
				peak, taken = max(peak, d.Peak), max(taken, d.Reserved)
			}
		}
	}
	if peak > 0 {
		return peak, false
	}
	return taken, taken > 0
}

// Counts returns how many launches gave a time, and how many there are.
func (c *Cell) Counts() (ok, all int) {
	for _, r := range c.Runs {
		all += len(r.Launches)
	}
	return len(c.launches(seconds)), all
}

// Level says of what the interval of the cell's time is.
func (c *Cell) Level() Level { return c.level(seconds) }

// Spread is how far times lie apart, as a share of the time: the standard deviation of
// logarithms. What is not known is NaN.
type Spread struct {
	Launches float64 // of one session
	Sessions float64 // of one unit, and what launches differ
	Units    float64 // of one type, and what sessions differ
}

// Spread returns how far the cell's times lie apart.
func (c *Cell) Spread() Spread {
	launches, sessions := deviations{}, deviations{}
	units := map[*Unit][]float64{}
	for i, values := range c.byRun(seconds) {
		if len(values) > 0 {
			launches.add(logs(values))
			u := c.Runs[i].Unit
			units[u] = append(units[u], math.Log(logMean(values)))
		}
	}
	var means []float64
	for _, u := range c.Machine.Units {
		if list := units[u]; len(list) > 0 {
			sessions.add(list)
			means = append(means, stat.Mean(list, nil))
		}
	}
	between := deviations{}
	between.add(means)
	return Spread{launches.pooled(), sessions.pooled(), between.pooled()}
}

// deviations pools squared deviations of groups.
type deviations struct{ squares, freedom float64 }

func (d *deviations) add(values []float64) {
	if n := float64(len(values)); n > 1 {
		d.squares += stat.Variance(values, nil) * (n - 1)
		d.freedom += n - 1
	}
}

func (d *deviations) pooled() float64 {
	if d.freedom == 0 {
		return math.NaN()
	}
	return math.Sqrt(d.squares / d.freedom)
}

// Spread returns how far a machine's times lie apart over all rows: the root of the mean
// square over those that tell it.
func (f *Fleet) Spread(machine int) Spread {
	var launches, sessions, units []float64
	for _, r := range f.Rows {
		if c := r.Cells[machine]; c.ok() && !r.Best {
			s := c.Spread()
			launches, sessions, units = append(launches, s.Launches), append(sessions, s.Sessions), append(units, s.Units)
		}
	}
	return Spread{rms(launches), rms(sessions), rms(units)}
}

func rms(values []float64) float64 {
	sum, n := 0.0, 0.0
	for _, v := range values {
		if !math.IsNaN(v) {
			sum, n = sum+v*v, n+1
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return math.Sqrt(sum / n)
}

// Measured returns the launches of a run that gave a time, with their medians in
// seconds.
func (r Run) Measured() (launches []record.Launch, medians []float64) {
	for _, l := range r.Launches {
		if m, ok := stats.LaunchMedian(l); ok {
			launches, medians = append(launches, l), append(medians, m)
		}
	}
	return launches, medians
}

// Runs returns all runs of which the records tell epoch times, also those of settings
// that were only tried.
func (f *Fleet) Runs() []Run { return f.runs }

// Measured reports whether a launch of the cell, which may be nil, gave a time.
func (c *Cell) Measured() bool { return c.ok() }
