package main

import (
	"math"
	"testing"
)

// What is stated is true within five points, where enough of it is stated to tell.
func TestCalibrated(t *testing.T) {
	const fleets = 60
	var all []claim
	for _, c := range []fleetCase{
		{machines: 2, launches: 3, models: 1, units: 1, gap: 0.05},
		{machines: 5, launches: 6, models: 1, units: 1, gap: 0.03},
		{machines: 3, launches: 6, models: 3, units: 3, gap: 0.1, unit: 0.04},
	} {
		claims, err := c.simulate(fleets, 7)
		if err != nil {
			t.Fatal(err)
		}
		stated, truly := leaders(claims)
		if math.Abs(stated-truly) > 0.05+2*math.Sqrt(truly*(1-truly)/fleets) {
			t.Errorf("%+v: the first is stated with %.3f and true in %.3f", c, stated, truly)
		}
		all = append(all, claims...)
	}
	for _, b := range reliability(all) {
		if slack := 0.05 + 2.5*math.Sqrt(b.stated*(1-b.stated)/float64(b.n)); math.Abs(b.stated-b.true) > slack {
			t.Errorf("of %d machines stated to be first with %.3f, %.3f are, which is off by more than %.3f", b.n, b.stated, b.true, slack)
		}
	}
}

// The check finds claims that are too sure.
func TestReliability(t *testing.T) {
	var claims []claim
	for n := range 100 {
		claims = append(claims, claim{n, 0.95, n < 50}, claim{n, 0.05, n >= 50})
	}
	stated, truly := leaders(claims)
	bins := reliability(claims)
	if math.Abs(stated-0.95) > 1e-9 || math.Abs(truly-0.5) > 1e-9 || len(bins) != 2 || bins[1].true != 0.5 || bins[1].n != 100 {
		t.Errorf("stated %g, true %g, bins %+v", stated, truly, bins)
	}
}
