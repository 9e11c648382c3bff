package estimate

import "testing"

// Two spreads differ where chance alone would not make them, in either direction.
func TestDiffer(t *testing.T) {
	for _, c := range []struct {
		a, freedomOfA, b, freedomOfB float64
		want                         bool
	}{
		{0.3, 6, 0.03, 6, true},
		{0.03, 6, 0.3, 6, true},
		{0.06, 6, 0.03, 6, false},
		{0.06, 60, 0.03, 60, true},
		{0.3, 2, 0.1, 2, false}, // of two launches a size
		{0.3, 0, 0.03, 6, false},
		{0.3, 6, 0.03, 0, false},
		{0, 6, 0, 6, false},
		{0.004, 6, 0, 6, false}, // less than a clock tells
	} {
		if got := differ(c.a, c.freedomOfA, c.b, c.freedomOfB); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}

// Each point has the spread of its kind, or all have the same; one launch has that of others.
func TestSetSpread(t *testing.T) {
	of := func(samples int, seconds ...float64) point {
		p := point{batch: 8, samples: samples, full: samples / 8}
		for _, s := range seconds {
			p.launches = append(p.launches, launch{epoch: s})
		}
		return p
	}
	long := of(800, 1, 1.01, 0.99, 1.02, 0.98)
	for name, c := range map[string]struct {
		short point
		apart bool
	}{
		"alike":    {of(8, 0.01, 0.0101, 0.0099, 0.0102), false},
		"restless": {of(8, 0.01, 0.02, 0.015, 0.005), true},
		"single":   {of(8, 0.01), false},
	} {
		points := []point{c.short, long}
		spread, freedom := setSpread(points)
		if apart := points[0].spread > 2*points[1].spread; apart != c.apart || spread < 0.01 || freedom < 4 {
			t.Errorf("%s: %.3f and %.3f, of %.3f with %g", name, points[0].spread, points[1].spread, spread, freedom)
		}
		if !c.apart && points[0].spread != points[1].spread {
			t.Errorf("%s: the spreads are %g and %g", name, points[0].spread, points[1].spread)
		}
	}
}
