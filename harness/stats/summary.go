// Package stats turns launches into numbers with their spread. The launch is
// the unit: epochs of one process share its memory layout and thread placement
// and are no independent samples (Kalibera & Jones, Rigorous Benchmarking in
// Reasonable Time, ISMM 2013).
package stats

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"epochtime/harness/record"
)

// Confidence is the level of every interval.
const Confidence = 0.95

// MinLaunches is the fewest launches that order statistics give a 95 % interval
// for: with n of them the widest covers the median with 1 - 2·0.5^n.
const MinLaunches = 6

// Summarize returns the summary of the measured epochs of a run's ok launches, nil
// where there is none, and warnings of what makes it doubtful or may not be meant.
func Summarize(run *record.Run) (*record.Summary, []string) {
	var medians, firsts, steps []float64
	var peak uint64
	var last record.Launch
	seconds, wait, epochs, samples := 0.0, 0.0, 0, 0
	for _, l := range run.Launches {
		launch, ok := LaunchMedian(l)
		if !ok {
			continue
		}
		measured := Measured(l)
		medians = append(medians, launch)
		steps = append(steps, MedianOf(measured, func(e record.Epoch) float64 { return ratio(e.Step, float64(e.Steps)) }))
		firsts = append(firsts, l.Cold.FirstStep)
		peak = max(peak, l.Memory.PeakRSS)
		for _, e := range measured {
			seconds, wait, epochs, samples = seconds+e.Seconds, wait+e.Wait, epochs+1, e.Samples
		}
		last = l
	}
	if len(medians) == 0 {
		return nil, append(Failures(run), ofData(run)...)
	}
	s := &record.Summary{
		Launches:         len(medians),
		EpochSeconds:     median(medians),
		MeanEpochSeconds: seconds / float64(epochs),
		StepSeconds:      middle(steps),
		WaitShare:        ratio(wait, seconds),
		FirstStepSeconds: middle(firsts),
		PeakRSS:          peak,
		FinalLoss:        last.Epochs[len(last.Epochs)-1].Loss,

		WholeSeconds:      whole(run),
		FirstEpochSeconds: firstEpoch(run),
		Metrics:           metrics(run),
		JoulesPerEpoch:    medianOver(run, LaunchJoules),
	}
	s.ExamplesPerSecond = ratio(float64(samples), s.EpochSeconds.Median)
	return s, slices.Concat(Failures(run), ofData(run), disturbances(run), growth(run), shapes(run), heat(run))
}

// ratio is 0 where there is nothing to divide by: a record holds finite numbers.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Measured returns the launch's epochs after the warm-up.
func Measured(l record.Launch) []record.Epoch {
	var out []record.Epoch
	for _, e := range l.Epochs {
		if !e.Warmup {
			out = append(out, e)
		}
	}
	return out
}

// LaunchMedian returns the median seconds of an ok launch's measured epochs. It
// reports false for any other launch.
func LaunchMedian(l record.Launch) (float64, bool) {
	measured := Measured(l)
	if l.Status != record.OK || len(measured) == 0 {
		return 0, false
	}
	return MedianOf(measured, epochTime), true
}

func epochTime(e record.Epoch) float64 { return e.Seconds }

// MedianOf returns the median of a value over one or more epochs.
func MedianOf(epochs []record.Epoch, value func(record.Epoch) float64) float64 {
	values := make([]float64, len(epochs))
	for i, e := range epochs {
		values[i] = value(e)
	}
	return middle(values)
}

// Median returns the median of one or more values.
func Median(values []float64) float64 { return middle(values) }

func middle(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// median is the median of launch medians and its interval by order statistics,
// which assume no distribution: the narrowest pair of ranks, as far from one end
// as from the other, that covers the median often enough (David & Nagaraja,
// Order Statistics, 7.1). benchmath would leave out the largest value first.
func median(values []float64) record.Interval {
	out := record.Interval{Median: middle(values), Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
	if len(values) < MinLaunches {
		return out
	}
	values = slices.Sorted(slices.Values(values))
	below := distuv.Binomial{N: float64(len(values)), P: 0.5} // how many values are below the true median
	for rank := 0; rank < len(values)/2; rank++ {
		confidence := 1 - 2*below.CDF(float64(rank))
		if confidence < Confidence {
			break
		}
		out.Low, out.High = record.Number(values[rank]), record.Number(values[len(values)-1-rank])
		out.Confidence = confidence
	}
	return out
}

// Failures counts launches that are not ok, in a line for each reason.
func Failures(run *record.Run) []string {
	var out []string
	counted := map[string]int{}
	var order []string
	for _, l := range run.Launches {
		if l.Status == record.OK {
			continue
		}
		text := "failed: " + l.Status
		switch {
		case l.Status == record.Interrupted:
			text = "interrupted" + kept(l)
		case l.Reason != "":
			text += " (" + l.Reason + ")"
		}
		if counted[text] == 0 {
			order = append(order, text)
		}
		counted[text]++
	}
	for _, text := range order {
		out = append(out, fmt.Sprintf("%d of %d launches %s", counted[text], len(run.Launches), text))
	}
	return out
}

// ofData are what the launches say may not be meant in their data, each once.
func ofData(run *record.Run) []string {
	var out []string
	for _, l := range run.Launches {
		for _, text := range l.Warnings {
			if !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}

// kept describes what there is of an interrupted launch.
func kept(l record.Launch) string {
	measured := Measured(l)
	if len(measured) == 0 {
		return " before its first measured epoch"
	}
	seconds := MedianOf(measured, epochTime)
	return fmt.Sprintf("; measured epochs until then: %d, median %.3g s, kept in the record and not counted", len(measured), seconds)
}

// stolen is the share of the measured time above which steal is worth a warning.
const stolen = 0.01

// disturbances describes what others took from the ok launches while they measured.
func disturbances(run *record.Run) []string {
	steal, seconds := 0.0, 0.0
	for _, l := range run.Launches {
		if l.Status != record.OK {
			continue
		}
		steal += l.Disturbance.Steal
		for _, e := range Measured(l) {
			seconds += e.Seconds
		}
	}
	if share := ratio(steal, seconds); share > stolen {
		return []string{fmt.Sprintf("the hypervisor took CPU time from this machine, %.0f %% of the time measured", 100*share)}
	}
	return nil
}
