package fleet

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// sample is what is known of the logarithm of a machine's time at one level: the mean of
// some values and their variance. Keys tell of what each value is, as for typical.
type sample struct {
	level    Level
	keys     []int
	values   []float64
	mean     float64
	variance float64
	freedom  float64 // degrees of freedom from which the variance is known
}

// newSample reports false for fewer than two values, which tell nothing of an error.
func newSample(level Level, keys []int, logs []float64) (sample, bool) {
	if len(logs) < 2 {
		return sample{}, false
	}
	mean, deviation := stat.MeanStdDev(logs, nil)
	return sample{level, keys, logs, mean, deviation * deviation, float64(len(logs) - 1)}, true
}

// shared is how many degrees of freedom the spread of all machines counts for in that of
// each. It was chosen by simulation (docs/report-page.md).
const shared = 3

// tiny is the least variance of a logarithm: equal values are no proof of none.
const tiny = 1e-12

// moderate moves variances of one level towards their common one, because a variance of
// two or three values is hardly known (Smyth, Statistical Applications in Genetics and
// Molecular Biology 3 (2004) 3). The common one is that of the scaled inverse chi-squared
// distribution whose mean deviation is that of the machines: one restless machine moves it
// less than it does the mean variance.
func moderate(samples []*sample) {
	for _, level := range []Level{Launches, Sessions, Units} {
		sum, freedom := 0.0, 0.0
		for _, s := range samples {
			if s != nil && s.level == level {
				sum, freedom = sum+math.Sqrt(s.variance)/unbiased(s.freedom)*s.freedom, freedom+s.freedom
			}
		}
		deviation := sum / freedom / meanDeviation(shared)
		common := deviation * deviation
		for _, s := range samples {
			if s != nil && s.level == level {
				s.variance = math.Max(tiny, (s.variance*s.freedom+common*shared)/(s.freedom+shared))
				s.freedom += shared
			}
		}
	}
}

// unbiased is the mean of a standard deviation from so many degrees of freedom, as a share
// of the true one, of normal values.
func unbiased(freedom float64) float64 {
	above, _ := math.Lgamma((freedom + 1) / 2)
	below, _ := math.Lgamma(freedom / 2)
	return math.Sqrt(2/freedom) * math.Exp(above-below)
}

// meanDeviation is the mean of a standard deviation whose square has the scaled inverse
// chi-squared distribution with scale 1.
func meanDeviation(freedom float64) float64 {
	return math.Sqrt(freedom/(freedom-1)) / unbiased(freedom-1)
}

// estimate is what is known of the logarithm of a machine's time: its mean, the squared
// standard error of that, and from how many degrees of freedom this is known.
type estimate struct{ mean, variance, freedom float64 }

func (s *sample) estimate() estimate {
	return estimate{s.mean, s.variance / float64(len(s.values)), s.freedom}
}

// meanOf is the mean of independent estimates. Its degrees of freedom are Satterthwaite's
// (Biometrics Bulletin 2 (1946) 110).
func meanOf(list []estimate) estimate {
	var out estimate
	n, squares := float64(len(list)), 0.0
	for _, e := range list {
		v := e.variance / n / n
		out.mean, out.variance, squares = out.mean+e.mean/n, out.variance+v, squares+v*v/e.freedom
	}
	out.freedom = out.variance * out.variance / squares
	return out
}

// draws is how often the truth is drawn. If draws were independent, a probability of a half
// would then be known to 0.8 points.
const draws = 4000

// settling is how many draws are left out before those: the first begins at the means.
const settling = 200

// widest is the scale of the prior of how far machines lie apart: the logarithm of 1.3.
const widest = 0.26

