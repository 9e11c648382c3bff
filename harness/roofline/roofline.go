// Package roofline says how near runs are to the limits of their machine, and which of
// the limits bounds them (Williams, Waterman & Patterson, Roofline: An Insightful Visual
// Performance Model for Multicore Architectures, CACM 2009).
//
// Each limit accounts for a share of an epoch at least: the operations of the epoch at
// the peak of arithmetic, the passes over variables at the bandwidth of memory, the time
// that was waited for batches, the calls at the time of an empty one. A limit bounds an
// epoch if its share is half of it or more. Otherwise what bounds it is not told apart:
// the rest may be any of them, such as operations too small to reach the peak.
package roofline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// bounding is the share of an epoch from which a limit bounds it.
const bounding = 0.5

// Of returns the roofline of a run of a record; nil where the run has no result, or the
// record has no limits of its machine, TensorFlow, device and threads.
func Of(r *record.Record, run int) *record.Roofline {
	if r == nil || run < 0 || run >= len(r.Runs) || r.Runs[run].Summary == nil || r.Runs[run].Summary.EpochSeconds.Median <= 0 {
		return nil
	}
	e, found := epochOf(&r.Runs[run])
	if !found {
		return nil
	}
	at := slices.IndexFunc(r.Limits, func(l record.Limits) bool {
		return l.SameAs(record.Limits{Machine: e.launch.Machine, TensorFlow: e.launch.TensorFlow, Device: e.launch.Resolved.Device, Threads: e.launch.Resolved.IntraOp})
	})
	if at < 0 {
		return nil
	}
	e.limits = r.Limits[at]
	if m := e.launch.Machine; m < len(r.Machines) {
		e.machine = r.Machines[m]
	}
	out := &record.Roofline{Limits: at, Achieved: unknown(), Utilized: unknown()}
	e.compute(out)
	e.memory(out)
	e.share(out, record.BoundFeeding, e.run.Summary.WaitShare)
	e.calls(out)
	largest := slices.MaxFunc(out.Shares, func(a, b record.Share) int { return cmp.Compare(a.Share, b.Share) })
	if largest.Share >= bounding {
		out.Bound = largest.Of
	}
	return out
}

// epoch is an epoch of a run, with what it ran on.
type epoch struct {
	run            *record.Run
	seconds        record.Interval
	steps, samples int
	launch         record.Launch // one that worked
	machine        record.Machine
	limits         record.Limits
}

// epochOf returns an epoch of the run's first launch that worked.
func epochOf(run *record.Run) (epoch, bool) {
	for _, l := range run.Launches {
		if measured := stats.Measured(l); l.Status == record.OK && len(measured) > 0 {
			return epoch{run: run, seconds: run.Summary.EpochSeconds, steps: measured[0].Steps, samples: measured[0].Samples, launch: l}, true
		}
	}
	return epoch{}, false
}

// share adds the share of an epoch that a limit accounts for.
func (e *epoch) share(out *record.Roofline, of string, share float64) {
	out.Shares = append(out.Shares, record.Share{Of: of, Share: share})
}

// compute adds the rate of arithmetic, and its share of the peak.
func (e *epoch) compute(out *record.Roofline) {
	flops := e.run.Graph.FlopsPerExample * float64(e.samples)
	if flops <= 0 {
		note(out, "The graph's floating-point operations are not known.")
		return
	}
	out.Flops, out.Achieved = flops, over(flops, e.seconds)
	precision := precisionOf(e.run)
	peak, known := e.peak(precision)
	if !known {
		note(out, fmt.Sprintf("No peak of %s was probed.", precision))
		return
	}
	out.Peak = peak.Name
	out.Utilized = ratio(out.Achieved, peak.Value)
	if out.Utilized.Median > 1 {
		note(out, "That is more than the peak that was probed: probe again while nothing else runs.")
	}
	e.share(out, record.BoundCompute, out.Utilized.Median)
}

// peak returns the highest rate of arithmetic in a precision.
func (e *epoch) peak(precision string) (record.Rate, bool) {
	var best record.Rate
	for _, kind := range []string{record.RateMatMul, record.RateConv} {
		if r, ok := e.limits.Rate(kind + "-" + precision); ok && r.Value.Median > best.Value.Median {
			best = r
		}
	}
	return best, best.Name != ""
}

// precisionOf returns the precision in which a run computes. Keras's mixed precisions
// have that of their arithmetic in their names.
func precisionOf(run *record.Run) string {
	name, _ := run.Graph.Variant["precision"].(string)
	if name == "" {
		return "float32"
	}
	return strings.TrimPrefix(name, "mixed_")
}

// calls adds the share of calling TensorFlow.
func (e *epoch) calls(out *record.Roofline) {
	empty, known := e.limits.Rate(emptyStep(e.launch.Resolved.Executor))
	if !known || !e.run.Config.OfGraph() {
		return
	}
	calls := e.steps
	switch {
	case e.run.Config.Resident(): // a call is an epoch
		calls = 1
	case e.launch.Resolved.Pipeline == record.PipelineScript: // one draws the batch
		calls *= 2
	}
	e.share(out, record.BoundCalls, float64(calls)*empty.Value.Median/e.seconds.Median)
}

// emptyStep is the name of the rate of calls under an executor. It is empty for one whose
// calls are not probed.
func emptyStep(executor string) string {
	switch executor {
	case record.CallerThread:
		return record.RateEmptyStepCaller
	case record.ThreadPool, "":
		return record.RateEmptyStep
	}
	return ""
}

func note(out *record.Roofline, text string) {
	if out.Note != "" {
		text = out.Note + " " + text
	}
	out.Note = text
}
