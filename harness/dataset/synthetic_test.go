package dataset

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

var update = flag.Bool("update", false, "write testdata/synthetic.txt anew")

func synthetic(t *testing.T, m *graph.Manifest, samples int, seed uint64) *Set {
	t.Helper()
	s, err := Synthetic(m, samples, seed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// text is a column's values, whatever their type.
func text(c *Column) string {
	switch c.dtype {
	case graph.Float32:
		return fmt.Sprint(graph.View[float32](c.data))
	case graph.Float64:
		return fmt.Sprint(graph.View[float64](c.data))
	case graph.Int8:
		return fmt.Sprint(graph.View[int8](c.data))
	case graph.Int16:
		return fmt.Sprint(graph.View[int16](c.data))
	case graph.Int32:
		return fmt.Sprint(graph.View[int32](c.data))
	case graph.Int64:
		return fmt.Sprint(graph.View[int64](c.data))
	case graph.Uint8, graph.Bool:
		return fmt.Sprint(graph.View[uint8](c.data))
	case graph.Uint16:
		return fmt.Sprint(graph.View[uint16](c.data))
	case graph.Uint32:
		return fmt.Sprint(graph.View[uint32](c.data))
	}
	return fmt.Sprint(graph.View[uint64](c.data))
}

// TestSyntheticGolden fixes the streams: the same seed must give the same data
// with every Go release and on every processor.
func TestSyntheticGolden(t *testing.T) {
	var out strings.Builder
	for _, seed := range []uint64{1, 2, math.MaxUint64} {
		m := manifest([]graph.Tensor{
			testgraph.Tensor("x", graph.Float32, 1), testgraph.Tensor("y", graph.Float32, 1), testgraph.Tensor("d", graph.Float64), testgraph.Tensor("u", graph.Float32, 2),
			testgraph.Tensor("i", graph.Int32), testgraph.Tensor("b", graph.Bool), testgraph.Tensor("t", graph.Int64, 0), testgraph.Tensor("n", graph.Int8),
		},
			`{"generator":"normal","mean":0,"stddev":1}`, `{"generator":"linear","of":"x","slope":2,"noise":0.1}`,
			`{"generator":"normal","mean":-3,"stddev":0.5}`, `{"generator":"uniform","low":-1,"high":1}`,
			`{"generator":"integers","low":0,"high":10}`, `{"generator":"integers","low":0,"high":2}`,
			`{"generator":"integers","low":0,"high":20,"lengths":[1,3]}`, `{"generator":"integers","low":-128,"high":128}`)
		s := synthetic(t, m, 4, seed)
		for i := range s.columns {
			c := s.columns[i]
			fmt.Fprintln(&out, "seed", seed, c.name, c.dtype, text(c))
			if c.Ragged() {
				fmt.Fprintln(&out, "     offsets", c.offsets)
			}
		}
	}
	const path = "testdata/synthetic.txt"
	if *update {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the data of a seed changed: records made with it can no longer be compared\ngot\n%s\nwant\n%s", out.String(), want)
	}
}

func TestSyntheticColumnsAreIndependent(t *testing.T) {
	x, y := testgraph.Tensor("x", graph.Float32, 3), testgraph.Tensor("y", graph.Int32)
	const normal, labels = `{"generator":"normal","stddev":1}`, `{"generator":"integers","low":0,"high":1000000}`
	both := synthetic(t, manifest([]graph.Tensor{x, y}, normal, labels), 50, 7)
	alone := synthetic(t, manifest([]graph.Tensor{y}, labels), 50, 7)
	if !bytes.Equal(both.Column("y").data, alone.Column("y").data) {
		t.Error("y depends on x being there")
	}
	longer := synthetic(t, manifest([]graph.Tensor{y}, labels), 60, 7)
	if !bytes.Equal(longer.Column("y").Rows(0, 50), alone.Column("y").data) {
		t.Error("the first examples depend on how many there are")
	}
	twin := testgraph.Tensor("z", graph.Int32)
	twins := synthetic(t, manifest([]graph.Tensor{y, twin}, labels, labels), 50, 7)
	if bytes.Equal(twins.Column("y").data, twins.Column("z").data) {
		t.Error("two columns of one recipe are the same")
	}
	other := synthetic(t, manifest([]graph.Tensor{y}, labels), 50, 8)
	if bytes.Equal(other.Column("y").data, alone.Column("y").data) {
		t.Error("two seeds give the same data")
	}
}

func TestSyntheticMoments(t *testing.T) {
	const n = 20_000
	m := manifest([]graph.Tensor{testgraph.Tensor("n", graph.Float64), testgraph.Tensor("u", graph.Float32), testgraph.Tensor("i", graph.Int32)},
		`{"generator":"normal","mean":5,"stddev":2}`, `{"generator":"uniform","low":2,"high":4}`, `{"generator":"integers","low":-1,"high":2}`)
	s := synthetic(t, m, n, 3)
	var sum, squares float64
	for _, v := range graph.View[float64](s.Column("n").data) {
		sum, squares = sum+v, squares+v*v
	}
	mean := sum / n
	if deviation := math.Sqrt(squares/n - mean*mean); math.Abs(mean-5) > 0.1 || math.Abs(deviation-2) > 0.1 {
		t.Errorf("mean %g, standard deviation %g; want 5 and 2", mean, deviation)
	}
	low, high := 4.0, 2.0
	for _, v := range graph.View[float32](s.Column("u").data) {
		low, high = min(low, float64(v)), max(high, float64(v))
	}
	if low < 2 || low > 2.01 || high >= 4 || high < 3.99 {
		t.Errorf("uniform values from %g to %g, want 2 ≤ v < 4", low, high)
	}
	counts := map[int32]int{}
	for _, v := range graph.View[int32](s.Column("i").data) {
		counts[v]++
	}
	if len(counts) != 3 || min(counts[-1], counts[0], counts[1]) < n/4 {
		t.Errorf("whole numbers come as often as %v, want -1, 0 and 1 a third each", counts)
	}
}

// TestSyntheticUniformStaysBelow draws where rounding to float32 often reaches
// the bound.
func TestSyntheticUniformStaysBelow(t *testing.T) {
	m := manifest([]graph.Tensor{testgraph.Tensor("x", graph.Float32)}, `{"generator":"uniform","low":16777214,"high":16777216}`)
	for i, v := range graph.View[float32](synthetic(t, m, 1000, 1).columns[0].data) {
		if v < 16777214 || v >= 16777216 {
			t.Fatalf("value %d is %f", i, v)
		}
	}
}

func TestSyntheticLinear(t *testing.T) {
	tensors := []graph.Tensor{testgraph.Tensor("x", graph.Float32, 2), testgraph.Tensor("y", graph.Float32, 2)}
	const x = `{"generator":"uniform","low":-1,"high":1}`
	exact := synthetic(t, manifest(tensors, x, `{"generator":"linear","of":"x","slope":-3}`), 100, 1)
	y := graph.View[float32](exact.Column("y").data)
	for i, v := range graph.View[float32](exact.Column("x").data) {
		if want := float32(-3 * float64(v)); y[i] != want {
			t.Fatalf("y[%d] = %g, want %g", i, y[i], want)
		}
	}
	noisy := synthetic(t, manifest(tensors, x, `{"generator":"linear","of":"x","slope":-3,"noise":0.1}`), 5000, 1)
	y = graph.View[float32](noisy.Column("y").data)
	var squares float64
	for i, v := range graph.View[float32](noisy.Column("x").data) {
		squares += math.Pow(float64(y[i])+3*float64(v), 2)
	}
	if deviation := math.Sqrt(squares / float64(len(y))); math.Abs(deviation-0.1) > 0.005 {
		t.Errorf("the noise deviates by %g, want 0.1", deviation)
	}
}

func TestSyntheticLengths(t *testing.T) {
	m := manifest([]graph.Tensor{testgraph.Tensor("x", graph.Int32, 0, 2)}, `{"generator":"integers","low":1,"high":9,"lengths":[2,5]}`)
	c := synthetic(t, m, 500, 1).columns[0]
	seen := map[int]int{}
	for i := range 500 {
		seen[c.Length(i)]++
	}
	if len(seen) != 4 || seen[2] == 0 || seen[5] == 0 {
		t.Errorf("the lengths come as often as %v, want 2 to 5", seen)
	}
	if len(c.data) != c.offsets[500]*8 || len(c.offsets) != 501 || c.offsets[0] != 0 {
		t.Errorf("%d bytes for %d rows", len(c.data), c.offsets[500])
	}
	fixed := manifest([]graph.Tensor{testgraph.Tensor("x", graph.Int32, 7)}, `{"generator":"integers","low":1,"high":9,"lengths":[7,7]}`)
	if c := synthetic(t, fixed, 3, 1).columns[0]; c.Length(2) != 7 || len(c.data) != 3*7*4 {
		t.Errorf("length %d, %d bytes; want 7 each", c.Length(2), len(c.data))
	}
}

// A label for every token is drawn for sequences of the tokens' own lengths.
func TestSyntheticSameLengths(t *testing.T) {
	const tokens = `{"generator":"integers","low":1,"high":9,"lengths":[2,50]}`
	labels := func(lengths, of string) string {
		return `{"generator":"integers","low":0,"high":5,"lengths":` + lengths + `,"lengths_of":"` + of + `"}`
	}
	tensors := []graph.Tensor{testgraph.Tensor("x", graph.Int32, 0), testgraph.Tensor("y", graph.Int32, 0)}
	s := synthetic(t, manifest(tensors, tokens, labels("[2,50]", "x")), 100, 1)
	x, y := s.columns[0], s.columns[1]
	if !slices.Equal(x.offsets, y.offsets) || x.Length(0) == x.Length(1) && x.Length(1) == x.Length(2) {
		t.Errorf("sequences begin at %v and %v", x.offsets, y.offsets)
	}
	for _, of := range []string{labels("[2,49]", "x"), labels("[2,50]", "z")} {
		_, err := Synthetic(manifest(tensors, tokens, of), 3, 1)
		wantError(t, err, graph.ErrDamaged, "y is said to be as long as")
	}
}

func TestSyntheticRefuses(t *testing.T) {
	f := func(shape ...int64) graph.Tensor { return testgraph.Tensor("x", graph.Float32, shape...) }
	i := func(d graph.DType, shape ...int64) graph.Tensor { return testgraph.Tensor("x", d, shape...) }
	few := i(graph.Int32)
	few.Categories = 10
	for _, c := range []struct {
		tensor  graph.Tensor
		recipe  string
		samples int
		kind    error
		says    string
	}{
		{f(), `{"generator":"poisson"}`, 1, graph.ErrDamaged, `data recipe of x: damaged graph: unknown generator "poisson"`},
		{f(), `[]`, 1, graph.ErrDamaged, "recipe of x"},
		{f(0), `{"generator":"normal"}`, 1, graph.ErrDamaged, "gives no length for its free dimension"},
		{f(0, 0), `{"generator":"normal","lengths":[1,2]}`, 1, graph.ErrDamaged, "gives no length"},
		{f(0), `{"generator":"normal","lengths":[5,3]}`, 1, graph.ErrDamaged, "the lengths [5 3]"},
		{f(0), `{"generator":"normal","lengths":[0,3]}`, 1, graph.ErrDamaged, "the lengths [0 3]"},
		{f(0), `{"generator":"normal","lengths":[-5,3]}`, 1, graph.ErrDamaged, "the lengths [-5 3]"},
		{f(0), `{"generator":"normal","lengths":[3]}`, 1, graph.ErrDamaged, "the lengths [3]"},
		{f(), `{"generator":"normal","lengths":[3,3]}`, 1, graph.ErrDamaged, "the lengths [3 3]"},
		{f(), `{"generator":"uniform","low":1,"high":1}`, 1, graph.ErrDamaged, "no number is in 1 ≤ v < 1"},
		{few, `{"generator":"integers","low":3,"high":3}`, 1, graph.ErrDamaged, "no integer is in 3 ≤ v < 3"},
		{few, `{"generator":"integers","low":0.25,"high":0.75}`, 1, graph.ErrDamaged, "no integer"},
		{few, `{"generator":"integers","low":0,"high":11}`, 1, graph.ErrDamaged, "more than the graph takes"},
		{few, `{"generator":"integers","low":-1,"high":3}`, 1, graph.ErrDamaged, "more than the graph takes"},
		{i(graph.Uint8), `{"generator":"integers","low":0,"high":257}`, 1, graph.ErrDamaged, "more than the graph takes"},
		{i(graph.Int64), `{"generator":"integers","low":-9e18,"high":9e18}`, 1, graph.ErrDamaged, "no integer"},
		{i(graph.Int64), `{"generator":"integers","low":0,"high":1e30}`, 1, graph.ErrDamaged, "no integer"},
		{i(graph.Int32), `{"generator":"uniform","low":0,"high":9}`, 1, graph.ErrDamaged, `"uniform" makes no numbers of type int32`},
		{f(), `{"generator":"linear","of":"x"}`, 1, graph.ErrDamaged, `computed from "x"`},
		{i(graph.BFloat16), `{"generator":"normal"}`, 1, ErrUnfit, "no synthetic data of type bfloat16: give it data"},
		{f(), `{"generator":"normal"}`, 0, ErrUnfit, "0 examples"},
		{f(), `{"generator":"normal"}`, -1, ErrUnfit, "-1 examples"},
		{f(), `{"generator":"normal"}`, math.MaxInt, ErrUnfit, "ask for fewer"},
		{f(1 << 40), `{"generator":"normal"}`, 1, ErrUnfit, "more than 256 GiB of memory"},
		{f(1<<40, 1<<40), `{"generator":"normal"}`, 1, ErrUnfit, "more than 256 GiB"},
		{f(0), `{"generator":"normal","lengths":[1,9000000000000000000]}`, 10, ErrUnfit, "more than 256 GiB"},
		{f(0), `{"generator":"normal","lengths":[1,2]}`, 1 << 60, ErrUnfit, "more than 256 GiB"},
	} {
		_, err := Synthetic(manifest([]graph.Tensor{c.tensor}, c.recipe), c.samples, 1)
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%d examples of %s: %v; want %v that says %q", c.samples, c.recipe, err, c.kind, c.says)
		}
	}
}

func TestSyntheticLinearRefuses(t *testing.T) {
	const normal, linear = `{"generator":"normal"}`, `{"generator":"linear","of":"x","slope":1}`
	ragged := `{"generator":"normal","lengths":[1,2]}`
	for name, m := range map[string]*graph.Manifest{
		"wider":  manifest([]graph.Tensor{testgraph.Tensor("x", graph.Float32, 1), testgraph.Tensor("y", graph.Float32, 2)}, normal, linear),
		"less":   manifest([]graph.Tensor{testgraph.Tensor("x", graph.Float32, 2), testgraph.Tensor("y", graph.Float32, 1)}, normal, linear),
		"type":   manifest([]graph.Tensor{testgraph.Tensor("x", graph.Float64, 1), testgraph.Tensor("y", graph.Float32, 1)}, normal, linear),
		"order":  manifest([]graph.Tensor{testgraph.Tensor("y", graph.Float32, 1), testgraph.Tensor("x", graph.Float32, 1)}, linear, normal),
		"ragged": manifest([]graph.Tensor{testgraph.Tensor("x", graph.Float32, 0), testgraph.Tensor("y", graph.Float32)}, ragged, linear),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Synthetic(m, 4, 1)
			wantError(t, err, graph.ErrDamaged, "data recipe of y", `no float32 column of its shape`)
		})
	}
}

