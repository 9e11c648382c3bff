package stats

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"epochtime/harness/record"
)

// BlockValue is one launch: its block, and the median time of its measured epochs
// in seconds, per epoch or per example.
type BlockValue struct {
	Block   int
	Seconds float64
}

// LaunchValues returns the run's ok launches whose measured epochs took time. With
// perExample, times are divided by the examples of an epoch, which makes runs on
// different amounts of data comparable.
func LaunchValues(r *record.Run, perExample bool) []BlockValue {
	var out []BlockValue
	for _, l := range r.Launches {
		seconds, ok := LaunchMedian(l)
		if perExample && ok {
			seconds = ratio(seconds, MedianOf(Measured(l), func(e record.Epoch) float64 { return float64(e.Samples) }))
		}
		if ok && seconds > 0 && !math.IsInf(seconds, 0) {
			out = append(out, BlockValue{Block: l.Block, Seconds: seconds})
		}
	}
	return out
}

// MedianLaunch returns the median of the launches in seconds, NaN for none.
func MedianLaunch(values []BlockValue) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	seconds := make([]float64, len(values))
	for i, v := range values {
		seconds[i] = v.Seconds
	}
	return middle(seconds)
}

// Ratio is the time of the new side over that of the base. Low and High are NaN and
// Confidence is 0 where fewer than MinLaunches blocks hold both sides.
type Ratio struct {
	Median, Low, High float64
	Confidence        float64 // coverage of the interval, at least what was asked for
	Blocks            int     // that hold launches of both sides
}

// Known reports whether there is an interval.
func (r Ratio) Known() bool { return r.Confidence > 0 }

// RatioByBlocks estimates new over base from the blocks that hold both. A block's
// two launches were done together, so what the machine drifts falls out of their
// ratio, and what is left is symmetric around the true ratio: the order within a
// block is drawn at random. So the estimate is the median of the pairs' averaged
// log ratios, and the interval that of Wilcoxon's signed ranks (Hodges & Lehmann,
// Ann. Math. Stat. 34 (1963) 598; Hollander, Wolfe & Chicken, Nonparametric
// Statistical Methods, 3.2–3.3). Where the blocks are too few for ranks to be
// that confident, the interval is Student's. docs/statistics.md compares it with
// resampling blocks.
func RatioByBlocks(base, new []BlockValue, confidence float64) Ratio {
	logs := LogRatios(base, new)
	out := Ratio{Median: math.NaN(), Low: math.NaN(), High: math.NaN(), Blocks: len(logs)}
	if len(logs) == 0 {
		return out
	}
	averages := walshAverages(logs)
	out.Median = math.Exp(middle(averages))
	if len(logs) < MinLaunches {
		return out
	}
	low, high, reached := rankInterval(len(logs), averages, confidence)
	if reached < confidence {
		low, high = studentInterval(logs, confidence)
		reached = confidence
	}
	out.Low, out.High, out.Confidence = math.Exp(low), math.Exp(high), reached
	return out
}

// LogRatios returns log(new/base) for each block that holds both, in the order of
// the blocks. Where a block holds several launches of a side, their median counts.
func LogRatios(base, new []BlockValue) []float64 {
	bases, news := byBlock(base), byBlock(new)
	var out []float64
	for _, block := range slices.Sorted(maps.Keys(news)) {
		if other, paired := bases[block]; paired {
			out = append(out, math.Log(news[block])-math.Log(other))
		}
	}
	return out
}

func byBlock(values []BlockValue) map[int]float64 {
	lists := map[int][]float64{}
	for _, v := range values {
		lists[v.Block] = append(lists[v.Block], v.Seconds)
	}
	out := make(map[int]float64, len(lists))
	for block, list := range lists {
		out[block] = middle(list)
	}
	return out
}

// EqualByBlocks returns the probability of log ratios as far from 0 as these if
// both sides were equal. It uses signed ranks where that many blocks can reach
// level with them, and Student's t otherwise. It returns 1 below MinLaunches blocks.
func EqualByBlocks(logs []float64, level float64) float64 {
	n := len(logs)
	if n < MinLaunches {
		return 1
	}
	below := rankTail(n)
	if 2*below[0] > level {
		return studentEqual(logs)
	}
	averages := walshAverages(logs)
	at := func(v float64) int { i, _ := slices.BinarySearch(averages, v); return i }
	notAbove, notBelow := at(math.Nextafter(0, 1)), len(averages)-at(0)
	if rank := min(notAbove, notBelow); rank < len(below) {
		return min(1, 2*below[rank])
	}
	return 1
}

// walshAverages are the averages of all pairs, each value with itself too, in
// rising order. How many lie above x is the signed-rank statistic about x.
func walshAverages(values []float64) []float64 {
	out := make([]float64, 0, len(values)*(len(values)+1)/2)
	for i, a := range values {
		for _, b := range values[i:] {
			out = append(out, a/2+b/2)
		}
	}
	slices.Sort(out)
	return out
}

// rankTail is the probability of a signed-rank statistic of at most 0, 1, 2, …,
// up to its middle, when each of n ranks has either sign alike.
func rankTail(n int) []float64 {
	half := n * (n + 1) / 4
	exact := make([]float64, half+1)
	exact[0] = 1
	for rank := 1; rank <= n; rank++ {
		for sum := half; sum >= 0; sum-- {
			exact[sum] /= 2
			if sum >= rank {
				exact[sum] += exact[sum-rank] / 2
			}
		}
	}
	total := 0.0
	for sum := range exact {
		total += exact[sum]
		exact[sum] = total
	}
	return exact
}

// rankInterval is the narrowest pair of averages, as far from one end as from the
// other, that covers often enough; reached is 0 where there is none.
func rankInterval(n int, averages []float64, confidence float64) (low, high, reached float64) {
	for rank, tail := range rankTail(n) {
		if 1-2*tail < confidence {
			break
		}
		low, high, reached = averages[rank], averages[len(averages)-1-rank], 1-2*tail
	}
	return low, high, reached
}

func studentInterval(values []float64, confidence float64) (low, high float64) {
	mean, sd := stat.MeanStdDev(values, nil)
	n := float64(len(values))
	half := student(n-1).Quantile((1+confidence)/2) * sd / math.Sqrt(n)
	return mean - half, mean + half
}

func studentEqual(values []float64) float64 {
	mean, sd := stat.MeanStdDev(values, nil)
	n := float64(len(values))
	if mean == 0 {
		return 1
	}
	t := math.Abs(mean) / (sd / math.Sqrt(n)) // +Inf where all are the same
	return 2 * student(n-1).CDF(-t)
}
