package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/compare"
)

func TestRecording(t *testing.T) {
	r, err := readRecorded()
	if err != nil {
		t.Fatal(err)
	}
	for _, graph := range r.graphs() {
		values := r.Launches[graph]
		if len(values) < 2*longestPiece || len(values) != len(r.Launches[r.graphs()[0]]) {
			t.Errorf("%s has %d launches", graph, len(values))
		}
		if slices.Min(values) <= 0 {
			t.Errorf("%s holds a launch of %v s", graph, slices.Min(values))
		}
	}
}

// Both launches of a block are neighbours in the recording, and blocks follow one
// another there: so its drift stays.
func TestResampleIsContiguous(t *testing.T) {
	r := recorded{Launches: map[string][]float64{"a": nil, "b": nil}}
	for i := range 100 {
		r.Launches["a"], r.Launches["b"] = append(r.Launches["a"], float64(i)), append(r.Launches["b"], 1000+float64(i))
	}
	random := rand.New(rand.NewPCG(1, 1))
	swapped := 0
	for range 50 {
		job := r.resample(random, 10, []string{"a", "b"})
		for g, s := range job {
			for i := range s.base {
				if math.Abs(s.base[i]-s.new[i]) != 1 {
					t.Fatalf("block %d holds %v and %v", i, s.base[i], s.new[i])
				}
				if first := min(s.base[i], s.new[i]); first != min(s.base[0], s.new[0])+2*float64(i) {
					t.Fatalf("block %d begins at %v", i, first)
				}
				if s.base[i] > s.new[i] {
					swapped++
				}
			}
			if min(s.base[0], s.new[0]) != min(job[0].base[0], job[0].new[0])+1000*float64(g) {
				t.Fatal("the graphs take different pieces")
			}
		}
	}
	if swapped < 400 || swapped > 600 {
		t.Errorf("in %d of 1000 blocks the later launch is side A", swapped)
	}
	if job := r.resample(random, 33, []string{"a"}); len(job[0].base) != 33 || len(job[0].new) != 33 {
		t.Errorf("asked for 33 blocks, got %d and %d", len(job[0].base), len(job[0].new))
	}
}

// Without noise, what is found is the threshold.
func TestFound(t *testing.T) {
	quiet := source{draw: func(_ *rand.Rand, blocks int) []series {
		ones := slices.Repeat([]float64{1}, blocks)
		return []series{{base: ones, new: ones}}
	}}
	got, err := found(3, 10, quiet, 1)
	if err != nil || got != 0.051 { // 5 % itself is not above the threshold
		t.Errorf("the smallest slowdown found is %v, %v", got, err)
	}
	for slowdown, want := range map[float64]compare.Verdict{0: compare.Same, 0.5: compare.Slower, -0.5: compare.Faster} {
		if share, err := verdicts(3, 10, slowdown, quiet, 1, want); err != nil || share != 1 {
			t.Errorf("slowed by %v: %s in %v of the tries, %v", slowdown, want, share, err)
		}
	}
}

// The shapes have the standard deviation that the tables speak of, but for that
// of heavy tails, which samples reach slowly.
func TestShapes(t *testing.T) {
	for _, s := range shapes {
		random := rand.New(rand.NewPCG(2, 2))
		sum, squares := 0.0, 0.0
		const n = 200_000
		for range n {
			v := s.draw(random)
			sum, squares = sum+v, squares+v*v
		}
		if sd := math.Sqrt(squares/n - sum*sum/n/n); sd < 0.9 || sd > 1.1 {
			t.Errorf("%s: a standard deviation of %.3f", s.name, sd)
		}
	}
}

// A small check of what make gate-check does at length: the intervals that are
// used cover as they should.
func TestCoverage(t *testing.T) {
	for _, n := range []int{10, 20} {
		if got := coverRatio(1500, n, methods[0], shapes[0], 1); got < 0.93 || got > 0.97 {
			t.Errorf("%d launches: the interval of the ratio covers %.1f %%", n, 100*got)
		}
		if got := coverMedian(1500, n, shapes[1], 1); got < 0.94 || got > 0.99 {
			t.Errorf("%d launches: the interval of the median covers %.1f %%", n, 100*got)
		}
	}
}

func TestFalseAlarms(t *testing.T) {
	r, err := readRecorded()
	if err != nil {
		t.Fatal(err)
	}
	share, err := verdicts(1000, 10, 0, sources(r)[0], 1, compare.Slower)
	if err != nil || share > 0.01 {
		t.Errorf("A against A is called slower in %.2f %% of the jobs, %v", 100*share, err)
	}
}

func TestReplace(t *testing.T) {
	doc := "a\n<!-- gate-check: one -->\nold\n<!-- end -->\nb\n<!-- gate-check: two -->\nkept\n<!-- end -->\n"
	got, err := replace(doc, "one", "| $1 |\n")
	if want := strings.Replace(doc, "old\n", "| $1 |\n", 1); err != nil || got != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if _, err := replace(doc, "three", ""); err == nil || !strings.Contains(err.Error(), "no place for the table three") {
		t.Errorf("a table without a place: %v", err)
	}
}
