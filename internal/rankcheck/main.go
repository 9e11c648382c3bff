// Command rankcheck finds whether the probabilities of being first that a report states
// are true: it makes fleets whose first machine is known, and prints the tables of
// docs/report-page.md.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	fleets := flag.Int("fleets", 1000, "`N` fleets per row")
	most := flag.Int("most", 20, "leave out fleets of more than `N` machines, which take longest")
	seed := flag.Uint64("seed", 1, "seed `N` of the random numbers")
	flag.Parse()
	if *fleets < 1 {
		fmt.Fprintln(os.Stderr, "rankcheck: -fleets is at least 1")
		os.Exit(2)
	}
	var all []claim
	fmt.Println("| machines | launches | models | units | machines differ by | first: stated | true |")
	fmt.Println("|---:|---:|---:|---:|---:|---:|---:|")
	for _, c := range cases() {
		if c.machines > *most {
			continue
		}
		claims, err := c.simulate(*fleets, *seed)
		if err != nil {
			fmt.Fprintln(os.Stderr, "rankcheck:", err)
			os.Exit(1)
		}
		stated, truly := leaders(claims)
		fmt.Printf("| %d | %d | %d | %d | %.0f %% | %.1f %% | %.1f %% |\n", c.machines, c.launches, c.models, c.units, 100*c.gap, 100*stated, 100*truly)
		all = append(all, claims...)
	}
	fmt.Println("\n| stated | machines | mean of what is stated | truly first |")
	fmt.Println("|---|---:|---:|---:|")
	for _, b := range reliability(all) {
		fmt.Printf("| %.0f–%.0f %% | %d | %.1f %% | %.1f %% |\n", 100*b.low, 100*b.high, b.n, 100*b.stated, 100*b.true)
	}
}

// cases are the fleets of the tables. The last rows are of machines of two units.
func cases() []fleetCase {
	var out []fleetCase
	for _, machines := range []int{2, 5, 20} {
		for _, launches := range []int{2, 3, 6, 10} {
			for _, gap := range []float64{0.02, 0.1, 0.4} {
				out = append(out, fleetCase{machines: machines, launches: launches, models: 1, units: 1, gap: gap})
			}
		}
	}
	for _, machines := range []int{2, 5} {
		out = append(out,
			fleetCase{machines: machines, launches: 6, models: 5, units: 1, gap: 0.02},
			fleetCase{machines: machines, launches: 6, models: 5, units: 1, gap: 0.1},
			fleetCase{machines: machines, launches: 6, models: 3, units: 2, gap: 0.1, unit: 0.04},
			fleetCase{machines: machines, launches: 6, models: 3, units: 4, gap: 0.1, unit: 0.04})
	}
	return out
}
