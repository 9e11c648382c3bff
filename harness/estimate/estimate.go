// Package estimate predicts what training takes on more data than was trained on. It
// takes launches of short epochs, the probes, and returns an answer with an interval.
//
// An epoch of full steps of b examples and a last one of fewer is
//
//	T = a + full·t(b) + t(last)
//
// where a is the cost of an epoch, and t(b) that of a step at the batch b, which is probed
// itself: the cost of an example is not constant in the batch, because of caches and
// vector units. Only a short last step, and a batch between probed ones, are
// interpolated. This is Ernest's way to a job's time (Venkataraman et al., NSDI 2016): a
// small physical model, fitted to short runs on little data.
//
// The fit minimises relative residuals, since the spread of launches is in proportion to
// their time (Carroll & Ruppert, Transformation and Weighting in Regression, 1988), with
// Huber's weights, since some launches are disturbed (Huber & Ronchetti, Robust
// Statistics, 2009). The interval is one for prediction (Hahn & Meeker, Statistical
// Intervals, 1991): what one more launch would take. It has the error of the fit, the
// spread between launches, and what the model itself was off by where points were left
// out, here and in the experiment of docs/estimate.md.
package estimate

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Confidence is the level of every interval of an answer.
const Confidence = 0.9

// Errors of this package, for errors.Is.
var (
	// ErrProbes means that a record has no launches that such an answer can be computed
	// from.
	ErrProbes = errors.New("there are no probes for it")
	// ErrAsked means that what is asked cannot be answered: a count that is not positive,
	// or too large.
	ErrAsked = errors.New("that cannot be estimated")
)

// Most is the largest number of examples or epochs that is taken for meant.
const Most = 1_000_000_000_000_000

// Check returns ErrAsked for counts that no training has. With batch 0, an epoch is one
// step.
func Check(a record.Asked) error {
	for _, c := range []struct {
		name  string
		value int
	}{{"samples", a.Samples}, {"epochs", a.Epochs}} {
		if c.value < 1 || c.value > Most {
			return fmt.Errorf("%w: %s is %d: it is at least 1, and at most 10^15", ErrAsked, c.name, c.value)
		}
	}
	if a.Batch < 0 || a.Batch > Most {
		return fmt.Errorf("%w: batch is %d: it is at least 1, or the full batch", ErrAsked, a.Batch)
	}
	return nil
}

// batchOf returns the examples of a full step.
func batchOf(a record.Asked) int {
	if a.Batch == 0 {
		return a.Samples
	}
	return min(a.Batch, a.Samples)
}

// Fill computes the answer of a record of the kind record.KindEstimate, with what was
// measured of it, in place. Without an answer, Estimate.Reason says why, and the error
// is ErrProbes or ErrAsked.
func Fill(rec *record.Record) error {
	if rec == nil || rec.Estimate == nil {
		return fmt.Errorf("%w: the record asks for no estimate", ErrAsked)
	}
	e := rec.Estimate
	*e = *e.Question()
	err := fill(rec, e)
	if err != nil {
		e.Reason = err.Error()
	}
	e.Measured = verified(rec, e)
	return err
}

func fill(rec *record.Record, e *record.Estimate) error {
	if err := Check(e.Asked); err != nil {
		return err
	}
	points := pointsOf(rec, pilots(rec))
	if len(points) == 0 {
		return fmt.Errorf("%w: no launch of a probe worked", ErrProbes)
	}
	f, err := fitted(points)
	if err != nil {
		return advised(err, e, points)
	}
	at, err := f.at(e.Asked)
	if err != nil {
		return err
	}
	e.Steps, e.Between, e.Furthest = at.full+min(at.last, 1), at.between, at.furthest
	if e.From != "" {
		at.model = math.Hypot(at.model, otherSession)
	}
	e.Spread, e.Model, e.Launches = f.spread, at.model, f.launches
	for i, run := range rec.Runs {
		for _, l := range run.Launches {
			if i >= pilots(rec) && !e.HoldsOut(i) {
				e.Probed += l.Wall
			}
		}
	}
	e.Epoch = f.interval(at.seconds, f.error(at))
	coldOf(e, points, at)
	e.Total = total(e)
	e.Parts = parts(e, f, at)
	e.Memory = memoryOf(e, points, at)
	e.Joules = joulesOf(e, points, f, at)
	e.Cost = costOf(rec, e)
	e.Notes = notes(rec, e, f, at)
	return nil
}

