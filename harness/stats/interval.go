package stats

import "epochtime/harness/record"

// MedianInterval returns the median of the values and its 95 % confidence
// interval by order statistics. It has none below MinLaunches values.
func MedianInterval(values []float64) record.Interval { return median(values) }

// Width returns half the width of an interval as a share of its median; NaN if the
// interval is unknown.
func Width(i record.Interval) float64 { return float64(i.High-i.Low) / 2 / i.Median }