// draw returns draws of what the logarithms of the machines' times may be in truth,
// given the estimates. The same estimates give the same draws.
//
// It is the normal hierarchical model (Gelman et al., Bayesian Data Analysis, 3rd ed.,
// 5.4) with unknown errors: the squared error of each mean has a scaled inverse
// chi-squared distribution; the machines' true logarithms lie around a common mean with a
// standard deviation that has a half-Cauchy prior (Gelman 2006). Without the latter, the
// first of many machines that are nearly equal would look surer than it is. Errors and
// truths are drawn in turn (Gibbs sampling): the error of a mean is drawn anew given how
// far that mean lies from the drawn truth, which matters to the luckiest of many.
func draw(estimates []estimate, n int) [][]float64 {
	source := rand.NewPCG(1, uint64(len(estimates)))
	random := rand.New(source)
	truth, errors := make([]float64, len(estimates)), make([]float64, len(estimates))
	for i, e := range estimates {
		truth[i] = e.mean
	}
	out := make([][]float64, 0, n)
	for d := range settling + n {
		for i, e := range estimates {
			off := e.mean - truth[i]
			errors[i] = (e.variance*e.freedom + off*off) / distuv.ChiSquared{K: e.freedom + 1, Src: source}.Rand()
		}
		truth = drawMeans(random, estimates, errors, drawSpread(random, estimates, errors))
		if d >= settling {
			out = append(out, truth)
		}
	}
	return out
}

// drawMeans draws the true values, given their squared errors and the standard deviation
// between them.
func drawMeans(random *rand.Rand, estimates []estimate, errors []float64, spread float64) []float64 {
	sum, weights := 0.0, 0.0
	for i, e := range estimates {
		w := 1 / (errors[i] + spread*spread)
		sum, weights = sum+w*e.mean, weights+w
	}
	common := sum/weights + random.NormFloat64()/math.Sqrt(weights)
	out := make([]float64, len(estimates))
	for i, e := range estimates {
		keep := spread * spread / (errors[i] + spread*spread)
		out[i] = common + keep*(e.mean-common) + random.NormFloat64()*math.Sqrt(keep*errors[i])
	}
	return out
}

// spreads are the standard deviations between machines that are considered, with equal
// steps of their logarithm from 0.03 % to 30.
var spreads = func() (out [32]float64) {
	for i := range out {
		out[i] = 0.0003 * math.Pow(1e5, float64(i)/float64(len(out)-1))
	}
	return out
}()

// priors are the logarithms of the prior of each of the spreads.
var priors = func() []float64 {
	out := make([]float64, len(spreads))
	for i, s := range spreads {
		out[i] = math.Log(s / (1 + s*s/widest/widest)) // a step of the logarithm is as wide as the spread
	}
	return out
}()

// drawSpread draws the standard deviation between the machines.
func drawSpread(random *rand.Rand, estimates []estimate, errors []float64) float64 {
	logs := [len(spreads)]float64{}
	highest := math.Inf(-1)
	for k, spread := range spreads {
		logs[k] = logLikelihood(estimates, errors, spread) + priors[k]
		highest = math.Max(highest, logs[k])
	}
	total := 0.0
	for k := range logs {
		logs[k] = math.Exp(logs[k] - highest)
		total += logs[k]
	}
	left := random.Float64() * total
	for k, weight := range logs {
		if left -= weight; left < 0 {
			return spreads[k]
		}
	}
	return spreads[len(spreads)-1]
}

// logLikelihood is that of the means, over all common means alike, but for a constant.
func logLikelihood(estimates []estimate, errors []float64, spread float64) float64 {
	sum, squares, weights, product := 0.0, 0.0, 0.0, 1.0
	logs := 0.0
	first := estimates[0].mean // so that squares lose no digits
	for i, e := range estimates {
		v, x := errors[i]+spread*spread, e.mean-first
		sum, squares, weights = sum+x/v, squares+x*x/v, weights+1/v
		if product *= v; product < 1e-200 || product > 1e200 {
			logs, product = logs+math.Log(product), 1
		}
	}
	return -(logs + math.Log(product*weights) + squares - sum*sum/weights) / 2
}

// beats returns the share of draws in which the first of two machines takes less.
func beats(draws [][]float64, a, b int) float64 {
	n := 0
	for _, d := range draws {
		if d[a] < d[b] {
			n++
		}
	}
	return float64(n) / float64(len(draws))
}

// firsts returns in which share of draws each machine takes least.
func firsts(draws [][]float64) []float64 {
	out := make([]float64, len(draws[0]))
	for _, d := range draws {
		least := 0
		for i := range d {
			if d[i] < d[least] {
				least = i
			}
		}
		out[least]++
	}
	for i := range out {
		out[i] /= float64(len(draws))
	}
	return out
}
