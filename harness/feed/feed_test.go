package feed

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

func TestDense(t *testing.T) {
	// The manifest's order counts, not the set's.
	f := feeder(t, images(), 2, 5, data("y", graph.Int64, nil, []int64{5, 6, 7, 8, 9}), data("x", graph.Uint8, []int{2, 2}, count[uint8](20)))
	if f.Steps() != 3 || f.Examples() != 5 {
		t.Fatalf("%d steps of %d examples, want 3 of 5", f.Steps(), f.Examples())
	}
	if got, want := f.BufferBytes(), []int{2 * 4 * 4, 2 * 4}; !reflect.DeepEqual(got, want) {
		t.Errorf("the buffers take %v bytes, want %v", got, want)
	}
	f.Start(0)
	wantX := [][]float32{{0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5}, {4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5}, {8, 8.5, 9, 9.5}}
	wantY := [][]int32{{5, 6}, {7, 8}, {9}}
	for k := range 3 {
		b := must(f.Next())
		n := int64(len(wantY[k]))
		if b.Examples != int(n) {
			t.Errorf("batch %d has %d examples, want %d", k, b.Examples, n)
		}
		x, y := b.Slots[0], b.Slots[1]
		if got := view[float32](x.Bytes); !slices.Equal(got, wantX[k]) || !slices.Equal(x.Shape, []int64{n, 2, 2, 1}) {
			t.Errorf("batch %d: x is %v of the shape %v", k, got, x.Shape)
		}
		if got := view[int32](y.Bytes); !slices.Equal(got, wantY[k]) || !slices.Equal(y.Shape, []int64{n}) {
			t.Errorf("batch %d: y is %v of the shape %v", k, got, y.Shape)
		}
	}
	if b := must(f.Next()); b != nil {
		t.Errorf("after the last batch comes %+v", b)
	}
	if b := must(f.Next()); b != nil {
		t.Errorf("and then %+v", b)
	}
}

func TestFreeDimensions(t *testing.T) {
	m := &graph.Manifest{Inputs: []graph.Tensor{testgraph.Tensor("x", graph.Int32, 0, 2, 0)}}
	f := feeder(t, m, 2, 2, data("x", graph.Int32, []int{3, 2, 1}, count[int32](12)))
	f.Start(0)
	if b := must(f.Next()); !slices.Equal(b.Slots[0].Shape, []int64{2, 3, 2, 1}) || len(b.Slots[0].Bytes) != 48 {
		t.Errorf("the shape is %v, with %d bytes", b.Slots[0].Shape, len(b.Slots[0].Bytes))
	}
}

func ragged(c dataset.Column, offsets ...int) dataset.Column {
	lengths := make([]int, len(offsets)-1)
	for i := range lengths {
		lengths[i] = offsets[i+1] - offsets[i]
	}
	return dataset.Ragged(c, lengths)
}

func TestPadding(t *testing.T) {
	tokens := ragged(data("x", graph.Uint8, nil, []uint8{1, 2, 2, 3, 3, 3, 4, 5, 5}), 0, 1, 3, 6, 7, 9)
	for _, c := range []struct {
		name   string
		length int64
		batch  int
		shapes [][]int64
		want   [][]int32
	}{
		{"longest of the batch", 0, 2, [][]int64{{2, 2}, {2, 3}, {1, 2}}, [][]int32{{1, 9, 2, 2}, {3, 3, 3, 4, 9, 9}, {5, 5}}},
		{"fixed", 4, 3, [][]int64{{3, 4}, {2, 4}}, [][]int32{{1, 9, 9, 9, 2, 2, 9, 9, 3, 3, 3, 9}, {4, 9, 9, 9, 5, 5, 9, 9}}},
		{"all", 0, 5, [][]int64{{5, 3}}, [][]int32{{1, 9, 9, 2, 2, 9, 3, 3, 3, 4, 9, 9, 5, 5, 9}}},
		{"one by one", 0, 1, [][]int64{{1, 1}, {1, 2}, {1, 3}, {1, 1}, {1, 2}}, [][]int32{{1}, {2, 2}, {3, 3, 3}, {4}, {5, 5}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := feeder(t, sequences(c.length, graph.Int32), c.batch, 5, tokens)
			f.Start(0)
			for k := range c.want {
				s := must(f.Next()).Slots[0]
				if got := view[int32](s.Bytes); !slices.Equal(got, c.want[k]) || !slices.Equal(s.Shape, c.shapes[k]) {
					t.Errorf("batch %d is %v of the shape %v, want %v of %v", k, got, s.Shape, c.want[k], c.shapes[k])
				}
			}
			if must(f.Next()) != nil {
				t.Error("there are more batches")
			}
		})
	}
}

