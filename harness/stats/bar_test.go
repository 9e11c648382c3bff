package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// What is stated is found about as often as it says.
func TestSmallestSlowdown(t *testing.T) {
	const tries, threshold, level = 400, 0.05, 0.01
	for _, spread := range []float64{0.02, 0.09, 0.20} {
		for _, blocks := range []int{6, 10, 20} {
			random := rand.New(rand.NewPCG(1, uint64(blocks)))
			session := func(slowdown float64) (base, new []BlockValue) {
				for i := range blocks {
					base = append(base, BlockValue{i, math.Exp(spread * random.NormFloat64())})
					new = append(new, BlockValue{i, (1 + slowdown) * math.Exp(spread*random.NormFloat64())})
				}
				return base, new
			}
			var stated []float64
			for range tries {
				base, new := session(0.3)
				stated = append(stated, BarOfBlocks(RatioByBlocks(base, new, 1-level), threshold).SmallestSlowdown(0.95))
			}
			slices.Sort(stated)
			found := 0
			for range tries {
				base, new := session(stated[tries/2])
				r := RatioByBlocks(base, new, 1-level)
				if r.Low > 1 && r.Median > 1+threshold && EqualByBlocks(LogRatios(base, new), level) <= level {
					found++
				}
			}
			if share := float64(found) / tries; share < 0.90 || share > 0.99 {
				t.Errorf("launches that differ by %g, %d blocks: %.3g is stated to be found in 95 %% of sessions, and is in %.0f %%", spread, blocks, stated[tries/2], 100*share)
			}
		}
	}
}

// Between sessions too, where the error is that of the known comparisons.
func TestSmallestSlowdownOfSessions(t *testing.T) {
	const tries, between = 2000, 0.10
	random := rand.New(rand.NewPCG(3, 3))
	one := func(log float64) []BlockValue { return []BlockValue{{0, math.Exp(log)}} }
	ratio := func(slowdown float64) Ratio {
		known := make([]float64, 12)
		for i := range known {
			known[i] = between * random.NormFloat64()
		}
		return RatioAcross(one(0), one(math.Log1p(slowdown)+between*random.NormFloat64()), known, 0.99)
	}
	var stated []float64
	for range tries {
		stated = append(stated, BarOfSessions(ratio(0), 12, 0.05).SmallestSlowdown(0.95))
	}
	slices.Sort(stated)
	found := 0
	for range tries {
		if r := ratio(stated[tries/2]); r.Low > 1 && r.Median > 1.05 {
			found++
		}
	}
	if share := float64(found) / tries; share < 0.90 || share > 0.98 {
		t.Errorf("%.3g is stated to be found in 95 %% of sessions, and is in %.1f %%", stated[tries/2], 100*share)
	}
}

func TestSmallestSlowdownUnknown(t *testing.T) {
	known := Ratio{Median: 1, Low: 0.9, High: 1.1, Confidence: 0.99, Blocks: 10}
	for name, c := range map[string]struct {
		bar   Bar
		power float64
		want  float64
	}{
		"too few blocks":   {BarOfBlocks(Ratio{Blocks: 5}, 0.05), 0.95, math.Inf(1)},
		"unknown sessions": {BarOfSessions(Ratio{}, 7, 0.05), 0.95, math.Inf(1)},
		"no bar":           {Bar{}, 0.95, math.NaN()},
		"power 0":          {BarOfBlocks(known, 0.05), 0, math.NaN()},
		"power 1":          {BarOfBlocks(known, 0.05), 1, math.NaN()},
		"no noise":         {BarOfBlocks(Ratio{Median: 1, Low: 1, High: 1, Confidence: 0.99, Blocks: 10}, 0.05), 0.95, 0.05},
	} {
		got := c.bar.SmallestSlowdown(c.power)
		if math.Abs(got-c.want) > 1e-12 || math.IsNaN(got) != math.IsNaN(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	bar := BarOfBlocks(known, 0.05)
	if once, twice := bar.SmallestSlowdown(0.95), bar.SmallestSlowdown(math.Sqrt(0.95)); !(twice > once) {
		t.Errorf("two sessions find %v, and one finds %v", twice, once)
	}
}
