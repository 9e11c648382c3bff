package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// span is a point with its interval, on an axis of ratios. Low and high are NaN where
// there is no interval.
type span struct{ low, mid, high float64 }

// Widths of an axis of ratios, in columns.
const (
	leastAxis = 16
	mostAxis  = 48
)

// ratioAxis is a logarithmic axis of ratios that holds some spans and 1.
type ratioAxis struct {
	from, to float64 // logarithms
	columns  int
}

// newRatioAxis returns the axis on which all spans and 1 lie.
func newRatioAxis(spans []span, columns int) ratioAxis {
	low, high := 0.0, 0.0
	for _, s := range spans {
		for _, v := range []float64{s.low, s.mid, s.high} {
			if v > 0 && finite(v) {
				low, high = min(low, math.Log(v)), max(high, math.Log(v))
			}
		}
	}
	const least = 0.05 // so that rounding is no effect
	edge := max(least, (high-low)/float64(columns))
	return ratioAxis{from: low - edge, to: high + edge, columns: columns}
}

// column returns where a ratio is, from 0.
func (a ratioAxis) column(ratio float64) int {
	at := (math.Log(ratio) - a.from) / (a.to - a.from) * float64(a.columns-1)
	return min(a.columns-1, max(0, int(math.Round(at))))
}

// line draws a span: ├──●──┤, or ○ without an interval. 1 is │.
func (a ratioAxis) line(s span) string {
	out := []rune(strings.Repeat(" ", a.columns))
	out[a.column(1)] = '│'
	if !(s.mid > 0) || !finite(s.mid) {
		return string(out)
	}
	if finite(s.low) && finite(s.high) && s.low > 0 {
		from, to := a.column(s.low), a.column(s.high)
		for c := from + 1; c < to; c++ {
			out[c] = '─'
		}
		out[from], out[to] = '├', '┤'
		out[a.column(s.mid)] = '●'
		return string(out)
	}
	out[a.column(s.mid)] = '○'
	return string(out)
}

// ticks names ratios along the axis, 1 among them. Of two that are too near, the
// rounder one stays.
func (a ratioAxis) ticks() string {
	out := []rune(strings.Repeat(" ", a.columns))
	for _, of := range [][]float64{{1}, {2, 0.5}, {10, 0.1, 100, 0.01, 1000, 0.001}, {5, 0.2, 4, 0.25, 20, 0.05, 50, 0.02}, {1.5, 0.7, 1.2, 0.8, 1.1, 0.9}} {
		for _, v := range of {
			if l := math.Log(v); l < a.from || l > a.to {
				continue
			}
			a.tick(out, v)
		}
	}
	return strings.TrimRight(string(out), " ")
}

// tick writes a ratio at its place unless something is there.
func (a ratioAxis) tick(out []rune, v float64) {
	text := []rune(fmt.Sprintf("%g", v))
	from := min(max(0, a.column(v)-(len(text)-1)/2), a.columns-len(text))
	if from < 0 {
		return
	}
	taken := out[max(0, from-2):min(a.columns, from+len(text)+2)]
	if slices.ContainsFunc(taken, func(r rune) bool { return r != ' ' }) {
		return
	}
	copy(out[from:], text)
}

// Times formats a ratio of times, as in "×0.41".
func Times(ratio float64) string {
	if !finite(ratio) {
		return none
	}
	return "×" + ratioDigits(ratio)
}

func ratioDigits(v float64) string {
	switch {
	case v >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.0995:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2g", v)
}