func TestPaddingOfRows(t *testing.T) {
	m := &graph.Manifest{
		Inputs:     []graph.Tensor{testgraph.Tensor("x", graph.Float32, 0, 2)},
		Preprocess: []graph.Preprocess{{Op: "pad", Input: "x", Value: -1}},
	}
	f := feeder(t, m, 2, 2, ragged(data("x", graph.Float32, []int{2}, count[float32](6)), 0, 1, 3))
	f.Start(0)
	s := must(f.Next()).Slots[0]
	if got := view[float32](s.Bytes); !slices.Equal(got, []float32{0, 1, -1, -1, 2, 3, 4, 5}) || !slices.Equal(s.Shape, []int64{2, 2, 2}) {
		t.Errorf("the batch is %v of the shape %v", got, s.Shape)
	}
}

// A target for every step of a sequence is padded as the input is.
func TestPaddingOfTargets(t *testing.T) {
	for _, c := range []struct {
		target graph.Tensor
		data   dataset.Column
		want   []float32
		shape  []int64
	}{
		{testgraph.Tensor("y", graph.Float32, 0), ragged(data("y", graph.Float32, nil, count[float32](3)), 0, 1, 3), []float32{0, 0, 1, 2}, []int64{2, 2}},
		{testgraph.Tensor("y", graph.Float32, 0, 2), ragged(data("y", graph.Float32, []int{2}, count[float32](6)), 0, 1, 3), []float32{0, 1, 0, 0, 2, 3, 4, 5}, []int64{2, 2, 2}},
		{testgraph.Tensor("y", graph.Float32, 3), ragged(data("y", graph.Float32, nil, count[float32](3)), 0, 1, 3), []float32{0, 0, 0, 1, 2, 0}, []int64{2, 3}},
	} {
		m := &graph.Manifest{
			Inputs:     []graph.Tensor{testgraph.Tensor("x", graph.Int32, 0)},
			Targets:    []graph.Tensor{c.target},
			Preprocess: []graph.Preprocess{{Op: "pad", Input: "x"}, {Op: "pad", Input: "y"}},
		}
		f := feeder(t, m, 2, 2, ragged(data("x", graph.Int32, nil, []int32{7, 8, 9}), 0, 1, 3), c.data)
		f.Start(0)
		slots := must(f.Next()).Slots
		if got := view[int32](slots[0].Bytes); !slices.Equal(got, []int32{7, 0, 8, 9}) {
			t.Errorf("x is %v", got)
		}
		if got := view[float32](slots[1].Bytes); !slices.Equal(got, c.want) || !slices.Equal(slots[1].Shape, c.shape) {
			t.Errorf("y is %v of the shape %v, want %v of %v", got, slots[1].Shape, c.want, c.shape)
		}
	}
}

// TestPaddingAndScale checks that the steps count in their order.
func TestPaddingAndScale(t *testing.T) {
	pad, scale := graph.Preprocess{Op: "pad", Input: "x", Value: 9}, graph.Preprocess{Op: "scale", Input: "x", Factor: 0.1}
	other := graph.Preprocess{Op: "scale", Input: "y", Factor: 1000}
	tenth := float32(0.1)
	for _, c := range []struct {
		steps []graph.Preprocess
		want  []float32
	}{
		{[]graph.Preprocess{pad, scale, other}, []float32{3 * tenth, 9 * tenth, 4 * tenth, 5 * tenth}},
		{[]graph.Preprocess{scale, other, pad}, []float32{3 * tenth, 9, 4 * tenth, 5 * tenth}},
		{[]graph.Preprocess{pad}, []float32{3, 9, 4, 5}},
	} {
		m := &graph.Manifest{Inputs: []graph.Tensor{testgraph.Tensor("x", graph.Float32, 0)}, Preprocess: c.steps}
		f := feeder(t, m, 2, 2, ragged(data("x", graph.Int32, nil, []int32{3, 4, 5}), 0, 1, 3))
		f.Start(0)
		if got := view[float32](must(f.Next()).Slots[0].Bytes); !slices.Equal(got, c.want) {
			t.Errorf("%+v gave %v, want %v", c.steps, got, c.want)
		}
	}
}

