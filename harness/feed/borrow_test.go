package feed

import (
	"slices"
	"testing"
	"unsafe"

	"epochtime/harness/graph"
)

// aligned moves values to an address that TensorFlow reads in place, so many
// bytes off.
func aligned[T number](values []T, off int) []T {
	size := int(unsafe.Sizeof(values[0]))
	room := make([]byte, len(values)*size+2*alignment)
	at := off
	for (uintptr(unsafe.Pointer(&room[at]))-uintptr(off))%alignment != 0 {
		at++
	}
	out := view[T](room[at : at+len(values)*size])
	copy(out, values)
	return out
}

func TestBorrow(t *testing.T) {
	const examples = 1200
	plain := images()
	plain.Preprocess = nil
	for _, c := range []struct {
		name     string
		manifest *graph.Manifest
		x        []float32
		batch    int
		shuffle  bool
		kept     []string
		want     bool
	}{
		{"as it lies", plain, aligned(count[float32](4*examples), 0), 512, false, nil, true},
		{"not aligned", plain, aligned(count[float32](4*examples), 4), 512, false, nil, false},
		{"batches not aligned", plain, aligned(count[float32](4*examples), 0), 514, false, nil, false},
		{"too few", plain, aligned(count[float32](4*examples), 0), 256, false, nil, false},
		{"scaled", images(), aligned(count[float32](4*examples), 0), 512, false, nil, false},
		{"shuffled", plain, aligned(count[float32](4*examples), 0), 512, true, nil, false},
		{"kept by the graph", plain, aligned(count[float32](4*examples), 0), 512, false, []string{"x"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := data("x", graph.Float32, []int{2, 2}, c.x)
			y := data("y", graph.Int32, nil, aligned(count[int32](examples), 4))
			f := feederOf(t, setOf(examples, x, y), c.manifest, Options{Batch: c.batch, Shuffle: c.shuffle, Prefetch: 2})
			var names []string
			for _, b := range f.Borrow(c.kept) {
				names = append(names, b.Name())
			}
			if got := slices.Contains(names, "x"); got != c.want || slices.Contains(names, "y") {
				t.Fatalf("%q are borrowed; x is to be: %v", names, c.want)
			}
			f.Start(0)
			next := 0
			for b := must(f.Next()); b != nil; b = must(f.Next()) {
				s := b.Slots[0]
				if s.Borrowed != c.want {
					t.Errorf("a slot's Borrowed is %v", s.Borrowed)
				}
				inside := unsafe.SliceData(s.Bytes) == unsafe.SliceData(x.Bytes()[16*next:])
				if inside != c.want && !c.shuffle {
					t.Errorf("the slot lies in the data: %v", inside)
				}
				if c.want && !slices.Equal(view[float32](s.Bytes), c.x[4*next:4*(next+b.Examples)]) {
					t.Error("it holds other values")
				}
				if want := []int64{int64(b.Examples), 2, 2, 1}; !slices.Equal(s.Shape, want) {
					t.Errorf("shape %v, want %v", s.Shape, want)
				}
				next += b.Examples
			}
			if next != examples {
				t.Errorf("%d examples, want %d", next, examples)
			}
		})
	}
}

// First steps read buffers even where epochs do not, so that a graph which keeps
// an input never has the data itself.
func TestPrepareNeverBorrows(t *testing.T) {
	plain := images()
	plain.Preprocess = nil
	x := data("x", graph.Float32, []int{2, 2}, aligned(count[float32](4*4096), 0))
	y := data("y", graph.Int32, nil, aligned(count[int32](4096), 0))
	f := feederOf(t, setOf(4096, x, y), plain, Options{Batch: 2048})
	if n := len(f.Borrow(nil)); n != 2 {
		t.Fatalf("%d columns are borrowed, want 2", n)
	}
	f.Start(0)
	must(f.Next())
	for i, s := range must(f.Prepare(f.Shapes()[0])).Slots {
		if s.Borrowed || unsafe.SliceData(s.Bytes) != unsafe.SliceData(f.rings[0][i]) {
			t.Errorf("slot %d is not in the buffer", i)
		}
	}
}
