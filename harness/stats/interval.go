package stats

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"epochtime/harness/record"
)

// MedianInterval returns the median of the values and its 95 % confidence
// interval by order statistics. It has none below MinLaunches values.
func MedianInterval(values []float64) record.Interval { return median(values) }

// MeanInterval returns the mean of the values and its 95 % confidence interval by
// Student's t, which adds up where values do. It has none below MinLaunches values.
func MeanInterval(values []float64) record.Interval {
	out := record.Interval{Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
	if len(values) == 0 {
		return out
	}
	out.Median = stat.Mean(values, nil)
	if len(values) >= MinLaunches {
		low, high := studentInterval(values, Confidence)
		out.Low, out.High, out.Confidence = record.Number(low), record.Number(high), Confidence
	}
	return out
}

// Width returns half the width of an interval as a share of its median; NaN if the
// interval is unknown.
func Width(i record.Interval) float64 { return float64(i.High-i.Low) / 2 / i.Median }
