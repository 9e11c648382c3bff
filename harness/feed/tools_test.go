package feed

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// calls are layers that note the first value of each batch they are given.
type calls struct {
	mu    sync.Mutex
	order []int32
	busy  int
	most  int // calls side by side
	fail  int32
	panic int32
}

func (c *calls) Make(b *Batch) error {
	first := view[int32](b.Slots[0].Bytes)[0]
	c.mu.Lock()
	c.order = append(c.order, first)
	c.busy++
	c.most = max(c.most, c.busy)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.busy--
		c.mu.Unlock()
	}()
	switch {
	case c.fail > 0 && first == c.fail:
		return errRefused
	case c.panic > 0 && first == c.panic:
		panic("the layers broke")
	}
	return nil
}

var errRefused = errors.New("refused")

// layered is a graph whose x is made of raw, 4 numbers an example.
func layered(stateful bool) *graph.Manifest {
	return &graph.Manifest{
		Inputs:  []graph.Tensor{testgraph.Tensor("x", graph.Float32, 9)},
		Targets: []graph.Tensor{testgraph.Tensor("y", graph.Int32)},
		Signatures: map[string]graph.Signature{graph.Preprocessing: {
			Key: "preprocess", Makes: []string{"x"}, Takes: []graph.Tensor{testgraph.Tensor("raw", graph.Int32, 4)}, Stateful: stateful,
		}},
	}
}

