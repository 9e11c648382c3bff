package stats

import (
	"math"
	"testing"
)

// The probabilities are those of R's fisher.test and of Fisher's tea tasting.
func TestFisherExact(t *testing.T) {
	for _, c := range []struct {
		failedA, a, failedB, b int
		want                   float64
	}{
		{0, 10, 3, 10, 0.2105}, {3, 10, 0, 10, 0.2105}, {0, 10, 5, 10, 0.0325}, {1, 4, 3, 4, 0.4857},
		{0, 10, 0, 10, 1}, {10, 10, 10, 10, 1}, {0, 20, 20, 20, 1.4508e-11}, {2, 10, 3, 10, 1}, {0, 6, 1, 6, 1},
		{0, 0, 0, 0, 1}, {-1, 10, 0, 10, 1}, {11, 10, 0, 10, 1},
	} {
		if got := FisherExact(c.failedA, c.a, c.failedB, c.b); math.Abs(got-c.want) > 5e-4*c.want {
			t.Errorf("%d of %d and %d of %d: %.5g, want %.5g", c.failedA, c.a, c.failedB, c.b, got, c.want)
		}
	}
}

func TestSmallestRate(t *testing.T) {
	for n, want := range map[int]float64{0: 1, 1: 0.95, 10: 0.2589, 100: 0.0295} {
		if got := SmallestRate(n); math.Abs(got-want) > 5e-5 {
			t.Errorf("%d launches: %.4f, want %.4f", n, got, want)
		}
		if n > 0 && math.Abs(math.Pow(1-SmallestRate(n), float64(n))-0.05) > 1e-12 {
			t.Errorf("%d launches miss a failure of that rate with another probability than 5 %%", n)
		}
	}
}
