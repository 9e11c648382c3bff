package compare

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"epochtime/harness/record"
)

// The bar is that of the rule: a side above it is slower, and one below is not.
// Log ratios that are symmetric about the slowdown keep the estimate at it.
func TestBarIsTheRule(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, blocks := range []int{6, 8, 10, 21, 40} {
		for _, configurations := range []int{1, 20} {
			for _, spread := range []float64{0.001, 0.05, 0.3} {
				o := Options{Configurations: configurations}
				logs := make([]float64, blocks)
				for i := range blocks / 2 {
					logs[i] = spread * random.NormFloat64()
					logs[blocks-1-i] = -logs[i]
				}
				verdict := func(shift float64) Pair {
					base, new := make([]float64, blocks), make([]float64, blocks)
					for i, l := range logs {
						base[i], new[i] = 1, math.Exp(l+shift)
					}
					a, b := runOf("g", base...), runOf("g", new...)
					return Sides(&a, &b, o)
				}
				height := verdict(0).Bar.Height
				if got := verdict(height + 1e-6).Verdict; got != Slower {
					t.Errorf("%d blocks, %d configurations, spread %g: %s just above the bar of %g", blocks, configurations, spread, got, height)
				}
				if got := verdict(height - 1e-6).Verdict; got == Slower {
					t.Errorf("%d blocks, %d configurations, spread %g: slower just below the bar of %g", blocks, configurations, spread, height)
				}
			}
		}
	}
}

func TestSmallestSlowdown(t *testing.T) {
	pairOf := func(base, new []float64) Pair {
		a, b := runOf("g", base...), runOf("g", new...)
		return Sides(&a, &b, Options{})
	}
	wild := []float64{1, 3, 0.5, 2, 0.4, 1, 2.5, 0.7, 1.2, 0.6}
	for name, c := range map[string]struct {
		pair      Pair
		low, high float64
		blind     bool
	}{
		"quiet":          {pairOf(steady(10, 1), steady(10, 1)), 0.05, 0.06, false},
		"wild":           {pairOf(steady(10, 1), wild), 1, 10, true},
		"wild, but slow": {pairOf(steady(10, 1), []float64{9, 11, 30, 12, 8, 7, 12, 13, 14, 15}), 0.2, 10, false},
		"too few":        {pairOf(steady(5, 1), steady(5, 1)), math.Inf(1), math.Inf(1), true},
		"nothing":        {Sides(nil, nil, Options{}), math.Inf(1), math.Inf(1), true},
	} {
		if got := c.pair.SmallestSlowdown(Power); !(got >= c.low && got <= c.high) || c.pair.Blind() != c.blind {
			t.Errorf("%s (%s): finds %v, blind %v; want %v to %v, %v", name, c.pair.Verdict, got, c.pair.Blind(), c.low, c.high, c.blind)
		}
	}
	if got := (Pair{Verdict: Inconclusive}); !math.IsNaN(got.SmallestSlowdown(Power)) || got.Blind() {
		t.Errorf("a pair that was not compared finds %v, blind %v", got.SmallestSlowdown(Power), got.Blind())
	}
}

// More configurations ask for more certainty of each, and see less.
func TestManySeeLess(t *testing.T) {
	a, b := runOf("g", 1, 1.1, 0.9, 1, 1.05, 0.95, 1.02, 0.98, 1, 1.1), runOf("g", 1.1, 1, 1, 0.9, 1, 1.05, 0.95, 1, 1.02, 0.98)
	one, many := Sides(&a, &b, Options{}), Sides(&a, &b, Options{Configurations: 20})
	if !(many.SmallestSlowdown(Power) > one.SmallestSlowdown(Power)) {
		t.Errorf("alone it finds %v, among 20 %v", one.SmallestSlowdown(Power), many.SmallestSlowdown(Power))
	}
}

func TestSessionsSee(t *testing.T) {
	quiet := []float64{.01, -.01, .01, -.01, .01, -.01, .01, -.01}
	base, new := recordOf("1", runOf("g", steady(10, 1)...)), recordOf("2", runOf("g", steady(10, 1)...))
	for _, c := range []struct {
		noise     *Noise
		low, high float64
	}{{&Noise{Sessions: quiet}, 0.05, 0.08}, {nil, math.Inf(1), math.Inf(1)}} {
		got, err := Records(base, new, Options{Noise: c.noise})
		if err != nil {
			t.Fatal(err)
		}
		if s := got.Pairs[0].SmallestSlowdown(Power); !(s >= c.low && s <= c.high) {
			t.Errorf("noise %+v: finds %v, want %v to %v", c.noise, s, c.low, c.high)
		}
	}
}

// JSON has the share, and null where nothing would have been called.
func TestSmallestInJSON(t *testing.T) {
	for launches, want := range map[int]bool{10: true, 5: false} {
		a, b := runOf("g", steady(launches, 1)...), runOf("g", steady(launches, 1)...)
		a.Side, b.Side = "A", "B"
		rec := recordOf("1", a, b)
		c, err := Records(rec, rec, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := c.WriteJSON(&out, DefaultThreshold); err != nil {
			t.Fatal(err)
		}
		var read struct {
			Pairs []struct {
				Smallest record.Number `json:"smallest_slowdown"`
			}
		}
		if err := json.Unmarshal(out.Bytes(), &read); err != nil {
			t.Fatal(err)
		}
		if got := float64(read.Pairs[0].Smallest); math.IsNaN(got) == want || want && got != c.Pairs[0].SmallestSlowdown(Power) {
			t.Errorf("%d launches: the JSON has %v", launches, got)
		}
	}
}