// advised is an error of a fit with what to do about it.
func advised(err error, e *record.Estimate, points []point) error {
	if slices.ContainsFunc(points, func(p point) bool { return p.samples >= e.Samples }) {
		return fmt.Errorf("%w: so few examples are as quickly measured: use run with the same settings, or ask for more examples", err)
	}
	return fmt.Errorf("%w: probe again with more launches, while nothing else runs on the machine", err)
}

// pilots returns how many of the first runs only serve to plan the others: the pilot, once
// there are others.
func pilots(rec *record.Record) int {
	if rec.Estimate.From == "" && len(rec.Runs) > 1+rec.Estimate.Held {
		return 1
	}
	return 0
}

// otherSession is the standard deviation, as a share, between sessions on one machine: what
// was probed at another time is less sure.
const otherSession = 0.05

// total is the cold start and all epochs. The epochs of a launch share what is particular
// to it, so their error does not average out.
func total(e *record.Estimate) record.Interval {
	n := float64(e.Epochs)
	out := record.Interval{Median: e.Cold.Median + n*e.Epoch.Median, Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
	if !e.Epoch.Known() || !e.Cold.Known() {
		return out
	}
	side := func(epoch, cold record.Number) float64 {
		return math.Hypot(n*(float64(epoch)-e.Epoch.Median), float64(cold)-e.Cold.Median)
	}
	out.Low = record.Number(out.Median - side(e.Epoch.Low, e.Cold.Low))
	out.High = record.Number(out.Median + side(e.Epoch.High, e.Cold.High))
	out.Confidence = Confidence
	return out
}

// verified returns what the runs that were held out measured; nil where no launch worked.
func verified(rec *record.Record, e *record.Estimate) *record.Verified {
	var medians []float64
	for i, run := range rec.Runs {
		if !e.HoldsOut(i) {
			continue
		}
		for _, l := range run.Launches {
			if s, ok := stats.LaunchMedian(l); ok && s > 0 {
				medians = append(medians, s)
			}
		}
	}
	if len(medians) == 0 {
		return nil
	}
	out := &record.Verified{Epoch: medianOf(medians), Launches: len(medians)}
	if e.Reason == "" {
		out.Error, out.Beyond, out.Within = Against(e.Epoch, out.Epoch)
	}
	return out
}

// Against compares an estimate with what was measured: its error as a share of that, how
// much of the error is outside the interval of what was measured, and whether what was
// measured is in the interval of the estimate.
func Against(estimated, measured record.Interval) (err, beyond float64, within bool) {
	if !(measured.Median > 0) {
		return 0, 0, false
	}
	err = estimated.Median/measured.Median - 1
	beyond = math.Abs(err)
	if measured.Known() {
		outside := max(0, float64(measured.Low)-estimated.Median, estimated.Median-float64(measured.High))
		beyond = outside / measured.Median
	}
	within = estimated.Known() && float64(estimated.Low) <= measured.Median && measured.Median <= float64(estimated.High)
	return err, beyond, within
}

// medianOf is the median of launches with the interval of stats, or below its number of
// launches that of the smallest and the largest, which covers the median with 1 - 2·0.5^n.
func medianOf(values []float64) record.Interval {
	out := stats.MedianInterval(values)
	if n := len(values); !out.Known() && n > 1 {
		out.Low, out.High = record.Number(slices.Min(values)), record.Number(slices.Max(values))
		out.Confidence = 1 - 2*math.Pow(0.5, float64(n))
	}
	return out
}
