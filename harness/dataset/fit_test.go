package dataset

import (
	"encoding/binary"
	"math"
	"testing"

	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// column makes a column of values, one shape for every example.
func column(t *testing.T, d graph.DType, shape []int, values any) Column {
	t.Helper()
	body, err := binary.Append(nil, binary.LittleEndian, values)
	if err != nil {
		t.Fatal(err)
	}
	data := graph.Allocate(len(body))
	copy(data, body)
	return Column{name: "x", dtype: d, shape: shape, data: data}
}

func ragged(c Column, offsets ...int) Column {
	c.offsets = offsets
	return c
}

func set(examples int, columns ...Column) *Set {
	s := &Set{source: "data.npz", examples: examples}
	for _, c := range columns {
		c.examples = examples
		s.columns = append(s.columns, &c)
	}
	return s
}

// one is a graph with the input x, padded or not.
func one(x graph.Tensor, pad bool) *graph.Manifest {
	m := &graph.Manifest{Name: "g", Inputs: []graph.Tensor{x}}
	if pad {
		m.Preprocess = []graph.Preprocess{{Op: "scale", Input: "x"}, {Op: "pad", Input: "x"}}
	}
	return m
}

func TestFitShapes(t *testing.T) {
	for _, c := range []struct {
		have []int
		want []int64 // 0 is free
		fits bool
		says string
	}{
		{nil, nil, true, ""},
		{[]int{1}, nil, true, ""},
		{nil, []int64{1}, true, ""},
		{nil, []int64{1, 1}, true, ""},
		{[]int{8, 8}, []int64{8, 8, 1}, true, ""},
		{[]int{8, 8, 1}, []int64{8, 8}, true, ""},
		{[]int{8, 8, 1}, []int64{8, 8, 1}, true, ""},
		{[]int{8, 8, 1}, []int64{0, 0, 1}, true, ""},
		{[]int{1}, []int64{0}, true, ""},
		{[]int{5, 1}, []int64{0, 0}, true, ""},
		{[]int{5, 1, 1}, []int64{5, 0}, true, ""},
		{nil, []int64{0}, false, "has the shape (), the graph takes one dimension of any length"},
		{[]int{5}, []int64{5, 0}, false, "has the shape 5, the graph takes 5×any"},
		{[]int{8}, []int64{8, 8}, false, "has the shape 8, the graph takes 8×8"},
		{[]int{8, 8}, []int64{8}, false, "has the shape 8×8, the graph takes 8"},
		{[]int{8, 8}, nil, false, "has the shape 8×8, the graph takes ()"},
		{[]int{1, 8}, []int64{8, 1}, false, "has the shape 1×8, the graph takes 8×1"},
		{[]int{28, 28}, []int64{8, 8, 1}, false, "has the shape 28×28, the graph takes 8×8×1"},
		{[]int{8, 8}, []int64{0}, false, "has the shape 8×8, the graph takes one dimension of any length"},
		{[]int{0}, []int64{0}, false, "has the shape 0, the graph takes one dimension of any length"},
	} {
		values := make([]float32, 2*graph.Count(c.have))
		err := set(2, column(t, graph.Float32, c.have, values)).Fit(one(testgraph.Tensor("x", graph.Float32, c.want...), false))
		if c.fits && err != nil {
			t.Errorf("%v into %v: %v", c.have, c.want, err)
		}
		if !c.fits {
			wantError(t, err, ErrUnfit, "graph g, data.npz: an example of x", c.says)
		}
	}
}

func TestFitRagged(t *testing.T) {
	tokens := column(t, graph.Int32, nil, []int32{1, 2, 3, 4, 5, 6})
	pairs := column(t, graph.Int32, []int{2}, []int32{1, 2, 3, 4, 5, 6})
	for _, c := range []struct {
		name string
		set  *Set
		m    *graph.Manifest
		says string
	}{
		{"free", set(3, ragged(tokens, 0, 1, 4, 6)), one(testgraph.Tensor("x", graph.Int32, 0), true), ""},
		{"fixed", set(3, ragged(tokens, 0, 1, 4, 6)), one(testgraph.Tensor("x", graph.Int32, 3), true), ""},
		{"pairs", set(2, ragged(pairs, 0, 1, 3)), one(testgraph.Tensor("x", graph.Int32, 0, 2), true), ""},
		{"not padded", set(3, ragged(tokens, 0, 1, 4, 6)), one(testgraph.Tensor("x", graph.Int32, 0), false), "takes one dimension of any length and does not pad it"},
		{"no sequence", set(3, ragged(tokens, 0, 1, 4, 6)), one(testgraph.Tensor("x", graph.Int32), true), "sequences of different length, the graph takes ()"},
		{"other rows", set(2, ragged(pairs, 0, 1, 3)), one(testgraph.Tensor("x", graph.Int32, 0, 3), true), "the graph takes any×3"},
		{"too long", set(3, ragged(tokens, 0, 1, 4, 6)), one(testgraph.Tensor("x", graph.Int32, 2), true), "a sequence of length 3 at example 1, the graph takes 2 at most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.set.Fit(c.m)
			if c.says == "" && err != nil {
				t.Error(err)
			}
			if c.says != "" {
				wantError(t, err, ErrUnfit, c.says)
			}
		})
	}
}

