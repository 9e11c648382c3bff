package report

import "fmt"

// Probability formats a probability in whole percent. One that is nearly 0 or 1 is not
// shown as such.
func Probability(p float64) string {
	switch {
	case !finite(p):
		return none
	case p < 0.01:
		return "< 1 %"
	case p > 0.99:
		return "> 99 %"
	}
	return fmt.Sprintf("%.0f %%", 100*p)
}

// Factor formats a ratio with two decimals, as in 0.56×, and a large one with three
// significant digits.
func Factor(v float64) string {
	switch {
	case !finite(v):
		return none
	case v < 0.0995:
		return fmt.Sprintf("%.2g×", v)
	case v < 9.995:
		return fmt.Sprintf("%.2f×", v)
	}
	return digits(v, v) + "×"
}

// Share formats a share in percent.
func Share(v float64) string {
	if !finite(v) {
		return none
	}
	return percentOf(v)
}
