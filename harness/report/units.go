package report

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"

	"epochtime/harness/record"
)

// none stands where there is no value.
const none = "–"

// Seconds formats a duration with three significant digits in the unit that
// reads best.
func Seconds(s float64) string {
	if math.IsNaN(s) || math.IsInf(s, 0) {
		return none
	}
	value, unit := scale(s, s)
	return value + " " + unit
}

// scale formats s in the unit that suits like.
func scale(s, like float64) (value, unit string) {
	for _, u := range []struct {
		name    string
		seconds float64
	}{{"s", 1}, {"ms", 1e-3}, {"µs", 1e-6}} {
		if math.Abs(like) >= 0.9995*u.seconds {
			return digits(s / u.seconds), u.name
		}
	}
	return digits(s / 1e-9), "ns"
}

// digits keeps three significant digits of a number below 1000, and all digits
// before the point of a larger one.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a == 0:
		return "0"
	case a >= 99.95:
		return humanize.Comma(int64(math.Round(v)))
	case a >= 9.995:
		return fmt.Sprintf("%.1f", v)
	case a >= 0.9995:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// Range formats an interval of seconds, both ends in one unit.
func Range(i record.Interval) string {
	if !i.Known() {
		return none
	}
	low, unit := scale(float64(i.Low), float64(i.High))
	high, _ := scale(float64(i.High), float64(i.High))
	return low + "–" + high + " " + unit
}

// Rate formats examples a second.
func Rate(v float64) string {
	if v >= 1e6 {
		value, prefix := humanize.ComputeSI(v)
		return digits(value) + " " + prefix
	}
	return digits(v)
}

// Bytes formats a size.
func Bytes(n uint64) string {
	if n == 0 {
		return none
	}
	return humanize.IBytes(n)
}

// Loss formats a loss with four significant digits.
func Loss(v record.Number) string {
	if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
		return none
	}
	return fmt.Sprintf("%.4g", float64(v))
}

// Count formats a whole number.
func Count[T int | int64](n T) string { return humanize.Comma(int64(n)) }
