package dataset

import (
	"testing"

	"epochtime/harness/graph"
)

// A part tells how much memory those after it need. It is made at once, within the
// room.
func TestMemoryIsMadeOnce(t *testing.T) {
	const size, parts = 4000, 100
	for _, c := range []struct {
		name                string
		room, after1, after int // bytes: the least after the first part, and the most later
	}{
		{"enough room", 2 * parts * size, parts * size, parts * size * 104 / 100},
		{"less room", parts * size / 2, parts * size / 2, parts * size / 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := NewBuilder(t.Context(), "t", c.room)
			g := b.growing(NewSink(graph.Tensor{Name: "x", DType: graph.Float32}))
			defer g.close()
			for i := range parts / 2 {
				if err := g.add(&Part{Examples: size / 4, Data: make([]byte, size), Ahead: parts - 1 - float64(i)}); err != nil {
					t.Fatal(err)
				}
				if n := cap(g.data.bytes); i == 0 && n < c.after1 || n > c.after {
					t.Fatalf("memory of %d bytes after part %d, want %d to %d", n, i, c.after1, c.after)
				}
			}
		})
	}
}

// The memory of a part is another's once the column has its values, and not before.
func TestPartsAreUsedAgain(t *testing.T) {
	const n = 50
	columns, err := NewBuilder(t.Context(), "t", 0).Columns([]*Sink{NewSink(graph.Tensor{Name: "x", DType: graph.Float32})}, func(add func([]*Part) error) error {
		before := NewPart()
		for i := range n {
			p := NewPart()
			if before == p {
				t.Errorf("part %d is the one before, which no column has yet", i)
			}
			before.Examples, before.Lengths = 1, append(before.Lengths, 1)
			if room := before.Room(4); graph.View[float32](room)[0] != 0 {
				t.Errorf("part %d begins with what another held", i)
			}
			graph.View[float32](before.Data)[0] = float32(i)
			if err := add([]*Part{before}); err != nil {
				return err
			}
			before = p
		}
		return nil
	})
	if err != nil || columns[0].Examples() != n {
		t.Fatalf("%d examples of %d, %v", columns[0].Examples(), n, err)
	}
	for i, v := range graph.View[float32](columns[0].Bytes()) {
		if v != float32(i) {
			t.Errorf("example %d is %g", i, v)
		}
	}
}

// Of several fields each example has one value, whatever the memory of a part was for.
func TestFieldsInUsedMemory(t *testing.T) {
	sink := NewSink(graph.Tensor{Name: "x", DType: graph.Float32}, "a", "b")
	columns, err := NewBuilder(t.Context(), "t", 0).Columns([]*Sink{sink}, func(add func([]*Part) error) error {
		for _, examples := range []int{2, 0, 1} {
			p := &Part{Examples: examples, Lengths: []int{}}
			p.Room(examples * 8)
			if err := add([]*Part{p}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if c := columns[0]; c.Examples() != 3 || c.Ragged() || len(c.Shape()) != 1 || c.Shape()[0] != 2 {
		t.Errorf("%d examples of %v, want 3 of [2]", c.Examples(), c.Shape())
	}
}
