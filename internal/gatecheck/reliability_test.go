package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/compare"
	"epochtime/internal/slowed"
)

// What comparisons state is what is found.
func TestStated(t *testing.T) {
	for _, s := range []source{simulated(0.02, shapes[0]), simulated(0.09, shapes[0])} {
		for _, n := range []int{6, 10} {
			truth, err := found(200, n, s, 1)
			if err != nil {
				t.Fatal(err)
			}
			values, err := statements(200, n, s, 1)
			if err != nil {
				t.Fatal(err)
			}
			if got := middle(values) / truth; got < 0.75 || got > 1.33 {
				t.Errorf("%s, %d launches: %.3g is found, and %.2f times that is stated", s.name, n, truth, got)
			}
		}
	}
	if got := within([]float64{0.5, 0.67, 1, 1.33, 1.4, math.Inf(1)}, 1); got != 0.5 {
		t.Errorf("%v of the values are within a third", got)
	}
}

// A night promotes what is the same or faster, and needs two sessions for an alarm.
func TestNight(t *testing.T) {
	ones := slices.Repeat([]float64{1}, 10)
	equal := series{base: ones, new: ones}
	wild := series{base: ones, new: []float64{1, 2, 0.5, 3, 0.3, 1, 2, 0.5, 1, 2}}
	for name, c := range map[string]struct {
		sessions [][]series
		want     night
	}{
		"equal":        {[][]series{{equal, equal}, {equal, equal}}, night{promoted: 2}},
		"one faster":   {[][]series{{equal.slowed(-0.5), equal}, {equal, equal}}, night{promoted: 2}},
		"one slower":   {[][]series{{equal.slowed(1), equal}, {equal.slowed(1), equal}}, night{alarm: true, promoted: 1}},
		"slower once":  {[][]series{{equal.slowed(1), equal}, {equal, equal}}, night{promoted: 1}},
		"inconclusive": {[][]series{{wild, equal}, {wild, equal}}, night{promoted: 1}},
	} {
		drawn := 0
		s := source{draw: func(*rand.Rand, int) []series { drawn++; return c.sessions[drawn-1] }}
		if got, err := nightOf(nil, 10, s); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, c.want)
		}
	}
}

// Bursts come, last for some launches, and hit both sides alike.
func TestAttacked(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	s := attacked(random, 20_000, []burst{burner, pressure})
	hit, both, sum := 0, 0, 0.0
	level := 0.0
	for i := range s.base {
		ratio := math.Log(s.new[i] / s.base[i])
		sum += ratio / float64(len(s.base))
		level = math.Max(level, math.Abs(ratio))
		if math.Abs(ratio) > 0.15 {
			hit++
		} else {
			both++
		}
	}
	if share := float64(hit) / float64(len(s.base)); share < 0.1 || share > 0.7 {
		t.Errorf("%.2f of the blocks have one side that is disturbed more", share)
	}
	if math.Abs(sum) > 0.02 || level < 0.5 {
		t.Errorf("the mean log ratio is %.3f, the largest %.2f", sum, level)
	}
}

// A drawn session has the recorded pairs, without the slowdown.
func TestSlowing(t *testing.T) {
	s := slowing{slowed.Session{Graph: "cnn", Longer: 0.1}}
	for i := range 30 {
		s.Base, s.New = append(s.Base, float64(i+1)), append(s.New, 1.1*float64(i+1))
	}
	got := s.draw(rand.New(rand.NewPCG(1, 1)), 33)[0]
	for i := range 33 {
		if math.Abs(got.new[i]/got.base[i]-1) > 1e-9 {
			t.Fatalf("block %d holds %v and %v", i, got.base[i], got.new[i])
		}
		if i%longestBlocks > 0 && got.base[i] != got.base[i-1]+1 {
			t.Fatalf("block %d holds %v after %v", i, got.base[i], got.base[i-1])
		}
	}
	if table, err := called([]slowing{s}, 20, 1); err != nil || !strings.Contains(table, "| real worker slowed by 10 %, cnn | 30 | +10 % (+10 to +10 %) | 100.0 % (100.0 %) |") || !strings.HasSuffix(table, "| 6 launches | 6 launches |\n") {
		t.Errorf("%v\n%s", err, table)
	}
	if share, err := verdicts(20, 10, 0, s.source(), 1, compare.Same); err != nil || share != 1 {
		t.Errorf("without the slowdown %v are the same, %v", share, err)
	}
}

func TestChosen(t *testing.T) {
	sections := []section{{name: "one"}, {name: "two"}, {name: "three"}}
	got, err := chosen(sections, "three,one")
	if err != nil || len(got) != 2 || got[0].name != "three" || got[1].name != "one" {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := chosen(sections, ""); err != nil || len(got) != 3 {
		t.Errorf("all: %v, %v", got, err)
	}
	if _, err := chosen(sections, "one,four"); err == nil || !strings.Contains(err.Error(), `no table "four"`) {
		t.Errorf("a name that is not there: %v", err)
	}
}

func TestReadSlowed(t *testing.T) {
	if _, err := readSlowed(); err != nil {
		t.Error(err)
	}
}