func TestFitMissingColumn(t *testing.T) {
	err := set(1, column(t, graph.Float32, nil, []float32{1})).Fit(one(testgraph.Tensor("y", graph.Float32), false))
	wantError(t, err, ErrUnfit, "data.npz has nothing for y")
	wantError(t, set(0).Fit(one(testgraph.Tensor("y", graph.Float32), false)), ErrUnfit, "data.npz holds no examples")
}

func TestFitTypes(t *testing.T) {
	all := []graph.DType{
		graph.Float16, graph.Float32, graph.Float64, graph.Int8, graph.Int16, graph.Int32, graph.Int64,
		graph.Uint8, graph.Uint16, graph.Uint32, graph.Uint64, graph.Bool, graph.BFloat16,
	}
	for _, from := range all {
		for _, to := range all {
			s := set(1, Column{name: "x", dtype: from, data: graph.Allocate(from.Size())})
			err := s.Fit(one(testgraph.Tensor("x", to), false))
			copied := from == graph.BFloat16 || to == graph.BFloat16
			if fits := from == to || !copied; fits && err != nil {
				t.Errorf("%s into %s: %v", from, to, err)
			} else if !fits {
				wantError(t, err, ErrUnfit, "x is "+string(from), "give it as "+string(to))
			}
		}
	}
}

// TestFitTypesNumPyLacks checks types that only other ways of feeding may know.
func TestFitTypesNumPyLacks(t *testing.T) {
	for _, to := range []graph.DType{"bfloat16", "string"} {
		for _, from := range []graph.DType{graph.Float16, graph.Float32, graph.Int32, graph.Bool} {
			s := set(1, Column{name: "x", dtype: from, data: graph.Allocate(from.Size())})
			wantError(t, s.Fit(one(testgraph.Tensor("x", to), false)), ErrUnfit, "the graph takes "+string(to))
		}
		_, err := Synthetic(manifest([]graph.Tensor{testgraph.Tensor("x", to)}, `{"generator":"integers","low":0,"high":2}`), 1, 1)
		wantError(t, err, ErrUnfit, "no synthetic data of type "+string(to))
	}
}

