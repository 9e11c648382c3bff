package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"epochtime/harness/record"
)

func blocks(seconds ...float64) []BlockValue {
	out := make([]BlockValue, len(seconds))
	for i, s := range seconds {
		out[i] = BlockValue{Block: i, Seconds: s}
	}
	return out
}

// The tails are those of tables of Wilcoxon's signed-rank statistic (Hollander,
// Wolfe & Chicken, table A.4).
func TestRankTail(t *testing.T) {
	for _, c := range []struct {
		n, sum int
		want   float64
	}{{6, 0, 1.0 / 64}, {6, 2, 3.0 / 64}, {10, 3, 0.00488}, {10, 8, 0.0244}, {20, 37, 0.00472}, {20, 52, 0.0242}} {
		if got := rankTail(c.n)[c.sum]; math.Abs(got-c.want) > 5e-5 {
			t.Errorf("%d pairs: a statistic of at most %d has the probability %.5f, want %.5f", c.n, c.sum, got, c.want)
		}
	}
}

func TestRatioByBlocks(t *testing.T) {
	base := blocks(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	var twice []BlockValue
	for _, v := range base {
		twice = append(twice, BlockValue{v.Block, 2 * v.Seconds})
	}
	for _, c := range []struct {
		name       string
		base, new  []BlockValue
		confidence float64
		want       Ratio
	}{
		{"drift of ten times falls out", base, twice, 0.95, Ratio{2, 2, 2, 0.951, 10}},
		{"higher confidence", base, twice, 0.99, Ratio{2, 2, 2, 0.990, 10}},
		{"ranks cannot be so confident", base, twice, 0.9999, Ratio{2, 2, 2, 0.9999, 10}},
		{"six blocks", base[:6], twice, 0.95, Ratio{2, 2, 2, 0.969, 6}},
		{"five blocks", base[:5], twice, 0.95, Ratio{2, math.NaN(), math.NaN(), 0, 5}},
		{"no block in common", base[:5], twice[5:], 0.95, Ratio{math.NaN(), math.NaN(), math.NaN(), 0, 0}},
	} {
		got := RatioByBlocks(c.base, c.new, c.confidence)
		same := func(a, b, within float64) bool { return math.Abs(a-b) <= within || math.IsNaN(a) && math.IsNaN(b) }
		if !same(got.Median, c.want.Median, 1e-9) || !same(got.Low, c.want.Low, 1e-9) || !same(got.High, c.want.High, 1e-9) ||
			!same(got.Confidence, c.want.Confidence, 5e-4) || got.Blocks != c.want.Blocks {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// The interval is made of averages of pairs: for 1 to 10 at 95 %, the ninth from
// either end.
func TestRankInterval(t *testing.T) {
	var base, new []BlockValue
	for i := range 10 {
		base = append(base, BlockValue{i, 1})
		new = append(new, BlockValue{i, math.Exp(float64(i + 1))})
	}
	got := RatioByBlocks(base, new, 0.95)
	if math.Abs(math.Log(got.Median)-5.5) > 1e-9 || math.Abs(math.Log(got.Low)-3) > 1e-9 || math.Abs(math.Log(got.High)-8) > 1e-9 {
		t.Errorf("log ratios 1 to 10: %v, %v to %v, want 5.5, 3 to 8", math.Log(got.Median), math.Log(got.Low), math.Log(got.High))
	}
}

// Exchanging the sides turns ratio and interval over.
func TestRatioMirrors(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := 6; n < 40; n += 3 {
		var base, new []BlockValue
		for i := range n {
			base = append(base, BlockValue{i, random.ExpFloat64()})
			new = append(new, BlockValue{i, random.ExpFloat64()})
		}
		for _, confidence := range []float64{0.95, 0.99, 0.99999} {
			a, b := RatioByBlocks(base, new, confidence), RatioByBlocks(new, base, confidence)
			for _, pair := range [][2]float64{{a.Median, b.Median}, {a.Low, b.High}, {a.High, b.Low}} {
				if math.Abs(pair[0]*pair[1]-1) > 1e-9 {
					t.Errorf("%d blocks: %+v, exchanged %+v", n, a, b)
				}
			}
		}
	}
}

// Interval and probability are of the same test: 1 lies outside the one exactly
// where the other is small.
func TestIntervalAndProbabilityAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	outside := 0
	for trial := range 2000 {
		var base, new []BlockValue
		for i := range 8 + trial%20 {
			base = append(base, BlockValue{i, math.Exp(random.NormFloat64())})
			new = append(new, BlockValue{i, 2 * math.Exp(random.NormFloat64())})
		}
		r := RatioByBlocks(base, new, 0.99)
		p := EqualByBlocks(LogRatios(base, new), 0.01)
		if out := r.Low > 1 || r.High < 1; out != (p <= 0.01) {
			t.Fatalf("%d blocks: the interval is %v to %v, the probability %v", len(base), r.Low, r.High, p)
		} else if out {
			outside++
		}
	}
	if outside < 100 {
		t.Errorf("only %d of 2000 intervals leave 1 out: this tests nothing", outside)
	}
}

func TestEqualByBlocks(t *testing.T) {
	up := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, c := range []struct {
		name  string
		logs  []float64
		level float64
		want  float64
	}{
		{"too few", up[:5], 0.05, 1},
		{"ten of one sign", up, 0.01, 2.0 / 1024},
		{"the smallest other", append([]float64{-0.5}, up[1:]...), 0.01, 4.0 / 1024},
		{"nothing changed", make([]float64, 10), 0.01, 1},
		{"nothing changed, Student's", make([]float64, 6), 0.01, 1},
		{"all the same, Student's", []float64{1, 1, 1, 1, 1, 1}, 0.01, 0},
	} {
		if got := EqualByBlocks(c.logs, c.level); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestLaunchValues(t *testing.T) {
	a, b, none, zero := ok(4, 2, 9), ok(6), ok(5), ok(0)
	a.Block, b.Block = 3, 1
	none.Epochs = none.Epochs[:1]
	run := &record.Run{Launches: []record.Launch{a, failed(record.OOM, ""), none, zero, b}}
	if got, want := LaunchValues(run, false), []BlockValue{{3, 4}, {1, 6}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := LaunchValues(run, true), []BlockValue{{3, 0.04}, {1, 0.06}}; !slices.Equal(got, want) {
		t.Errorf("an example: %v, want %v", got, want)
	}
}

func TestHolm(t *testing.T) {
	for _, c := range []struct {
		probabilities []float64
		want          []bool
	}{
		{nil, []bool{}},
		{[]float64{0.01}, []bool{true}},
		{[]float64{0.011}, []bool{false}},
		{[]float64{0.005, 0.01}, []bool{true, true}},
		{[]float64{0.01, 0.005}, []bool{true, true}},
		{[]float64{0.006, 0.006}, []bool{false, false}}, // neither is clear enough for two
		{[]float64{0.004, 0.5, 0.003}, []bool{true, false, true}},
		{[]float64{0.004, 0.004, 0.004}, []bool{false, false, false}},
		{[]float64{math.NaN(), 0.001}, []bool{false, false}},
	} {
		if got := Holm(c.probabilities, 0.01); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.probabilities, got, c.want)
		}
		for i, p := range HolmAdjusted(c.probabilities) {
			if got := p <= 0.01; got != c.want[i] {
				t.Errorf("%v: the adjusted probability %d is %v, and Holm says %v", c.probabilities, i, p, c.want[i])
			}
		}
	}
	if got, want := HolmAdjusted([]float64{0.5, 0.01, 0.02, 0.9}), []float64{1, 0.04, 0.06, 1}; !slices.Equal(got, want) {
		t.Errorf("adjusted %v, want %v", got, want)
	}
}

func TestRatioAcross(t *testing.T) {
	one, two := blocks(1, 1, 1), blocks(2, 2, 2)
	if got := RatioAcross(one, two, make([]float64, 7), 0.99); got.Known() || got.Median != 2 {
		t.Errorf("with seven known sessions: %+v", got)
	}
	sessions := []float64{0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1, -0.1}
	got := RatioAcross(one, two, sessions, 0.99)
	want := math.Log(2) - 3.3554*0.1 // Student's quantile, 8 degrees, 99.5 %
	if math.Abs(math.Log(got.Low)-want) > 1e-4 || math.Abs(got.Low*got.High-4) > 1e-9 || got.Confidence != 0.99 {
		t.Errorf("%+v, want a lower end of %v", got, math.Exp(want))
	}
	if wider := RatioAcross(blocks(0.9, 1, 1.1), two, sessions, 0.99); !(wider.Low < got.Low) {
		t.Errorf("launches that differ do not widen the interval: %+v, then %+v", got, wider)
	}
	if got := RatioAcross(nil, two, sessions, 0.99); got.Known() || !math.IsNaN(got.Median) {
		t.Errorf("without a base: %+v", got)
	}
}
