package estimate

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"epochtime/harness/price"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// coldOf sets what happens once: what of it does not depend on the data, the first step of
// a short last batch, and making or reading the data, which grows with it.
func coldOf(e *record.Estimate, points []point, at answer) {
	near := ofBatch(points, at.nearest)
	fixed := values(near, func(l launch) float64 { return l.cold })
	out := spreadAround(stats.Median(fixed), fixed)
	more := dataOf(near, e)
	probed := false
	for _, p := range near {
		probed = probed || p.last > 0
	}
	if at.last > 0 && !probed {
		more += stats.Median(values(near, func(l launch) float64 { return l.first }))
	}
	out.Median += more
	out.Low, out.High = out.Low+record.Number(more), out.High+record.Number(more)
	if out.Known() {
		out.Low = max(out.Low, 0)
	}
	e.Cold = out
}

// dataOf returns the seconds of making or reading the data: a line through what the
// smallest and the largest probe of a batch took.
func dataOf(near []point, e *record.Estimate) float64 {
	first, last := near[0], near[len(near)-1]
	of := func(p point) float64 {
		return stats.Median(values([]point{p}, func(l launch) float64 { return l.data }))
	}
	each := 0.0
	if last.samples > first.samples {
		each = max(0, (of(last)-of(first))/float64(last.samples-first.samples))
	}
	return max(0, of(last)+each*float64(e.Samples-last.samples))
}

// spreadAround is a prediction interval around a value for one more of values that differ
// by chance.
func spreadAround(middle float64, values []float64) record.Interval {
	out := record.Interval{Median: middle, Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
	n := float64(len(values))
	if n < 2 {
		return out
	}
	quantile := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile((1 + Confidence) / 2)
	half := quantile * stat.StdDev(values, nil) * math.Sqrt(1+1/n)
	out.Low, out.High, out.Confidence = record.Number(middle-half), record.Number(middle+half), Confidence
	return out
}

// parts says of what an epoch is made.
func parts(e *record.Estimate, f *fit, at answer) []record.EstimatePart {
	part := func(name string, each, seconds float64) record.EstimatePart {
		return record.EstimatePart{Name: name, Each: max(0, each), Seconds: max(0, seconds), Share: max(0, seconds/at.seconds)}
	}
	own := at.own
	full := float64(at.full)
	var out []record.EstimatePart
	if own > 0 || len(f.batches) > 1 {
		each := (1 - own) * at.step / float64(at.batch)
		out = append(out, part(record.PartExamples, each, full*float64(at.batch)*each))
	}
	if len(f.batches) == 1 {
		own = 1 // no other batch tells the two apart
	}
	out = append(out, part(record.PartSteps, own*at.step, full*own*at.step))
	if at.last > 0 {
		last := at.seconds - f.epoch - full*at.step
		out = append(out, part(record.PartLast, last, last))
	}
	out = append(out, part(record.PartEpoch, f.epoch, f.epoch))
	near := ofBatch(f.points, at.nearest)
	wait := stats.Median(values(near[len(near)-1:], func(l launch) float64 { return l.wait }))
	return append(out, part(record.PartWaiting, wait*at.step, wait*at.seconds))
}

// mappedRoom is how much of data files a launch may have in memory at once.
const mappedRoom = 256 << 20

// memoryOf is the peak memory of the largest probe of the batch, and the data that is more.
func memoryOf(e *record.Estimate, points []point, at answer) *record.Interval {
	near := ofBatch(points, at.nearest)
	largest := near[len(near)-1]
	peaks := values([]point{largest}, func(l launch) float64 { return l.memory })
	middle := stats.Median(peaks)
	if middle <= 0 {
		return nil
	}
	all := values(near, func(l launch) float64 { return l.memory })
	out := spreadAround(middle, peaks)
	if len(peaks) < 2 {
		out = spreadAround(middle, all)
	}
	more := float64(e.Data) * float64(max(0, e.Samples-largest.samples))
	out.Median += more
	out.Low, out.High = out.Low+record.Number(more), out.High+record.Number(more*(1+grown))
	if e.Data == 0 && e.Samples > largest.samples && out.Known() {
		out.High += mappedRoom
	}
	if out.Known() {
		out.Low = max(out.Low, 0)
	}
	return &out
}

// grown is the share by which memory for data may be more than the data: what an
// allocator and garbage leave.
const grown = 0.1

// joulesOf is the energy of an epoch, by what an example took in the largest probe of the
// batch; nil where no launch could read it.
func joulesOf(e *record.Estimate, points []point, f *fit, at answer) *record.Interval {
	near := ofBatch(points, at.nearest)
	var each []float64
	for _, l := range near[len(near)-1].launches {
		if l.ok {
			each = append(each, l.joules*float64(e.Samples))
		}
	}
	if len(each) == 0 {
		return nil
	}
	out := spreadAround(stats.Median(each), each)
	if out.Known() && out.Median > 0 {
		model := f.interval(out.Median, at.model)
		below := math.Hypot(out.Median-float64(out.Low), out.Median-float64(model.Low))
		above := math.Hypot(float64(out.High)-out.Median, float64(model.High)-out.Median)
		out.Low, out.High = record.Number(max(0, out.Median-below)), record.Number(out.Median+above)
	}
	return &out
}

// costOf is what training costs where the machine of the probes has a price.
func costOf(rec *record.Record, e *record.Estimate) *record.Cost {
	m, ok := machineOf(rec)
	if !ok || m.Price == nil {
		return nil
	}
	return &record.Cost{
		PerEpoch: price.Interval(*m.Price, e.Epoch), Total: price.Interval(*m.Price, e.Total), Currency: m.Price.Currency,
	}
}

// notes are what to know of an answer.
func notes(rec *record.Record, e *record.Estimate, f *fit, at answer) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if m, ok := machineOf(rec); ok && e.From != "" {
		add("this is of %s (%s, %d cores), whose probes were measured on %s: of that machine as it was then, and of no other; sessions there are taken to differ by %.0f %%, which is in the interval",
			m.Title(), m.CPU, m.Cores, rec.Started.Format(time.DateOnly), 100*otherSession)
	}
	if m, ok := machineOf(rec); ok && e.Memory != nil && m.MemoryBytes > 0 && e.Memory.Median > float64(m.MemoryBytes) {
		add("%s has less memory than that, %.3g GiB: so many examples do not fit in it, unless they stay in files", m.Title(), float64(m.MemoryBytes)/(1<<30))
	}
	if busy := stats.Busy(rec); busy != "" {
		add("%s; that is in the answer, and makes it less sure", busy)
	}
	if f.freedom == 0 {
		add("there is one launch of each probe, which does not tell how far launches differ: the times have no interval")
	}
	if f.fixed {
		add("the probes do not tell the cost of an epoch apart from that of its steps")
	}
	if len(f.batches) == 1 {
		add("one batch was probed, which does not tell the cost of a step apart from that of its examples")
	}
	if len(at.between) > 0 {
		add("batch %d was not probed: the time of its steps is interpolated between batches of %d and %d, and less sure", at.batch, at.between[0], at.between[1])
	}
	if e.Batch > e.Samples {
		add("there are fewer examples than a batch has: an epoch is one step of %d", e.Samples)
	}
	if e.Most > 0 && e.Samples > e.Most {
		add("the data holds %d examples: those beyond it are taken to be like them, in lengths and sizes too", e.Most)
	}
	if at.furthest > farthest {
		add("an epoch is more than %d times the longest probe: what comes with time alone, such as a processor that grows hot, is not in it", farthest)
	}
	return out
}

// farthest is how many times the longest probe's steps an epoch may have without a note.
const farthest = 1000
