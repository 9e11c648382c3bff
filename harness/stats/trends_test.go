package stats

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// launchesOf is a run of launches in order, each with these epochs.
func launchesOf(list ...[]float64) *record.Run {
	run := &record.Run{}
	for i, seconds := range list {
		l := ok(seconds...)
		l.Order = i
		run.Launches = append(run.Launches, l)
	}
	return run
}

func repeated(n int, make func(i int) []float64) [][]float64 {
	var out [][]float64
	for i := range n {
		out = append(out, make(i))
	}
	return out
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		name string
		run  *record.Run
		want string
	}{
		{"constant", launchesOf(repeated(20, func(int) []float64 { return []float64{1, 1, 1} })...), ""},
		{"warm-up too short", launchesOf(repeated(6, func(int) []float64 { return []float64{1.5, 1.3, 1.1, 1.05, 1} })...),
			"the last epochs of a launch take 34 % less time than its first: the warm-up may be too short"},
		{"many times as fast at the end", launchesOf(repeated(6, func(int) []float64 { return []float64{9, 5, 3, 2, 1} })...),
			"the last epochs of a launch take 89 % less time than its first"},
		{"an epoch of no time", launchesOf(repeated(6, func(int) []float64 { return []float64{2, 1.5, 1, 0.5, 0} })...), ""},
		{"becoming slower", launchesOf(repeated(6, func(int) []float64 { return []float64{1, 1.1, 1.2, 1.3, 1.4} })...),
			"the last epochs of a launch take 40 % longer than its first: heat, memory or other programs"},
		{"a small trend", launchesOf(repeated(6, func(int) []float64 { return []float64{1.004, 1.003, 1.002, 1.001, 1} })...), ""},
		{"too few epochs for a trend", launchesOf([]float64{1.5, 1.2, 1}), ""},
		{"drift", launchesOf(repeated(10, func(i int) []float64 { return []float64{1 + 0.02*float64(i)} })...),
			"the last launches take 18 % longer than the first: the machine drifts; measure more launches, and compare within one session"},
		{"too few launches for a drift", launchesOf(repeated(5, func(i int) []float64 { return []float64{1 + float64(i)} })...), ""},
		{"two speeds", launchesOf(repeated(20, func(i int) []float64 { return []float64{1 + math.Ceil(float64(i*7%20)/20-0.6) + 0.01*float64(i%3)} })...),
			"launches come at two speeds, 65 % of them near 1 s and the others near 2.02 s: the median is of one of them"},
		{"outliers", launchesOf(repeated(12, func(i int) []float64 { return []float64{1 + 0.01*float64(i*5%12) + 4*math.Floor(float64(i%6)/5)} })...),
			"2 of 12 launches are far from the others, the farthest at "},
	} {
		_, warnings := Summarize(c.run)
		if got := strings.Join(warnings, "\n"); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The launches' order counts, not that of the record.
func TestDriftGoesByOrder(t *testing.T) {
	run := launchesOf(repeated(10, func(i int) []float64 { return []float64{1 + 0.1*float64(i)} })...)
	for i := range run.Launches {
		run.Launches[i].Order = i * 7 % 10
	}
	if _, warnings := Summarize(run); len(warnings) > 0 {
		t.Errorf("done in no order: %q", warnings)
	}
}

// Launches that differ by chance alone are rarely warned of, whatever their
// distribution.
func TestWarningsDoNotCryWolf(t *testing.T) {
	const runs = 600
	for name, draw := range map[string]func(*rand.Rand) float64{
		"normal, 5 %":     func(r *rand.Rand) float64 { return math.Exp(0.05 * r.NormFloat64()) },
		"normal, 30 %":    func(r *rand.Rand) float64 { return math.Exp(0.3 * r.NormFloat64()) },
		"uniform, 1 to 2": func(r *rand.Rand) float64 { return 1 + r.Float64() },
		"a long tail":     func(r *rand.Rand) float64 { return 1 + 0.1*r.ExpFloat64() },
	} {
		for _, launches := range []int{3, 6, 10, 20} {
			random := rand.New(rand.NewPCG(9, uint64(launches)))
			warned := 0
			for range runs {
				run := launchesOf(repeated(launches, func(int) []float64 {
					level := draw(random)
					return []float64{level * draw(random), level * draw(random), level * draw(random), level * draw(random), level * draw(random)}
				})...)
				if _, warnings := Summarize(run); len(warnings) > 0 {
					warned++
				}
			}
			if share := float64(warned) / runs; share > 0.05 {
				t.Errorf("%s, %d launches: %.1f %% of the runs have a warning", name, launches, 100*share)
			}
		}
	}
}
