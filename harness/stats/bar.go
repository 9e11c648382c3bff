package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Bar is what an estimated slowdown has to exceed to be called one, and how far
// the estimate may be off. The zero value is a bar that is not known.
type Bar struct {
	Height  float64 // log ratio of new over base; +Inf where no slowdown is called, however large
	Error   float64 // standard error of the estimated log ratio
	Freedom float64 // degrees of freedom with which Error is known; 0 where it is not
}

// SmallestSlowdown returns the smallest true slowdown that clears the bar with the
// probability power, as a share: 0.12 is 12 % longer. It is the minimum detectable
// effect of the sizes of experiments (Bloom, Evaluation Review 19 (1995) 547), with
// Student's quantile because the error is known from these launches alone. It is
// +Inf where no slowdown is called, and NaN where the bar is not known or power is
// not between 0 and 1. docs/statistics.md has how true it is.
func (b Bar) SmallestSlowdown(power float64) float64 {
	switch {
	case math.IsInf(b.Height, 1):
		return b.Height
	case !(b.Freedom > 0) || !(power > 0 && power < 1):
		return math.NaN()
	}
	return math.Expm1(b.Height + student(b.Freedom).Quantile(power)*b.Error)
}

// BarOfBlocks returns the bar of RatioByBlocks: the interval, r, must exclude 1 and
// the estimate must exceed the threshold, a share. An interval that is not known
// calls nothing.
func BarOfBlocks(r Ratio, threshold float64) Bar {
	if !r.Known() {
		return Bar{Height: math.Inf(1)}
	}
	return barOf(r, threshold, float64(r.Blocks-1), distuv.UnitNormal.Quantile((1+r.Confidence)/2))
}

// BarOfSessions returns the bar of RatioAcross, whose interval, r, is known from
// that many comparisons of sessions. An interval that is not known calls nothing.
func BarOfSessions(r Ratio, sessions int, threshold float64) Bar {
	if !r.Known() {
		return Bar{Height: math.Inf(1)}
	}
	return barOf(r, threshold, float64(sessions), student(float64(sessions)).Quantile((1+r.Confidence)/2))
}

// barOf returns the bar of an interval that reaches quantile standard errors to
// either side.
func barOf(r Ratio, threshold, freedom, quantile float64) Bar {
	half := math.Log(r.High/r.Low) / 2
	return Bar{Height: max(half, math.Log1p(threshold)), Error: half / quantile, Freedom: freedom}
}

func student(freedom float64) distuv.StudentsT { return distuv.StudentsT{Sigma: 1, Nu: freedom} }