// What is only copied is padded with zero alone.
func TestPaddingOfCopies(t *testing.T) {
	halves := sequences(0, graph.Float16)
	halves.Preprocess[0].Value = 1
	f := feeder(t, halves, 2, 2, ragged(data("x", graph.Float16, nil, []uint16{2, 3, 4}), 0, 1, 3))
	f.Start(0)
	if got := view[uint16](must(f.Next()).Slots[0].Bytes); !slices.Equal(got, []uint16{2, 0x3c00, 3, 4}) {
		t.Errorf("the batch of float16 is %x", got)
	}
	x := ragged(data("x", graph.BFloat16, nil, []uint16{1, 2, 3}), 0, 1, 3)
	m := sequences(0, graph.BFloat16)
	if _, err := New(setOf(2, x), m, Options{Batch: 2}, ticks()); err == nil || !strings.Contains(err.Error(), "padding x") {
		t.Errorf("the error is %v, want one about padding x", err)
	}
	m.Preprocess[0].Value = 0
	f = feeder(t, m, 2, 2, x)
	f.Start(0)
	if got := view[uint16](must(f.Next()).Slots[0].Bytes); !slices.Equal(got, []uint16{1, 0, 2, 3}) {
		t.Errorf("the batch is %v", got)
	}
}

func TestBatchLargerThanTheSet(t *testing.T) {
	f := feeder(t, images(), 100, 3, data("x", graph.Uint8, []int{2, 2}, count[uint8](12)), data("y", graph.Int32, nil, count[int32](3)))
	if f.Steps() != 1 || !slices.Equal(f.BufferBytes(), []int{48, 12}) {
		t.Errorf("%d steps, buffers of %v bytes", f.Steps(), f.BufferBytes())
	}
	f.Start(0)
	if b := must(f.Next()); b.Examples != 3 || must(f.Next()) != nil {
		t.Errorf("the first batch has %d examples, or is not the last", b.Examples)
	}
}

func TestShapes(t *testing.T) {
	labels := data("y", graph.Int32, nil, count[int32](6))
	dense := func(batch int) *Feeder {
		return feeder(t, &graph.Manifest{Inputs: []graph.Tensor{testgraph.Tensor("y", graph.Int32)}}, batch, 6, labels)
	}
	tokens := ragged(data("x", graph.Int32, nil, count[int32](12)), 0, 1, 4, 6, 7, 10, 12)
	for _, c := range []struct {
		name string
		f    *Feeder
		want []Shape
	}{
		{"all the same", dense(2), []Shape{{2, []int{0}}}},
		{"last short", dense(4), []Shape{{4, []int{0}}, {2, []int{0}}}},
		{"one batch", dense(6), []Shape{{6, []int{0}}}},
		{"lengths 1 3 2 1 3 2", feeder(t, sequences(0, graph.Int32), 1, 6, tokens), []Shape{{1, []int{1}}, {1, []int{3}}, {1, []int{2}}}},
		{"lengths 3 2 3", feeder(t, sequences(0, graph.Int32), 2, 6, tokens), []Shape{{2, []int{3}}, {2, []int{2}}}},
		{"fixed length", feeder(t, sequences(5, graph.Int32), 4, 6, tokens), []Shape{{4, []int{5}}, {2, []int{5}}}},
	} {
		if got := c.f.Shapes(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: the shapes are %v, want %v", c.name, got, c.want)
		}
	}
}

// As text comes: many sequences, of many lengths. Looking at all of them again for
// every step, or length, takes minutes.
func TestShapesOfManySequences(t *testing.T) {
	const examples, lengths = 40_000, 400
	offsets := make([]int, examples+1)
	for i := range examples {
		offsets[i+1] = offsets[i] + 1 + i%lengths
	}
	x := ragged(data("x", graph.Uint8, nil, make([]uint8, offsets[examples])), offsets...)
	set := setOf(examples, x)
	f := feederOf(t, set, sequences(0, graph.Uint8), Options{Batch: 3, Shuffle: true})
	if got := len(f.Shapes()); got != 2*lengths { // of 3 examples, and of the last one
		t.Errorf("there are %d shapes, want %d", got, 2*lengths)
	}
}

func TestWork(t *testing.T) {
	f := feeder(t, images(), 2, 5, data("x", graph.Uint8, []int{2, 2}, count[uint8](20)), data("y", graph.Int32, nil, count[int32](5)))
	for range 2 { // the second Start forgets the first
		f.Start(0)
		if f.Work() != 0 {
			t.Errorf("at the start %v were worked", f.Work())
		}
		for k := 1; must(f.Next()) != nil; k++ {
			if int(f.Work()) != k {
				t.Errorf("after %d batches of 1ns, %v were worked", k, f.Work())
			}
		}
	}
	f.Start(0)
	must(f.Prepare(Shape{2, []int{0, 0}}))
	if f.Work() != 0 {
		t.Errorf("a batch prepared outside the epoch counts %v", f.Work())
	}
	f.Start(0)
	if b := must(f.Next()); view[int32](b.Slots[1].Bytes)[0] != 0 {
		t.Error("a batch prepared outside the epoch is not prepared again inside it")
	}
}

