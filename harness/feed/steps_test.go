package feed

import (
	"math"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// augmented feeds one epoch of 3×4 images (examples of them, all counting from
// 1) through one step and returns the images.
func augmented(t *testing.T, text string, examples int, seed uint64) [][]float32 {
	t.Helper()
	p, err := graph.ParsePreprocess(text)
	if err != nil {
		t.Fatal(err)
	}
	m := &graph.Manifest{Inputs: []graph.Tensor{testgraph.Tensor("x", graph.Float32, 3, 4)}}
	if err := m.Add([]graph.Preprocess{p}); err != nil {
		t.Fatal(err)
	}
	values := make([]float32, 12*examples)
	for i := range values {
		values[i] = float32(i%12 + 1)
	}
	set := setOf(examples, data("x", graph.Float32, []int{3, 4}, values))
	f := feederOf(t, set, m, Options{Batch: 7, Seed: seed})
	var out [][]float32
	f.Start(0)
	for b := must(f.Next()); b != nil; b = must(f.Next()) {
		for k := range b.Examples {
			out = append(out, slices.Clone(view[float32](b.Slots[0].Bytes)[12*k:12*k+12]))
		}
	}
	return out
}

func TestFlip(t *testing.T) {
	plain, mirrored := 0, 0
	for _, x := range augmented(t, "x:flip", 200, 1) {
		switch {
		case slices.Equal(x, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}):
			plain++
		case slices.Equal(x, []float32{4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9}):
			mirrored++
		default:
			t.Fatalf("an image became %v", x)
		}
	}
	// 200 fair coins lie outside 60–140 once in 10^8.
	if plain < 60 || mirrored < 60 {
		t.Errorf("%d plain, %d mirrored", plain, mirrored)
	}
}

func TestShift(t *testing.T) {
	seen := map[[2]int]int{}
	for _, x := range augmented(t, "x:shift=2", 500, 1) {
		found := false
		for down := -2; down <= 2; down++ {
			for right := -2; right <= 2; right++ {
				if slices.Equal(x, shifted(down, right)) {
					found = true
					seen[[2]int{down, right}]++
				}
			}
		}
		if !found {
			t.Fatalf("an image became %v", x)
		}
	}
	if len(seen) != 25 {
		t.Errorf("%d of 25 shifts were seen", len(seen))
	}
}

func shifted(down, right int) []float32 {
	out := make([]float32, 12)
	for y := range 3 {
		for x := range 4 {
			if fy, fx := y-down, x-right; fy >= 0 && fy < 3 && fx >= 0 && fx < 4 {
				out[4*y+x] = float32(4*fy + fx + 1)
			}
		}
	}
	return out
}

func TestBrightness(t *testing.T) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, x := range augmented(t, "x:brightness=0.5", 300, 1) {
		add := float64(x[0] - 1)
		for i, v := range x {
			if math.Abs(float64(v)-float64(i+1)-add) > 1e-6 {
				t.Fatalf("one image got different amounts: %v", x)
			}
		}
		low, high = min(low, add), max(high, add)
	}
	if low < -0.5 || high > 0.5 || low > -0.4 || high < 0.4 {
		t.Errorf("amounts from %v to %v, want nearly -0.5 to 0.5", low, high)
	}
}

func TestNormalize(t *testing.T) {
	for i, v := range augmented(t, "x:normalize=2,4", 1, 1)[0] {
		if want := (float32(i+1) - 2) / 4; math.Abs(float64(v-want)) > 1e-6 {
			t.Errorf("%d became %v, want %v", i+1, v, want)
		}
	}
}

func TestSeedsDiffer(t *testing.T) {
	if slices.EqualFunc(augmented(t, "x:shift=2", 20, 1), augmented(t, "x:shift=2", 20, 2), slices.Equal) {
		t.Error("two seeds shift alike")
	}
}

