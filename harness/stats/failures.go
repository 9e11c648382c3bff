package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/combin"
)

// FisherExact returns the probability of failures as unevenly spread over two
// groups of launches as these, if both fail at the same rate: Fisher's exact
// test, two-sided by the probability of each table (Fisher, Statistical Methods
// for Research Workers, 1934). failedA of a launches failed, and failedB of b.
// It is 1 where nothing can be told.
func FisherExact(failedA, a, failedB, b int) float64 {
	failed, all := failedA+failedB, a+b
	if failedA < 0 || failedB < 0 || failedA > a || failedB > b || all == 0 {
		return 1
	}
	probability := func(k int) float64 {
		return math.Exp(combin.LogGeneralizedBinomial(float64(a), float64(k)) + combin.LogGeneralizedBinomial(float64(b), float64(failed-k)) -
			combin.LogGeneralizedBinomial(float64(all), float64(failed)))
	}
	observed, sum := probability(failedA), 0.0
	for k := max(0, failed-b); k <= min(a, failed); k++ {
		if p := probability(k); p <= observed*(1+1e-9) { // equal but for rounding
			sum += p
		}
	}
	return min(1, sum)
}

// SmallestRate returns the smallest share of launches that must fail for n
// launches to show a failure with 95 % probability.
func SmallestRate(n int) float64 {
	if n < 1 {
		return 1
	}
	return 1 - math.Pow(0.05, 1/float64(n))
}
