package main

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"epochtime/harness/stats"
)

// method is a way to make an interval for the log ratio of two sides.
type method struct {
	name     string
	interval func(random *rand.Rand, s series, confidence float64) (low, high float64)
}

var methods = []method{
	{"**signed ranks** (used)", ranks},
	{"Student's t on log ratios", student},
	{"blocks resampled, percentile", func(r *rand.Rand, s series, c float64) (float64, float64) { return bootstrap(r, s, c, percentile) }},
	{"blocks resampled, BCa", func(r *rand.Rand, s series, c float64) (float64, float64) { return bootstrap(r, s, c, accelerated) }},
}

func values(list []float64) []stats.BlockValue {
	out := make([]stats.BlockValue, len(list))
	for i, v := range list {
		out[i] = stats.BlockValue{Block: i, Seconds: v}
	}
	return out
}

func ranks(_ *rand.Rand, s series, confidence float64) (low, high float64) {
	r := stats.RatioByBlocks(values(s.base), values(s.new), confidence)
	return math.Log(r.Low), math.Log(r.High)
}

func student(_ *rand.Rand, s series, confidence float64) (low, high float64) {
	logs := stats.LogRatios(values(s.base), values(s.new))
	mean, sd := stat.MeanStdDev(logs, nil)
	n := float64(len(logs))
	half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile((1+confidence)/2) * sd / math.Sqrt(n)
	return mean - half, mean + half
}

// resamples is how many the bootstrap draws.
const resamples = 999

// medianRatio returns the log ratio of the sides' medians over some blocks.
func medianRatio(s series, blocks []int) float64 {
	base, new := make([]float64, len(blocks)), make([]float64, len(blocks))
	for i, b := range blocks {
		base[i], new[i] = s.base[b], s.new[b]
	}
	return math.Log(middle(new) / middle(base))
}

func middle(list []float64) float64 {
	slices.Sort(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// bootstrap resamples blocks (Efron & Tibshirani, An Introduction to the Bootstrap,
// 13 and 14). levels returns the quantiles at the ends of the interval.
func bootstrap(random *rand.Rand, s series, confidence float64, levels func(s series, drawn []float64, confidence float64) (float64, float64)) (low, high float64) {
	drawn := make([]float64, resamples)
	blocks := make([]int, len(s.base))
	for i := range drawn {
		for j := range blocks {
			blocks[j] = random.IntN(len(blocks))
		}
		drawn[i] = medianRatio(s, blocks)
	}
	slices.Sort(drawn)
	from, to := levels(s, drawn, confidence)
	at := func(q float64) float64 {
		return drawn[min(max(int(q*float64(resamples)), 0), resamples-1)]
	}
	return at(from), at(to)
}

func percentile(_ series, _ []float64, confidence float64) (from, to float64) {
	return (1 - confidence) / 2, (1 + confidence) / 2
}

// accelerated corrects the levels for bias and skewness by the jackknife.
func accelerated(s series, drawn []float64, confidence float64) (from, to float64) {
	all := make([]int, len(s.base))
	for i := range all {
		all[i] = i
	}
	estimate := medianRatio(s, all)
	without := make([]float64, len(all))
	for i := range all {
		without[i] = medianRatio(s, slices.Concat(all[:i], all[i+1:]))
	}
	mean := stat.Mean(without, nil)
	cubes, squares := 0.0, 0.0
	for _, v := range without {
		cubes, squares = cubes+math.Pow(mean-v, 3), squares+math.Pow(mean-v, 2)
	}
	acceleration := 0.0
	if squares > 0 {
		acceleration = cubes / (6 * math.Pow(squares, 1.5))
	}
	below, _ := slices.BinarySearch(drawn, estimate)
	share := min(max(float64(below)/resamples, 1.0/resamples), 1-1.0/resamples)
	bias := distuv.UnitNormal.Quantile(share)
	level := func(q float64) float64 {
		z := bias + distuv.UnitNormal.Quantile(q)
		return distuv.UnitNormal.CDF(bias + z/(1-acceleration*z))
	}
	return level((1 - confidence) / 2), level((1 + confidence) / 2)
}
