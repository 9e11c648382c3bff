package roofline

import (
	"math"

	"epochtime/harness/record"
)

func unknown() record.Interval {
	none := record.Number(math.NaN())
	return record.Interval{Low: none, High: none}
}

// over returns an amount over a time.
func over(amount float64, seconds record.Interval) record.Interval {
	out := unknown()
	out.Median = amount / seconds.Median
	if seconds.Known() && seconds.Low > 0 {
		out.Low, out.High, out.Confidence = record.Number(amount)/seconds.High, record.Number(amount)/seconds.Low, seconds.Confidence
	}
	return out
}

// ratio returns a over b. Both intervals miss their values at most as often as each of
// them does, added up (Bonferroni).
func ratio(a, b record.Interval) record.Interval {
	out := unknown()
	out.Median = a.Median / b.Median
	if a.Known() && b.Known() && b.Low > 0 {
		out.Low, out.High, out.Confidence = a.Low/b.High, a.High/b.Low, a.Confidence+b.Confidence-1
	}
	return out
}
