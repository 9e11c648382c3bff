package stats

import (
	"math"

	"epochtime/harness/record"
)

// Validated returns the launch's measured epochs that validation followed. It may
// follow only some of them.
func Validated(l record.Launch) []record.Epoch {
	var out []record.Epoch
	for _, e := range Measured(l) {
		if e.ValidationSteps > 0 || e.Validation > 0 {
			out = append(out, e)
		}
	}
	return out
}

// WholeMedian returns the median seconds of training and validation together, of an
// ok launch's measured epochs that validation followed. It reports false for any
// other launch.
func WholeMedian(l record.Launch) (float64, bool) {
	validated := Validated(l)
	if l.Status != record.OK || len(validated) == 0 {
		return 0, false
	}
	return MedianOf(validated, func(e record.Epoch) float64 { return e.Seconds + e.Validation }), true
}

// FirstEpoch returns the seconds of training of the first epoch of an ok launch whose
// first steps are in it. It reports false for any other launch.
func FirstEpoch(c record.Config, l record.Launch) (float64, bool) {
	if !c.FirstStepsInside() || l.Status != record.OK || len(l.Epochs) == 0 {
		return 0, false
	}
	return l.Epochs[0].Seconds, true
}

// LastMetrics returns the launch's metrics by name, each as it was computed last: the
// last epoch may be one that validation does not follow. It is nil where there are none.
func LastMetrics(l record.Launch) map[string]record.Number {
	var out map[string]record.Number
	for _, e := range l.Epochs {
		for name, v := range e.Metrics {
			if out == nil {
				out = map[string]record.Number{}
			}
			out[name] = v
		}
	}
	return out
}

// whole is the median of the launch medians of whole epochs, nil where there are none.
func whole(run *record.Run) *record.Interval {
	return medianOver(run, WholeMedian)
}

// firstEpoch is the median of the first epochs of launches that have the first steps in
// them, nil where there are none.
func firstEpoch(run *record.Run) *record.Interval {
	return medianOver(run, func(l record.Launch) (float64, bool) { return FirstEpoch(run.Config, l) })
}

// medianOver is the median of a value over the launches that are counted and have it,
// nil where none has.
func medianOver(run *record.Run, value func(record.Launch) (float64, bool)) *record.Interval {
	var values []float64
	for _, l := range run.Launches {
		if _, counted := LaunchMedian(l); !counted {
			continue
		}
		if v, ok := value(l); ok {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return nil
	}
	out := median(values)
	return &out
}

// metrics are the medians of the launches' last metrics. One that is not finite in a
// launch is NaN, because nothing is left out.
func metrics(run *record.Run) map[string]record.Number {
	values := map[string][]float64{}
	for _, l := range run.Launches {
		if _, counted := LaunchMedian(l); !counted {
			continue
		}
		for name, v := range LastMetrics(l) {
			values[name] = append(values[name], float64(v))
		}
	}
	if len(values) == 0 {
		return nil
	}
	out := make(map[string]record.Number, len(values))
	for name, list := range values {
		out[name] = record.Number(middleOrNaN(list))
	}
	return out
}

func middleOrNaN(values []float64) float64 {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return math.NaN()
		}
	}
	return middle(values)
}
