package estimate

import (
	"cmp"
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// point is an amount of data at a batch, with the launches that trained on it.
type point struct {
	batch, samples int
	full, last     int // steps of the whole batch, and examples of the short one after them
	executor       string
	launches       []launch
	spread         float64 // between them, as the fit takes it: standard deviation of the log
}

// launch is what a launch tells. Times are seconds.
type launch struct {
	epoch  float64 // mean of its measured epochs: what many steps add up to
	wait   float64 // share of that
	cold   float64 // before the first epoch, and in it beyond a later one
	data   float64 // reading or making the data, not in cold
	first  float64 // the first step of a shape
	joules float64 // per example; 0 is not known
	memory float64 // bytes
	ok     bool    // energy was read
}

// pointsOf returns the points that the ok launches of a record's runs probed, but those
// held out and the first ones that are left out, by batch and then size.
func pointsOf(rec *record.Record, leftOut int) []point {
	var out []point
	for i, run := range rec.Runs {
		if i < leftOut || rec.Estimate.HoldsOut(i) {
			continue
		}
		for _, l := range run.Launches {
			seen, ok := launchOf(l)
			b, n := l.Resolved.Batch, l.Resolved.Samples
			if !ok || b < 1 || n < 1 {
				continue
			}
			k := slices.IndexFunc(out, func(p point) bool { return p.batch == b && p.samples == n })
			if k < 0 {
				k = len(out)
				out = append(out, point{batch: b, samples: n, full: n / b, last: n % b, executor: l.Resolved.Executor})
			}
			out[k].launches = append(out[k].launches, seen)
		}
	}
	slices.SortFunc(out, func(a, b point) int { return cmp.Or(a.batch-b.batch, a.samples-b.samples) })
	return out
}

// launchOf returns what an ok launch tells.
func launchOf(l record.Launch) (launch, bool) {
	measured := stats.Measured(l)
	if l.Status != record.OK || len(measured) == 0 {
		return launch{}, false
	}
	var out launch
	var wait float64
	for _, e := range measured {
		out.epoch += e.Seconds / float64(len(measured))
		wait += e.Wait / float64(len(measured))
	}
	if out.epoch <= 0 {
		return launch{}, false
	}
	out.wait = min(1, wait/out.epoch)
	c := l.Cold
	out.cold, out.data, out.first = c.Seconds()-c.Data, c.Data, c.FirstStep
	if e := l.Epochs[0]; e.Warmup {
		out.cold += max(0, e.Seconds-out.epoch)
	}
	out.memory = float64(l.Memory.PeakRSS)
	if joules, known := stats.LaunchJoules(l); known && l.Resolved.Samples > 0 {
		out.joules, out.ok = joules/float64(l.Resolved.Samples), true
	}
	return out, true
}

// values returns a value of each launch of points.
func values(points []point, of func(launch) float64) []float64 {
	var out []float64
	for _, p := range points {
		for _, l := range p.launches {
			out = append(out, of(l))
		}
	}
	return out
}

// ofBatch returns the points of a batch, or all where none is of it.
func ofBatch(points []point, batch int) []point {
	var out []point
	for _, p := range points {
		if p.batch == batch {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return points
	}
	return out
}
