package changes

import (
	"math"
	"math/rand/v2"
)

// EDivisive returns the indices at which a series of positive values changes its
// level, by E-divisive with means. It cuts the series where the energy distance with
// exponent 2 of both parts is largest, and then cuts each part, as long as at most a
// share of random orders of the values have a cut as deep. orders is the number of
// random orders, and seed their seed. (Matteson & James, A nonparametric approach for
// multiple change point analysis, JASA 109, 2014; for nightly performance tests Daly
// et al., The use of change point detection to identify software performance
// regressions, ICPE 2020.) It needs the whole series, and is here for comparison with
// Find.
func EDivisive(values []float64, share float64, orders int, seed uint64) []int {
	logs := make([]float64, len(values))
	for i, v := range values {
		logs[i] = math.Log(v)
	}
	return divide(logs, 0, share, orders, rand.New(rand.NewPCG(seed, 0)))
}

func divide(logs []float64, offset int, share float64, orders int, r *rand.Rand) []int {
	at, depth := cut(logs)
	if at < 0 {
		return nil
	}
	shuffled := append([]float64{}, logs...)
	deeper := 1
	for range orders {
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if _, d := cut(shuffled); d >= depth {
			deeper++
		}
	}
	if float64(deeper)/float64(orders+1) > share {
		return nil
	}
	out := divide(logs[:at], offset, share, orders, r)
	out = append(out, offset+at)
	return append(out, divide(logs[at:], offset+at, share, orders, r)...)
}

// smallest is the least number of values in a part.
const smallest = 3

// cut returns where two parts of a series differ most, and by how much. at is negative
// if the series is too short.
func cut(logs []float64) (at int, depth float64) {
	total := 0.0
	for _, x := range logs {
		total += x
	}
	at, left, n := -1, 0.0, float64(len(logs))
	for i := 1; i <= len(logs)-smallest; i++ {
		left += logs[i-1]
		if i < smallest {
			continue
		}
		k := float64(i)
		d := left/k - (total-left)/(n-k)
		if q := k * (n - k) / n * d * d; q > depth || at < 0 {
			at, depth = i, q
		}
	}
	return at, depth
}
