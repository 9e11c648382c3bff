package stats

import (
	"cmp"
	"slices"
)

// Holm tells which of several probabilities are significant, so that one or more
// of them is by chance with at most the probability rate (Holm, Scandinavian
// Journal of Statistics 6 (1979) 65). It assumes nothing of how they depend.
func Holm(probabilities []float64, rate float64) []bool {
	order := make([]int, len(probabilities))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(probabilities[a], probabilities[b]) })
	out := make([]bool, len(probabilities))
	for step, i := range order {
		if !(probabilities[i] <= rate/float64(len(order)-step)) {
			break
		}
		out[i] = true
	}
	return out
}

// HolmAdjusted returns probabilities adjusted by Holm's procedure: one of at most rate is
// what Holm calls significant at that rate.
func HolmAdjusted(probabilities []float64) []float64 {
	order := make([]int, len(probabilities))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(probabilities[a], probabilities[b]) })
	out, largest := make([]float64, len(probabilities)), 0.0
	for step, i := range order {
		largest = max(largest, min(1, probabilities[i]*float64(len(order)-step)))
		out[i] = largest
	}
	return out
}
