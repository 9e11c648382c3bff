package report

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// none stands where there is no value.
const none = "–"

// Seconds formats a duration with three significant digits in the unit that reads
// best; from two minutes on as in 2m 5s or 1h 2m 5s, from ten hours on without
// seconds, and from four days on in days and hours.
func Seconds(s float64) string {
	if !finite(s) {
		return none
	}
	format, unit := timeUnit(s)
	return format(s) + unit
}

// Range formats an interval of seconds, both ends in the unit of the upper one.
func Range(i record.Interval) string {
	if !i.Known() {
		return none
	}
	format, unit := timeUnit(float64(i.High))
	return format(float64(i.Low)) + "–" + format(float64(i.High)) + unit
}

// timeUnit returns the unit that suits a duration, to be written behind it, and the
// format for durations of about its size.
func timeUnit(like float64) (format func(float64) string, unit string) {
	if like >= 119.5 {
		return clock, ""
	}
	value, unit := scale(like, prefix{1, "s"}, prefix{1e-3, "ms"}, prefix{1e-6, "µs"}, prefix{1e-9, "ns"})
	return func(s float64) string { return digits(s/value, like/value) }, " " + unit
}

// clock formats a duration in days, hours, minutes and seconds, without leading zeros.
func clock(s float64) string {
	n := int64(math.Round(s))
	switch {
	case s >= 96*3600:
		return fmt.Sprintf("%sd %dh", Amount(math.Floor(s/86400)), int64(math.Mod(s, 86400)/3600))
	case n >= 10*3600:
		n = int64(math.Round(s / 60))
		return fmt.Sprintf("%dh %dm", n/60, n%60)
	case n >= 3600:
		return fmt.Sprintf("%dh %dm %ds", n/3600, n/60%60, n%60)
	}
	return fmt.Sprintf("%dm %ds", n/60, n%60)
}

// Change formats a ratio of times as a change, as in "+30.0 %": what takes twice
// as long is +100 %, what takes half the time −50.0 %.
func Change(ratio float64) string {
	if !finite(ratio) {
		return none
	}
	return change(ratio) + " %"
}

// Changes formats the interval of a ratio, as in "+29.1 to +31.0 %".
func Changes(r stats.Ratio) string {
	if !r.Known() {
		return none
	}
	return change(r.Low) + " to " + change(r.High) + " %"
}

func change(ratio float64) string {
	percent, sign := 100*(ratio-1), "+"
	if percent < 0 {
		percent, sign = -percent, "−"
	}
	switch {
	case percent < 0.05:
		return "0.0"
	case percent < 99.95:
		return sign + fmt.Sprintf("%.1f", percent)
	}
	return sign + humanize.Comma(int64(math.Round(percent)))
}

// Flops formats floating-point operations per second.
func Flops(v float64) string {
	if !finite(v) {
		return none
	}
	format, unit := limitUnit(v, record.FlopPerSecond)
	return format(v) + unit
}

// prefix is a multiple of a unit.
type prefix struct {
	value float64
	name  string
}

// scale returns the largest of the units, given in falling order, that v fills, the
// smallest where it fills none, and the first for 0.
func scale(v float64, units ...prefix) (value float64, name string) {
	for _, u := range units {
		if v == 0 || math.Abs(v) >= 0.9995*u.value {
			return u.value, u.name
		}
	}
	last := units[len(units)-1]
	return last.value, last.name
}

// digits formats v with the decimals that like needs for three significant digits,
// and without any from 100 on.
func digits(v, like float64) string {
	switch a := math.Abs(like); {
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

// Rate formats a number of things per second.
func Rate(v float64) string {
	if !finite(v) {
		return none
	}
	if math.Abs(v) < 0.9995e6 {
		return digits(v, v)
	}
	value, name := scale(v, prefix{1e12, "T"}, prefix{1e9, "G"}, prefix{1e6, "M"})
	return digits(v/value, v/value) + " " + name
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Amount formats a number of things that may be large.
func Amount(v float64) string {
	if math.Abs(v) < 0.9995e6 {
		return humanize.Comma(int64(math.Round(v)))
	}
	return Rate(v)
}

// Bytes formats a size.
func Bytes(n uint64) string {
	if n == 0 {
		return none
	}
	return humanize.IBytes(n)
}

// Loss formats a loss with four significant digits, and a large one as an integer.
func Loss(v record.Number) string {
	switch f := float64(v); {
	case !finite(f):
		return none
	case math.Abs(f) >= 9999.5 && math.Abs(f) < 1e9:
		return humanize.Comma(int64(math.Round(f)))
	default:
		return fmt.Sprintf("%.4g", f)
	}
}

// Count formats an integer.
func Count[T int | int64](n T) string { return humanize.Comma(int64(n)) }