func TestSyntheticFits(t *testing.T) {
	x := testgraph.Tensor("x", graph.Int32, 0)
	x.Categories = 20
	m := manifest([]graph.Tensor{x, testgraph.Tensor("y", graph.Float32, 1)}, `{"generator":"integers","low":0,"high":20,"lengths":[1,9]}`, `{"generator":"normal","stddev":1}`)
	m.Preprocess = []graph.Preprocess{{Op: "pad", Input: "x"}}
	if err := synthetic(t, m, 100, 1).Fit(m); err != nil {
		t.Error(err)
	}
}

func TestSyntheticOneHot(t *testing.T) {
	m := manifest([]graph.Tensor{testgraph.Tensor("y", graph.Float32, 2, 5)}, `{"generator":"one_hot"}`)
	v := graph.View[float32](synthetic(t, m, 1000, 3).columns[0].data)
	counts := make([]int, 5)
	for i := 0; i < len(v); i += 5 {
		ones := 0
		for k, x := range v[i : i+5] {
			if x == 1 {
				ones++
				counts[k]++
			} else if x != 0 {
				t.Fatalf("value %v", x)
			}
		}
		if ones != 1 {
			t.Fatalf("%v at %d", v[i:i+5], i)
		}
	}
	for k, n := range counts {
		if n < 300 || n > 500 { // 400 of 2000, with a deviation of 18
			t.Errorf("class %d comes %d times", k, n)
		}
	}
	_, err := Synthetic(manifest([]graph.Tensor{testgraph.Tensor("y", graph.Float32)}, `{"generator":"one_hot"}`), 3, 1)
	wantError(t, err, graph.ErrDamaged, "y")
}

func TestSyntheticIntegersAsFloats(t *testing.T) {
	for _, d := range []graph.DType{graph.Float32, graph.Float64} {
		m := manifest([]graph.Tensor{testgraph.Tensor("y", d, 2)}, `{"generator":"integers","low":-1,"high":2}`)
		s := synthetic(t, m, 200, 1)
		if got := text(s.columns[0]); strings.Trim(got, "-01 []") != "" || !strings.Contains(got, "-1") || !strings.Contains(got, " 0") || !strings.Contains(got, " 1") {
			t.Errorf("%s: %s", d, got)
		}
		if err := s.Fit(m); err != nil {
			t.Error(err)
		}
	}
}

func TestSyntheticStringsNeedData(t *testing.T) {
	_, err := Synthetic(manifest([]graph.Tensor{testgraph.Tensor("text", graph.String)}, `{}`), 3, 1)
	wantError(t, err, ErrUnfit, "text", "give it data")
}
