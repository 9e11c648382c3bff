package price

import (
	"math"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Costs are what a run's training costs on the machine that it was measured on. Of an
// epoch with a validation behind it, both are paid.
type Costs struct {
	Price   record.Price
	Epoch   record.Interval // of one epoch
	Million record.Interval // of a million examples trained

	seconds record.Interval // of one epoch
	start   float64         // seconds before the first epoch
}

// Of returns the costs of a run of a record. It reports false where no launch of the
// run worked, where its machine has no price, and where its launches were on machines
// of different prices.
func Of(rec *record.Record, run *record.Run) (Costs, bool) {
	p, ok := priceOf(rec, run)
	if !ok || run.Summary == nil {
		return Costs{}, false
	}
	c := Costs{Price: p, seconds: run.Summary.EpochSeconds, start: start(run)}
	if whole := run.Summary.WholeSeconds; whole != nil {
		c.seconds = *whole
	}
	c.Epoch = Interval(p, c.seconds)
	examples := run.Summary.ExamplesPerSecond * run.Summary.EpochSeconds.Median
	c.Million = Interval(p, scaled(c.seconds, 1e6/examples))
	return c, true
}

// Epochs returns what n epochs cost with the start of a process before them: start,
// data, loading and first steps, as the median over launches. The interval is that of
// the epochs; the start has none.
func (c Costs) Epochs(n int) record.Interval {
	seconds := scaled(c.seconds, float64(n))
	seconds.Median += c.start
	seconds.Low += record.Number(c.start)
	seconds.High += record.Number(c.start)
	return Interval(c.Price, seconds)
}

func scaled(i record.Interval, factor float64) record.Interval {
	return record.Interval{Median: factor * i.Median, Low: record.Number(factor) * i.Low, High: record.Number(factor) * i.High, Confidence: i.Confidence}
}

// priceOf returns the price that the machines of all ok launches have.
func priceOf(rec *record.Record, run *record.Run) (record.Price, bool) {
	var found *record.Price
	for _, l := range run.Launches {
		if l.Status != record.OK {
			continue
		}
		if l.Machine < 0 || l.Machine >= len(rec.Machines) || rec.Machines[l.Machine].Price == nil {
			return record.Price{}, false
		}
		p := rec.Machines[l.Machine].Price
		if found != nil && *found != *p {
			return record.Price{}, false
		}
		found = p
	}
	if found == nil {
		return record.Price{}, false
	}
	return *found, true
}

// start returns the seconds between the start of a process and its first epoch.
func start(run *record.Run) float64 {
	var seconds []float64
	for _, l := range run.Launches {
		if l.Status == record.OK {
			seconds = append(seconds, l.Cold.Seconds())
		}
	}
	if len(seconds) == 0 {
		return math.NaN()
	}
	return stats.Median(seconds)
}
