package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"epochtime/harness/graph"
)

// counting is an array of that shape and of items of size bytes whose item k, in C
// order, has the number k, and its bytes in C and in Fortran order.
func counting(size int, shape []int) (c, fortran []byte) {
	n := graph.Count(shape)
	c, fortran = make([]byte, n*size), make([]byte, n*size)
	for k := range n {
		item := c[k*size:][:size]
		for i := range item {
			item[i] = byte(k >> (8 * (i % 4)))
		}
		at, stride, left := 0, n, k
		for d := len(shape) - 1; d >= 0; d-- { // the last index counts slowest
			stride /= shape[d]
			at += left % shape[d] * stride
			left /= shape[d]
		}
		copy(fortran[at*size:], item)
	}
	return c, fortran
}

// Arrays in Fortran order are read in C order: from files and streams, with room
// and without, whole and in blocks.
func TestFortranOrder(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, c := range []struct {
		size  int
		shape []int
	}{
		{4, []int{2, 3}}, {1, []int{5, 4, 3}}, {8, []int{1, 7}}, {2, []int{7, 1}}, {4, []int{6}}, {12, []int{3, 2, 2}},
		{8, []int{3000, 100}},  // blocks of 1310 examples, picked one run at a time
		{4, []int{7, 200_000}}, // one example after the other, with all that lies between
		{4, []int{2, 0}},
	} {
		want, fortran := counting(c.size, c.shape)
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, append([]byte("head"), fortran...), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, room := range []int{1, 1 << 30} {
			for _, inFile := range []bool{true, false} {
				t.Run(fmt.Sprint(c.size, c.shape, room, inFile), func(t *testing.T) {
					body := &Body{Reader: bytes.NewReader(fortran), Fortran: true}
					if inFile {
						f, err := os.Open(path)
						if err != nil {
							t.Fatal(err)
						}
						defer f.Close()
						body = &Body{Reader: f, File: f, Offset: 4, End: int64(4 + len(fortran)), Fortran: true}
					}
					ordered, done, err := NewBuilder(t.Context(), "b", room).InOrder(body, c.size, c.shape)
					if err != nil {
						t.Fatal(err)
					}
					defer done()
					if ordered == body { // its one dimension has no order
						return
					}
					got, err := io.ReadAll(ordered)
					if err != nil || !bytes.Equal(got, want) {
						t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
					}
				})
			}
		}
	}
}

// A column is of C order and little-endian, whatever its body is.
func TestHoldReorders(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, d := range []graph.DType{graph.Uint8, graph.Int16, graph.Float32, graph.Float64} {
		for _, fortran := range []bool{false, true} {
			for _, room := range []int{1, 1 << 20} {
				want, turned := counting(d.Size(), []int{300, 7, 2})
				data := bytes.Clone(want)
				if fortran {
					data = bytes.Clone(turned)
				}
				for item := range slices.Chunk(data, d.Size()) {
					slices.Reverse(item)
				}
				b := NewBuilder(t.Context(), "b", room)
				c, err := b.Hold(d, []int{7, 2}, 300, &Body{Reader: bytes.NewReader(data), BigEndian: true, Fortran: fortran})
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(c.Rows(0, 300), want) || c.InMemory() != (room > 1) {
					t.Errorf("%s, Fortran %t, room %d: other values, or in memory: %t", d, fortran, room, c.InMemory())
				}
				if err := errors.Join(b.Add("x", c), b.Close()); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// What is cut short is so in any order, and nothing is read once the context is done.
func TestReorderFails(t *testing.T) {
	_, fortran := counting(4, []int{10, 10})
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, fortran[:399], 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, body := range []*Body{
		{Reader: f, File: f, End: 399, Fortran: true}, {Reader: bytes.NewReader(fortran[:399]), Fortran: true},
		{Reader: bytes.NewReader(fortran[:399]), BigEndian: true}, {Reader: f, File: f, End: 399, BigEndian: true, Fortran: true},
	} {
		b := NewBuilder(t.Context(), "b", 0)
		if _, err := b.Hold(graph.Float32, []int{10}, 10, body); err == nil || err.Error() != "it is cut short: 399 bytes of its 400 are there" {
			t.Errorf("the error is %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	b := NewBuilder(ctx, "b", 0)
	ordered, done, err := b.InOrder(&Body{Reader: bytes.NewReader(fortran), Fortran: true}, 4, []int{10, 10})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	cancel()
	if _, err := io.ReadAll(ordered); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want that it was cancelled", err)
	}
	for _, shape := range [][]int{nil, {-1}, {1 << 62, 4}} {
		if _, _, err := b.InOrder(&Body{Fortran: true}, 4, shape); err == nil {
			t.Errorf("a body without bytes of the shape %v is one", shape)
		}
	}
}
