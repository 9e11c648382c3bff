package stats

import "epochtime/harness/record"

// MedianInterval returns the median of the values and its 95 % confidence
// interval by order statistics. It has none below MinLaunches values.
func MedianInterval(values []float64) record.Interval { return median(values) }