func TestFitFinite(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(-1)
	double := testgraph.Tensor("x", graph.Float64, 2)
	single := testgraph.Tensor("x", graph.Float32, 2)
	half := testgraph.Tensor("x", graph.Float16, 2)
	for _, c := range []struct {
		x    graph.Tensor
		c    Column
		says string
	}{
		{double, column(t, graph.Float64, []int{2}, []float64{0, 1, 2, 3, nan, 5}), "x has the value NaN at example 2"},
		{double, column(t, graph.Float64, []int{2}, []float64{0, 1, 2, inf, nan, 5}), "the value -Inf at example 1"},
		{double, column(t, graph.Float64, []int{2}, []float64{0, 1, 2, 1e300, 4, 5}), ""},
		{single, column(t, graph.Float64, []int{2}, []float64{0, 1, 2, 1e300, 4, 5}), "the value 1e+300 at example 1, the graph takes finite float32"},
		{single, column(t, graph.Float64, []int{2}, []float64{0, 1e-300, 2, math.MaxFloat32, 4, 5}), ""},
		{single, column(t, graph.Float32, []int{2}, []float32{0, 1, 2, 3, 4, float32(nan)}), "the value NaN at example 2"},
		{double, column(t, graph.Float32, []int{2}, []float32{float32(inf), 1, 2, 3, 4, 5}), "the value -Inf at example 0"},
		{half, column(t, graph.Float16, []int{2}, []uint16{0, 0x7bff, 0, 0, 0x7c00, 0}), "at example 2"},
		{half, column(t, graph.Float16, []int{2}, []uint16{0, 0x7bff, 0xfe00, 0, 0, 0}), "at example 1"},
		{half, column(t, graph.Float16, []int{2}, []uint16{0, 0x7bff, 0x83ff, 0, 0, 0}), ""},
	} {
		err := set(3, c.c).Fit(one(c.x, false))
		if c.says == "" && err != nil {
			t.Error(err)
		}
		if c.says != "" {
			wantError(t, err, ErrUnfit, c.says)
		}
	}
}

// A target whose loss leaves missing values out may hold NaN, and nothing else
// that is not finite.
func TestFitMissing(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(-1)
	for _, c := range []struct {
		to   graph.DType
		c    Column
		says string
	}{
		{graph.Float32, column(t, graph.Float32, []int{2}, []float32{0, float32(nan), 2, 3, 4, 5}), ""},
		{graph.Float32, column(t, graph.Float64, []int{2}, []float64{0, nan, 2, 3, 4, 5}), ""},
		{graph.Float64, column(t, graph.Float64, []int{2}, []float64{0, nan, 2, 3, inf, 5}), "x has the value -Inf at example 2"},
		{graph.Float32, column(t, graph.Float64, []int{2}, []float64{nan, 1, 1e300, 3, 4, 5}), "the value 1e+300 at example 1"},
		{graph.Float16, column(t, graph.Float16, []int{2}, []uint16{0xfe00, 0, 0, 0, 0, 0}), ""},
		{graph.Float16, column(t, graph.Float16, []int{2}, []uint16{0xfe00, 0, 0, 0, 0xfc00, 0}), "at example 2"},
	} {
		x := testgraph.Tensor("x", c.to, 2)
		x.NaN = true
		err := set(3, c.c).Fit(&graph.Manifest{Name: "g", Targets: []graph.Tensor{x}})
		if c.says == "" && err != nil {
			t.Errorf("%s as %s: %v", c.c.dtype, c.to, err)
		}
		if c.says != "" {
			wantError(t, err, ErrUnfit, c.says)
		}
	}
}

func TestFitFiniteRagged(t *testing.T) {
	c := column(t, graph.Float32, []int{2}, []float32{0, 1, 2, 3, 4, 5, float32(math.NaN()), 7})
	err := set(2, ragged(c, 0, 1, 4)).Fit(one(testgraph.Tensor("x", graph.Float32, 0, 2), true))
	wantError(t, err, ErrUnfit, "NaN at example 1")
	err = set(2, ragged(c, 0, 3, 4)).Fit(one(testgraph.Tensor("x", graph.Float32, 0, 2), true))
	wantError(t, err, ErrUnfit, "NaN at example 1")
	err = set(3, ragged(c, 0, 1, 3, 4)).Fit(one(testgraph.Tensor("x", graph.Float32, 0, 2), true))
	wantError(t, err, ErrUnfit, "NaN at example 2")
}

