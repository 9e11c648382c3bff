package main

import (
	"fmt"
	"math/rand/v2"

	"epochtime/harness/changes"
)

// tableDivisive prints the results of E-divisive, run each night over the last nights.
func tableDivisive(tries int, deviation float64) {
	fmt.Printf("\nE-divisive with means over the last %d nights, every night (%d simulations)\n", window, tries)
	for _, level := range []float64{0.05, 0.01, 0.005} {
		wrong := 0
		delays := make([]int, tries)
		for i := range tries {
			r := rand.New(rand.NewPCG(uint64(i), 3))
			wrong += namedDivisive(series(r, quiet, deviation, normal), level)
			delays[i] = delayDivisive(creep{60, 0.01, 15, 40}.series(r, deviation), 60, level)
		}
		fmt.Printf("level %.3f: %.2f false changes in %d quiet nights; creep after 60 nights named by night 10: %.0f %%, 15: %.0f %%, 30: %.0f %%\n", level,
			float64(wrong)/float64(tries), quiet, 100*share(delays, 10), 100*share(delays, 15), 100*share(delays, 30))
	}
}

const (
	window = 90
	orders = 199
	near   = 7 // nights between two positions of the same change
)

func divisive(values []float64, night int, level float64) []int {
	from := max(0, night+1-window)
	out := changes.EDivisive(values[from:night+1], level, orders, 1)
	for i := range out {
		out[i] += from
	}
	return out
}

// namedDivisive returns the number of changes that were named in any night.
func namedDivisive(values []float64, level float64) int {
	var named []int
	for night := 10; night < len(values); night++ {
		for _, at := range divisive(values, night, level) {
			known := false
			for _, have := range named {
				known = known || at-have <= near && have-at <= near
			}
			if !known {
				named = append(named, at)
			}
		}
	}
	return len(named)
}

func delayDivisive(values []float64, begin int, level float64) int {
	for night := begin; night < len(values); night++ {
		for _, at := range divisive(values, night, level) {
			if at >= begin-near {
				return night - begin + 1
			}
		}
	}
	return 0
}
