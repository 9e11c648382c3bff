package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Dots draws how the two sides of an ab are distributed, on one axis: a dot for the median
// of each launch, and the density of all measured epochs. It is at most width columns
// wide; 0 is 80. There is nothing to draw where a side has no launch that worked.
func Dots(w io.Writer, rec *record.Record, width int) {
	p := compare.AB(rec, compare.Options{})
	if p.Base == nil || p.New == nil {
		return
	}
	sides := []*distribution{distributionOf(p.Base, p.PerExample), distributionOf(p.New, p.PerExample)}
	if len(sides[0].launches) == 0 || len(sides[1].launches) == 0 {
		return
	}
	const lead = len("A  launches  ")
	axis := newTimeAxis(sides, max(leastAxis, cmp.Or(width, readable)-lead-1))
	what := "epoch"
	if p.PerExample {
		what = "example"
	}
	fmt.Fprintf(w, "\n%s\n\n", Wrap("", fmt.Sprintf("Time per %s of both sides: a dot for the median of each launch, and the density of %s.", what, epochsOf(sides)), cmp.Or(width, readable)))
	for i, side := range sides {
		name := string(rune('A' + i))
		dots := axis.dots(side.launches)
		for k, line := range dots {
			head := ""
			if k == len(dots)-1 {
				head = name + "  launches"
			}
			fmt.Fprintln(w, strings.TrimRight(pad(head, lead)+line, " "))
		}
		fmt.Fprintln(w, strings.TrimRight(pad("   epochs", lead)+axis.density(side.epochs), " "))
	}
	rule, labels := axis.rule()
	fmt.Fprintf(w, "%s%s\n%s%s\n", strings.Repeat(" ", lead), rule, strings.Repeat(" ", lead), labels)
	if beyond := axis.beyond(sides); beyond > 0 {
		fmt.Fprintln(w, Wrap("", fmt.Sprintf("%s beyond the axis, drawn at its ends.", epochsLie(beyond)), cmp.Or(width, readable)))
	}
}

func epochsOf(sides []*distribution) string {
	return fmt.Sprintf("%s and %s epochs", Count(len(sides[0].epochs)), Count(len(sides[1].epochs)))
}

func epochsLie(n int) string {
	if n == 1 {
		return "1 epoch lies"
	}
	return Count(n) + " epochs lie"
}

// distribution is what the launches of a side took, in seconds per epoch or example.
type distribution struct{ launches, epochs []float64 }

func distributionOf(r *record.Run, perExample bool) *distribution {
	out := new(distribution)
	for _, v := range stats.LaunchValues(r, perExample) {
		out.launches = append(out.launches, v.Seconds)
	}
	for _, l := range r.Launches {
		if l.Status != record.OK {
			continue
		}
		for _, e := range stats.Measured(l) {
			seconds := e.Seconds
			if perExample {
				seconds /= float64(e.Samples)
			}
			if finite(seconds) && seconds > 0 {
				out.epochs = append(out.epochs, seconds)
			}
		}
	}
	slices.Sort(out.epochs)
	return out
}

// timeAxis is a linear axis of seconds.
type timeAxis struct {
	from, to float64
	columns  int
}

// newTimeAxis returns the axis that holds all launches, and the epochs of both sides
// without their 5 % at either end, which a pause of the machine may have moved far away.
func newTimeAxis(sides []*distribution, columns int) timeAxis {
	a := timeAxis{from: math.Inf(1), to: math.Inf(-1), columns: columns}
	for _, s := range sides {
		a.from, a.to = min(a.from, slices.Min(s.launches)), max(a.to, slices.Max(s.launches))
		if n := len(s.epochs); n > 0 {
			a.from, a.to = min(a.from, s.epochs[n/20]), max(a.to, s.epochs[n-1-n/20])
		}
	}
	if a.to <= a.from {
		a.from, a.to = a.from*0.99, a.to*1.01
	}
	return a
}

func (a timeAxis) column(v float64) int {
	at := math.Round((v - a.from) / (a.to - a.from) * float64(a.columns-1))
	return int(math.Max(0, math.Min(float64(a.columns-1), at)))
}

// beyond counts the epochs that the axis does not reach.
func (a timeAxis) beyond(sides []*distribution) int {
	n := 0
	for _, s := range sides {
		for _, v := range s.epochs {
			if v < a.from || v > a.to {
				n++
			}
		}
	}
	return n
}

// counts returns how many values are at each column.
func (a timeAxis) counts(values []float64) []int {
	out := make([]int, a.columns)
	for _, v := range values {
		out[a.column(v)]++
	}
	return out
}

// mostDots is how high dots are stacked. A stack that is higher has its number on top.
const mostDots = 4

// dots stacks a dot for each value, the top line first.
func (a timeAxis) dots(values []float64) []string {
	counts := a.counts(values)
	height := min(mostDots, slices.Max(counts))
	var out []string
	for level := height; level > 0; level-- {
		line := []rune(strings.Repeat(" ", a.columns))
		for c, n := range counts {
			switch {
			case level == mostDots && n > mostDots:
				line[c] = '+'
			case n >= level:
				line[c] = '●'
			}
		}
		out = append(out, string(line))
	}
	return out
}

var heights = []rune(" ▁▂▃▄▅▆▇█")

// density draws how many values are at each column, as a share of the most.
func (a timeAxis) density(values []float64) string {
	counts := a.counts(values)
	most := slices.Max(counts)
	out := make([]rune, a.columns)
	for c, n := range counts {
		out[c] = ' '
		if n > 0 {
			out[c] = heights[1+(n*7)/most]
		}
	}
	return string(out)
}

// rule draws the axis, and the times at its ends and middle.
func (a timeAxis) rule() (line, labels string) {
	middle := a.columns / 2
	runes := []rune(strings.Repeat("─", a.columns))
	runes[0], runes[middle], runes[a.columns-1] = '├', '┼', '┤'
	from, to := Seconds(a.from), Seconds(a.to)
	centre := Seconds(a.from + (a.to-a.from)*float64(middle)/float64(a.columns-1))
	labels = from
	if at := middle - columns(centre)/2; at > columns(from)+1 && at+columns(centre)+1 < a.columns-columns(to) {
		labels = pad(labels, at) + centre
	}
	return string(runes), pad(labels, a.columns-columns(to)) + to
}