func TestFitRange(t *testing.T) {
	labels := testgraph.Tensor("x", graph.Int32)
	labels.Categories = 10
	for _, c := range []struct {
		x    graph.Tensor
		c    Column
		says string
	}{
		{labels, column(t, graph.Int64, nil, []int64{0, 9, 5}), ""},
		{labels, column(t, graph.Int64, nil, []int64{0, 9, 10}), "x has the value 10 at example 2, the graph knows 0 to 9"},
		{labels, column(t, graph.Int8, nil, []int8{0, -1, 10}), "the value -1 at example 1, the graph knows 0 to 9"},
		{labels, column(t, graph.Int16, nil, []int16{-300, 0, 0}), "the value -300 at example 0"},
		{labels, column(t, graph.Int32, nil, []int32{0, 0, 10}), "the value 10 at example 2"},
		{labels, column(t, graph.Uint8, nil, []uint8{0, 255, 0}), "the value 255 at example 1"},
		{labels, column(t, graph.Uint16, nil, []uint16{0, 10, 0}), "the value 10 at example 1"},
		{labels, column(t, graph.Uint32, nil, []uint32{0, 10, 0}), "the value 10 at example 1"},
		{labels, column(t, graph.Uint64, nil, []uint64{0, 1 << 63, 0}), "the value 9223372036854775808 at example 1"},
		{testgraph.Tensor("x", graph.Int8), column(t, graph.Int64, nil, []int64{-128, 127, 0}), ""},
		{testgraph.Tensor("x", graph.Int8), column(t, graph.Int64, nil, []int64{-128, 128, 0}), "the value 128 at example 1, which does not fit int8"},
		{testgraph.Tensor("x", graph.Int8), column(t, graph.Int64, nil, []int64{-129, 0, 0}), "the value -129 at example 0"},
		{testgraph.Tensor("x", graph.Int64), column(t, graph.Uint64, nil, []uint64{1<<63 - 1, 0, 0}), ""},
		{testgraph.Tensor("x", graph.Int64), column(t, graph.Uint64, nil, []uint64{1 << 63, 0, 0}), "does not fit int64"},
		{testgraph.Tensor("x", graph.Uint32), column(t, graph.Int64, nil, []int64{1<<32 - 1, 0, 0}), ""},
		{testgraph.Tensor("x", graph.Uint32), column(t, graph.Int64, nil, []int64{1 << 32, 0, 0}), "does not fit uint32"},
		{testgraph.Tensor("x", graph.Uint64), column(t, graph.Int8, nil, []int8{0, 0, -1}), "the value -1 at example 2, which does not fit uint64"},
		{testgraph.Tensor("x", graph.Uint64), column(t, graph.Uint64, nil, []uint64{math.MaxUint64, 0, 0}), ""},
		{testgraph.Tensor("x", graph.Bool), column(t, graph.Uint8, nil, []uint8{0, 1, 2}), "the value 2 at example 2, which does not fit bool"},
		{testgraph.Tensor("x", graph.Bool), column(t, graph.Bool, nil, []uint8{0, 1, 2}), "does not fit bool"},
		{testgraph.Tensor("x", graph.Float32), column(t, graph.Int64, nil, []int64{math.MinInt64, math.MaxInt64, 0}), ""},
		{testgraph.Tensor("x", graph.Float32), column(t, graph.Uint64, nil, []uint64{math.MaxUint64, 0, 0}), ""},
	} {
		err := set(3, c.c).Fit(one(c.x, false))
		if c.says == "" && err != nil {
			t.Error(err)
		}
		if c.says != "" {
			wantError(t, err, ErrUnfit, c.says)
		}
	}
}

// TestFitTakenOnly checks that examples left out by Take are not looked at.
func TestFitTakenOnly(t *testing.T) {
	labels := testgraph.Tensor("x", graph.Int32)
	labels.Categories = 3
	s := set(3, column(t, graph.Int32, nil, []int32{0, 2, 3}))
	if err := s.Take(2); err != nil {
		t.Fatal(err)
	}
	if err := s.Fit(one(labels, false)); err != nil {
		t.Error(err)
	}
}
