// Command simulate finds how soon a slow change is named in a history of nightly epoch
// times, and how often a change is named that does not exist. It prints the tables of
// docs/history.md.
package main

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"

	"epochtime/harness/changes"
)

// quiet is the number of nights without a change that are simulated: a year.
const quiet = 365

// creep is a change by which the time grows each night, for some nights.
type creep struct {
	before int     // nights before it
	rate   float64 // share by which the time grows per night
	nights int     // in which it grows
	after  int     // nights from its start
}

func main() {
	tries := flag.Int("tries", 2000, "simulations per row")
	deviation := flag.Float64("deviation", 0.05, "nightly standard deviation")
	search := flag.Bool("search", false, "try other settings too")
	divisive := flag.Bool("divisive", false, "compare with E-divisive, which takes minutes")
	flag.Parse()
	if *search {
		searchSettings(*tries, *deviation)
		return
	}
	table(*tries, *deviation)
	if *divisive {
		tableDivisive(max(1, *tries/20), *deviation)
	}
}

func table(tries int, deviation float64) {
	o := changes.Default
	named := func(v []float64) []changes.Change { return changes.Find(v, o) }
	fmt.Printf("false changes in %d quiet nights: %.2f normal, %.2f with heavy tails (Student, 4), %.2f with nights that stay (AR 0.3)\n\n",
		quiet, falseChanges(tries, deviation, normal, named), falseChanges(tries, deviation, student, named), falseChanges(tries, deviation, sticky, named))
	fmt.Println("share of simulations that name the change by the night given")
	fmt.Printf("%-44s", "change")
	for _, n := range nights {
		fmt.Printf("%6d", n)
	}
	fmt.Println()
	for _, c := range []struct {
		title string
		creep
	}{
		{"creep of 1 % a night for 15, after 30 nights", creep{30, 0.01, 15, 40}},
		{"creep of 1 % a night for 15, after 60 nights", creep{60, 0.01, 15, 40}},
		{"creep of 1 % a night for 15, after 180 nights", creep{180, 0.01, 15, 40}},
		{"step of 5 %, after 60 nights", creep{60, 0.05, 1, 40}},
		{"step of 10 %, after 60 nights", creep{60, 0.10, 1, 40}},
		{"step of 20 %, after 60 nights", creep{60, 0.20, 1, 40}},
	} {
		fmt.Printf("%-46s", c.title)
		delays := delays(tries, deviation, c.creep, o)
		for _, n := range nights {
			fmt.Printf("%4.0f %%", 100*share(delays, n))
		}
		fmt.Println()
	}
}

// nights are the columns of the table. The first changed night is 1.
var nights = []int{1, 2, 3, 5, 7, 10, 12, 15, 20, 30}

func share(delays []int, by int) float64 {
	n := 0
	for _, d := range delays {
		if d > 0 && d <= by {
			n++
		}
	}
	return float64(n) / float64(len(delays))
}

type noise func(r *rand.Rand, before float64) float64

func normal(r *rand.Rand, _ float64) float64 { return r.NormFloat64() }

func student(r *rand.Rand, _ float64) float64 {
	squares := 0.0
	for range 4 {
		v := r.NormFloat64()
		squares += v * v
	}
	return r.NormFloat64() / math.Sqrt(squares/4) / math.Sqrt2 // of unit deviation
}

func sticky(r *rand.Rand, before float64) float64 {
	return 0.3*before + math.Sqrt(1-0.09)*r.NormFloat64()
}

func series(r *rand.Rand, n int, deviation float64, next noise) []float64 {
	out := make([]float64, n)
	z := 0.0
	for i := range out {
		z = next(r, z)
		out[i] = math.Exp(deviation * z)
	}
	return out
}

func falseChanges(tries int, deviation float64, next noise, find func([]float64) []changes.Change) float64 {
	found := 0
	for i := range tries {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		found += len(find(series(r, quiet, deviation, next)))
	}
	return float64(found) / float64(tries)
}

// delays returns the night in which each simulated change was named; its first night
// is 1, and 0 is never. A change that was named before it began does not count.
func delays(tries int, deviation float64, c creep, o changes.Options) []int {
	out := make([]int, tries)
	for i := range out {
		r := rand.New(rand.NewPCG(uint64(i), 2))
		for _, found := range changes.Find(c.series(r, deviation), o) {
			if found.Named >= c.before && found.After > found.Before {
				out[i] = found.Named - c.before + 1
				break
			}
		}
	}
	return out
}

func (c creep) series(r *rand.Rand, deviation float64) []float64 {
	values := series(r, c.before+c.after, deviation, normal)
	for i := range values {
		grown := max(0, min(i-c.before+1, c.nights))
		values[i] *= math.Pow(1+c.rate, float64(grown))
	}
	return values
}

func searchSettings(tries int, deviation float64) {
	for _, slack := range []float64{0.35, 0.5, 0.65, 0.75, 1} {
		for _, threshold := range []float64{2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7} {
			o := changes.Default
			o.Slack, o.Threshold = slack, threshold
			wrong := falseChanges(tries, deviation, normal, func(v []float64) []changes.Change { return changes.Find(v, o) })
			if wrong > 1.2 || wrong < 0.5 {
				continue
			}
			fmt.Printf("slack %.2f threshold %.1f: %.2f false, creep by 10:", slack, threshold, wrong)
			for _, before := range []int{30, 60, 180} {
				fmt.Printf(" %.2f", share(delays(tries, deviation, creep{before, 0.01, 15, 40}, o), 10))
			}
			fmt.Println()
		}
	}
}