func layeredFeeder(t *testing.T, c *calls, stateful bool, o Options) *Feeder {
	t.Helper()
	m := layered(stateful)
	set := setOf(64, data("raw", graph.Int32, []int{4}, count[int32](256)), data("y", graph.Int32, nil, count[int32](64)))
	if err := set.Fit(m); err != nil {
		t.Fatal(err)
	}
	f, err := New(set, m, o, ticks())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Equip(Tools{Layers: c}); err != nil {
		t.Fatal(err)
	}
	var rings [][][]byte
	for range f.Rings() {
		rings = append(rings, buffers(f.BufferBytes()))
	}
	if err := f.Use(rings); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func TestLayersGoThroughEveryBatch(t *testing.T) {
	for _, o := range []Options{{}, {Prefetch: 1}, {Prefetch: 6, Threads: 4}, {Prefetch: 20, Threads: 8}} {
		for _, stateful := range []bool{false, true} {
			o.Batch = 2
			name := fmt.Sprintf("%+v, stateful %t", o, stateful)
			c := &calls{}
			f := layeredFeeder(t, c, stateful, o)
			for epoch := range 20 {
				c.order = nil
				f.Start(epoch)
				for k := range 32 {
					b := must(f.Next())
					if got := view[int32](b.Slots[0].Bytes)[0]; got != int32(8*k) || len(b.Slots) != 2 || view[int32](b.Slots[1].Bytes)[1] != int32(2*k+1) {
						t.Fatalf("%s: batch %d holds %v", name, k, b.Slots)
					}
					if epoch == 19 && k == 7 {
						break // and leave the epoch
					}
				}
				if epoch == 19 {
					break
				}
				if b := must(f.Next()); b != nil || len(c.order) != 32 {
					t.Fatalf("%s: %d calls of 32", name, len(c.order))
				}
				for k := range c.order {
					if stateful && c.order[k] != int32(8*k) {
						t.Fatalf("%s: calls in the order %v", name, c.order)
					}
				}
				if f.Work() <= 0 {
					t.Errorf("%s: no work", name)
				}
			}
			must(f.Prepare(f.Shapes()[0]))
			if stateful && c.most != 1 {
				t.Errorf("%s: %d calls side by side", name, c.most)
			}
		}
	}
}

func TestLayersThatFail(t *testing.T) {
	for _, o := range []Options{{Batch: 2}, {Batch: 2, Prefetch: 6, Threads: 4}} {
		for _, stateful := range []bool{false, true} {
			f := layeredFeeder(t, &calls{fail: 8 * 5}, stateful, o)
			f.Start(0)
			var err error
			taken := 0
			for ; err == nil && taken < 32; taken++ {
				_, err = f.Next()
			}
			if !errors.Is(err, errRefused) {
				t.Errorf("%+v, stateful %t: %v after %d batches", o, stateful, err, taken)
			}
		}
	}
	f := layeredFeeder(t, &calls{panic: 8 * 5}, true, Options{Batch: 2, Prefetch: 6, Threads: 4})
	f.Start(0)
	defer func() {
		if p := recover(); p != "the layers broke" {
			t.Errorf("recovered %v", p)
		}
	}()
	for range 32 {
		must(f.Next())
	}
}

// painter decodes a file named N to an image of Ns.
type painter struct{}

func (painter) Decode(path string, dst []byte) error {
	var n int
	if _, err := fmt.Sscan(path, &n); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i := range view[float32](dst) {
		view[float32](dst)[i] = float32(n)
	}
	return nil
}

func imageSet(files ...string) *dataset.Set {
	x := dataset.Images("x", graph.Float32, []int{2, 2, 1}, files)
	return setOf(len(files), x, data("y", graph.Int32, nil, count[int32](len(files))))
}

func TestImagesAreDecodedAndScaled(t *testing.T) {
	for _, o := range []Options{{Batch: 3}, {Batch: 3, Prefetch: 2, Threads: 2}, {Batch: 3, Shuffle: true}} {
		f, err := New(imageSet("0", "2", "4", "6", "8"), images(), o, ticks())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(f.Images()), "[{x float32 2 2 1}]"; got != want {
			t.Errorf("images %s, want %s", got, want)
		}
		var rings [][][]byte
		for range f.Rings() {
			rings = append(rings, buffers(f.BufferBytes()))
		}
		if err := f.Use(rings); err == nil {
			t.Error("image files without a decoder are fed")
		}
		if err := f.Equip(Tools{}); err == nil {
			t.Error("image files without a decoder are no error")
		}
		if err := f.Equip(Tools{Images: map[string]Decoder{"x": painter{}}}); err != nil {
			t.Fatal(err)
		}
		if err := f.Use(rings); err != nil {
			t.Fatal(err)
		}
		f.Start(0)
		for b := must(f.Next()); b != nil; b = must(f.Next()) {
			for i, y := range view[int32](b.Slots[1].Bytes) {
				if got := view[float32](b.Slots[0].Bytes)[4*i+3]; got != float32(y) { // half of the file's 2·y
					t.Errorf("%+v: the image of %d is %v", o, y, got)
				}
			}
		}
		f.Close()
	}
}

func TestImageThatIsNone(t *testing.T) {
	for _, o := range []Options{{Batch: 1}, {Batch: 1, Prefetch: 2}} {
		f, err := New(imageSet("1", "2", "cat.jpg", "3"), images(), o, ticks())
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Equip(Tools{Images: map[string]Decoder{"x": painter{}}}); err != nil {
			t.Fatal(err)
		}
		var rings [][][]byte
		for range f.Rings() {
			rings = append(rings, buffers(f.BufferBytes()))
		}
		if err := f.Use(rings); err != nil {
			t.Fatal(err)
		}
		f.Start(0)
		for err == nil {
			_, err = f.Next()
		}
		if !strings.Contains(err.Error(), "example 2: cat.jpg") {
			t.Errorf("%+v: %v", o, err)
		}
		f.Close()
	}
	wrong := images()
	wrong.Inputs[0].DType, wrong.Preprocess = graph.Int32, nil
	if _, err := New(imageSet("1"), wrong, Options{Batch: 1}, ticks()); err == nil || !strings.Contains(err.Error(), "image files feed") {
		t.Errorf("images into int32: %v", err)
	}
}

func TestToolsMustFit(t *testing.T) {
	set := setOf(4, data("raw", graph.Int32, []int{4}, count[int32](16)), data("y", graph.Int32, nil, count[int32](4)))
	f, err := New(set, layered(false), Options{Batch: 2}, ticks())
	if err != nil {
		t.Fatal(err)
	}
	if f.Equip(Tools{}) == nil || f.Use([][][]byte{buffers(f.BufferBytes())}) == nil {
		t.Error("a preprocess signature that nothing runs is no error")
	}
}