func TestUseRefuses(t *testing.T) {
	f := feeder(t, images(), 2, 5, data("x", graph.Uint8, []int{2, 2}, count[uint8](20)), data("y", graph.Int32, nil, count[int32](5)))
	for _, c := range []struct {
		buffers [][]byte
		says    string
	}{
		{nil, "slot 0"},
		{[][]byte{make([]byte, 31), make([]byte, 8)}, "slot 0 is smaller than 32 bytes"},
		{[][]byte{make([]byte, 32), make([]byte, 7)}, "slot 1 is smaller than 8 bytes"},
		{[][]byte{make([]byte, 32)}, "slot 1"},
	} {
		if err := f.Use([][][]byte{c.buffers}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("Use: %v, want an error that says %q", err, c.says)
		}
	}
	if b := must(f.Prepare(Shape{2, []int{0, 0}})); len(b.Slots[0].Bytes) != 32 {
		t.Error("refused buffers replaced the ones before")
	}
}

func TestNewRefuses(t *testing.T) {
	y := data("y", graph.Int32, nil, count[int32](2))
	m := &graph.Manifest{Inputs: []graph.Tensor{testgraph.Tensor("y", graph.Int32)}}
	for _, c := range []struct {
		set    *dataset.Set
		batch  int
		change func()
		says   string
	}{
		{setOf(2, y), 0, nil, "batches of 0 out of 2 examples"},
		{&dataset.Set{}, 2, nil, "out of 0 examples"},
		{setOf(2, y), 2, func() { m.Preprocess = []graph.Preprocess{{Op: "scale", Input: "y", Factor: 2}} }, "feeding y: scale needs a float"},
	} {
		if c.change != nil {
			c.change()
		}
		_, err := New(c.set, m, Options{Batch: c.batch}, ticks())
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("New: %v, want an error that says %q", err, c.says)
		}
	}
}

// TestAgainstReference feeds random ragged sets and compares with batches made
// in the simplest way, over two epochs into spoiled buffers.
func TestAgainstReference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		n, batch, fixed := 1+rng.IntN(20), 1+rng.IntN(25), int64(rng.IntN(2)*8)
		examples := make([][]uint16, n)
		var flat []uint16
		offsets := []int{0}
		for i := range examples {
			for range 1 + rng.IntN(8) {
				examples[i] = append(examples[i], uint16(rng.IntN(1<<16)))
			}
			flat = append(flat, examples[i]...)
			offsets = append(offsets, len(flat))
		}
		f := feeder(t, sequences(fixed, graph.Int64), batch, n, ragged(data("x", graph.Uint16, nil, flat), offsets...))
		largest := 0
		for range 2 {
			slot := f.batches[0].Slots[0].Bytes
			spoil(slot[:cap(slot)])
			f.Start(0)
			for first := 0; first < n; first += batch {
				want := reference(examples[first:min(first+batch, n)], int(fixed))
				b := must(f.Next())
				if got := view[int64](b.Slots[0].Bytes); !slices.Equal(got, want) {
					t.Fatalf("examples from %d, batches of %d, length %d: %v, want %v", first, batch, fixed, got, want)
				}
				largest = max(largest, len(b.Slots[0].Bytes))
			}
			if must(f.Next()) != nil {
				t.Fatal("there are more batches")
			}
		}
		if got := f.BufferBytes(); got[0] != largest {
			t.Fatalf("the buffer takes %d bytes, the largest batch %d", got[0], largest)
		}
	}
}

func reference(examples [][]uint16, length int) []int64 {
	for _, e := range examples {
		length = max(length, len(e))
	}
	var out []int64
	for _, e := range examples {
		for i := range length {
			if i < len(e) {
				out = append(out, int64(e[i]))
			} else {
				out = append(out, 9)
			}
		}
	}
	return out
}

func TestSameBatchesTwice(t *testing.T) {
	f := feeder(t, images(), 2, 5, data("x", graph.Float64, []int{2, 2}, count[float64](20)), data("y", graph.Int32, nil, count[int32](5)))
	epoch := func() []byte {
		var out bytes.Buffer
		f.Start(0)
		for b := must(f.Next()); b != nil; b = must(f.Next()) {
			for _, s := range b.Slots {
				out.Write(s.Bytes)
				spoil(s.Bytes)
			}
		}
		return out.Bytes()
	}
	if first, second := epoch(), epoch(); len(first) != 5*(16+4) || !bytes.Equal(first, second) {
		t.Errorf("two epochs fed\n%x\n%x", first, second)
	}
}
