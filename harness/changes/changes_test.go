package changes

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// wave is a series that swings by 2 % around levels, each for some values.
func wave(parts ...float64) []float64 {
	r := rand.New(rand.NewPCG(1, 1))
	var out []float64
	for i := 0; i < len(parts); i += 2 {
		for range int(parts[i+1]) {
			out = append(out, parts[i]*math.Exp(0.02*r.NormFloat64()))
		}
	}
	return out
}

func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		values []float64
		at     []int
		within int // values after the change that it is named by
	}{
		"empty":             {nil, nil, 0},
		"short":             {wave(1, 9), nil, 0},
		"quiet":             {wave(1, 120), nil, 0},
		"all equal":         {slices.Repeat([]float64{0.5}, 50), nil, 0},
		"slower":            {wave(1, 40, 1.1, 40), []int{40}, 2},
		"faster":            {wave(1, 40, 0.9, 40), []int{40}, 2},
		"up and down":       {wave(1, 40, 1.2, 40, 1, 40), []int{40, 80}, 2},
		"one outlier":       {wave(1, 40, 2, 1, 1, 40), nil, 0},
		"equal, then other": {append(slices.Repeat([]float64{1}, 20), slices.Repeat([]float64{1.1}, 20)...), []int{20}, 2},
	} {
		got := Find(c.values, Options{})
		if len(got) != len(c.at) {
			t.Errorf("%s: found %+v, want changes at %v", name, got, c.at)
			continue
		}
		for i, g := range got {
			if d := g.Index - c.at[i]; d < -1 || d > 1 || g.Named > c.at[i]+c.within {
				t.Errorf("%s: found %+v, want it at %d and named soon", name, g, c.at[i])
			}
		}
	}
}

func TestLevels(t *testing.T) {
	got := Find(wave(1, 40, 1.2, 40, 0.9, 40), Options{})
	if len(got) != 2 {
		t.Fatalf("found %+v", got)
	}
	for i, want := range [][2]float64{{1, 1.2}, {1.2, 0.9}} {
		if math.Abs(got[i].Before/want[0]-1) > 0.02 || math.Abs(got[i].After/want[1]-1) > 0.02 {
			t.Errorf("change %d from %v to %v, want %v", i, got[i].Before, got[i].After, want)
		}
	}
}

// TestNamesStay: what is named on one night is named on every later one.
func TestNamesStay(t *testing.T) {
	values := wave(1, 40, 1.1, 30, 1.2, 30)
	var before []Change
	for n := range len(values) + 1 {
		got := Find(values[:n], Options{})
		for i, old := range before {
			if i >= len(got) || got[i].Index != old.Index || got[i].Named != old.Named {
				t.Fatalf("after %d values %+v, and before that %+v", n, got, before)
			}
		}
		before = got
	}
	if len(before) == 0 {
		t.Error("nothing was found at all")
	}
}

func TestEDivisive(t *testing.T) {
	got := EDivisive(wave(1, 40, 1.1, 40, 1, 40), 0.01, 199, 1)
	if !slices.Equal(got, []int{40, 80}) {
		t.Errorf("cut at %v", got)
	}
	if got := EDivisive(wave(1, 80), 0.01, 199, 1); len(got) > 0 {
		t.Errorf("a quiet series was cut at %v", got)
	}
	if got := EDivisive(wave(1, 4), 0.01, 199, 1); len(got) > 0 {
		t.Errorf("a short series was cut at %v", got)
	}
}

// FuzzFind: any positive values are taken; changes are in order and inside.
func FuzzFind(f *testing.F) {
	f.Add([]byte{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 200, 200, 200, 200, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9, 9, 9})
	f.Add([]byte{0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255})
	f.Fuzz(func(t *testing.T, raw []byte) {
		values := make([]float64, len(raw))
		for i, b := range raw {
			values[i] = math.Exp(float64(b) - 128)
		}
		last := 0
		for _, c := range Find(values, Options{}) {
			if c.Index <= last || c.Named < c.Index || c.Named >= len(values) || !(c.Before > 0) || !(c.After > 0) {
				t.Fatalf("change %+v after %d in %v", c, last, values)
			}
			last = c.Index
		}
	})
}