func TestOneHot(t *testing.T) {
	m := &graph.Manifest{Targets: []graph.Tensor{testgraph.Tensor("y", graph.Float32, 3)}}
	if err := m.Add([]graph.Preprocess{{Op: "one_hot", Input: "y"}}); err != nil {
		t.Fatal(err)
	}
	f := feeder(t, m, 2, 3, data("y", graph.Int16, nil, []int16{2, 0, 1}))
	var got []float32
	f.Start(0)
	for b := must(f.Next()); b != nil; b = must(f.Next()) {
		got = append(got, view[float32](b.Slots[0].Bytes)...)
	}
	if want := []float32{0, 0, 1, 1, 0, 0, 0, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	set := setOf(1, data("y", graph.Int16, nil, []int16{3}))
	if err := set.Fit(m); err == nil {
		t.Error("a label beyond the classes fits")
	}
}

// Whatever else is asked for of a one-hot target is done to the vector.
func TestOneHotAndScale(t *testing.T) {
	one, scale := graph.Preprocess{Op: "one_hot", Input: "y"}, graph.Preprocess{Op: "scale", Input: "y", Factor: 0.5}
	for _, steps := range [][]graph.Preprocess{{one, scale}, {scale, one}} {
		m := &graph.Manifest{Targets: []graph.Tensor{testgraph.Tensor("y", graph.Float32, 3)}, Preprocess: steps}
		f := feeder(t, m, 1, 1, data("y", graph.Uint8, nil, []uint8{2}))
		f.Start(0)
		if got, want := view[float32](must(f.Next()).Slots[0].Bytes), []float32{0, 0, 0.5}; !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", steps, got, want)
		}
	}
}

func TestShuffle(t *testing.T) {
	m := &graph.Manifest{Inputs: []graph.Tensor{testgraph.Tensor("x", graph.Int32)}}
	set := setOf(100, data("x", graph.Int32, nil, count[int32](100)))
	f := feederOf(t, set, m, Options{Batch: 30, Shuffle: true, Seed: 3})
	orders := map[string]bool{}
	for epoch := range 5 {
		var order []int32
		f.Start(epoch)
		for b := must(f.Next()); b != nil; b = must(f.Next()) {
			order = append(order, view[int32](b.Slots[0].Bytes)...)
		}
		orders[string(bytesOf(order))] = true
		slices.Sort(order)
		if !slices.Equal(order, count[int32](100)) {
			t.Fatalf("epoch %d is not every example once: %v", epoch, order)
		}
	}
	if len(orders) != 5 {
		t.Errorf("5 epochs had %d orders", len(orders))
	}
}

func TestPadTo(t *testing.T) {
	tokens := ragged(data("x", graph.Int32, nil, count[int32](12)), 0, 1, 4, 6, 7, 10, 12) // 1 3 2 1 3 2
	set := setOf(6, tokens)
	for _, c := range []struct {
		o      Options
		shapes []int // lengths
		varies bool
	}{
		{Options{Batch: 1}, []int{1, 3, 2}, true},
		{Options{Batch: 1, PadTo: 2}, []int{2, 4}, true},
		{Options{Batch: 1, PadTo: 4}, []int{4}, false},
		{Options{Batch: 6, Shuffle: true}, []int{1, 2, 3}, true},
		{Options{Batch: 3, PadTo: 8, Shuffle: true}, []int{8}, false},
	} {
		f := feederOf(t, set, sequences(0, graph.Int32), c.o)
		var got []int
		for _, s := range f.Shapes() {
			got = append(got, s.Lengths[0])
			if b := must(f.Prepare(s)); b.Slots[0].Shape[1] != int64(s.Lengths[0]) || b.Slots[0].Shape[0] != int64(s.Examples) {
				t.Errorf("%+v: prepared %v, want %v", c.o, b.Slots[0].Shape, s)
			}
		}
		if all := f.FirstShapes(true); len(all) != len(got) {
			t.Errorf("%+v: a compiled graph gets %v first, want all shapes", c.o, all)
		}
		if few := f.FirstShapes(false); c.o.Shuffle && (len(few) != 1 || few[0].Lengths[0] != slices.Max(c.shapes)) {
			t.Errorf("%+v: first shapes %v, want the longest alone", c.o, few)
		}
		if !slices.Equal(got, c.shapes) || f.Varies() != c.varies {
			t.Errorf("%+v: lengths %v, varies %v; want %v, %v", c.o, got, f.Varies(), c.shapes, c.varies)
		}
	}
}

// Padding to a multiple is refused where nothing would be padded so.
func TestPadToWithoutSequences(t *testing.T) {
	dense := data("x", graph.Int32, []int{2}, count[int32](12))
	tokens := ragged(data("x", graph.Int32, nil, count[int32](12)), 0, 1, 4, 6, 7, 10, 12)
	for name, c := range map[string]struct {
		column dataset.Column
		length int64
	}{"data of one length": {dense, 0}, "a graph of one length": {tokens, 4}} {
		set := setOf(6, c.column)
		_, err := New(set, sequences(c.length, graph.Int32), Options{Batch: 2, PadTo: 8}, ticks())
		if err == nil || !strings.Contains(err.Error(), "nothing is padded to a multiple of 8") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
