package arrays_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
)

// NumPy's Fortran order and big-endian numbers are read as any others
// (testdata/make.py).
func TestReadAnyOrder(t *testing.T) {
	want := []float32{0, 1, 2, 100, 1, 0}
	for _, name := range []string{"fortran.npy", "big-endian.npy"} {
		s := mustRead(t, "x=testdata/"+name, "x")
		if d := cmp.Diff(want, datatest.Values[float32](s, "x")); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if c := s.Column("x"); s.Examples() != 2 || len(c.Shape()) != 1 || c.Shape()[0] != 3 {
			t.Errorf("%s: %v", name, c)
		}
	}
	s := mustRead(t, "testdata/kinds.npz", "x", "y") // big-endian in Fortran order, and in an archive
	if d := cmp.Diff([]float64{0, 1, 2, 100, 1, 0}, datatest.Values[float64](s, "x")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"1", "2"}, datatest.Strings(s.Column("y"))); d != "" {
		t.Error(d)
	}
}

// Strings have orders too: of bytes, if they are wide, and of items.
func TestStringsOfAnyOrder(t *testing.T) {
	want := []string{"a", "b", "", "日", "é", "f"}
	for _, descr := range []string{"<U2", ">U2", "|S3"} {
		for _, fortran := range []string{"False", "True"} {
			order := []int{0, 1, 2, 3, 4, 5}
			if fortran == "True" {
				order = []int{0, 2, 4, 1, 3, 5}
			}
			content := datatest.NpyHeader(descr, fortran, "(3, 2)")
			for _, k := range order {
				content += padded(descr, want[k])
			}
			for _, room := range []int{1, 1 << 20} {
				s := readIn(t, room, datatest.Npz(t, "x", content), "x")
				if d := cmp.Diff(want, datatest.Strings(s.Column("x"))); d != "" {
					t.Errorf("%s, Fortran %s, room %d: %s", descr, fortran, room, d)
				}
			}
		}
	}
}

// padded is a string as an array of that type holds it.
func padded(descr, text string) string {
	if descr == "|S3" {
		return string(append([]byte(text), 0, 0, 0)[:3])
	}
	out := make([]byte, 8)
	for i, r := range []rune(text) {
		at := 4 * i
		if descr[0] == '>' {
			out[at+2], out[at+3] = byte(r>>8), byte(r)
		} else {
			out[at], out[at+1] = byte(r), byte(r>>8)
		}
	}
	return string(out)
}

// An array in Fortran order takes memory by blocks, however large it is.
func TestFortranOrderTakesLittleMemory(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	const examples, each = 20_000, 400
	path := datatest.File(t, "x.npy", datatest.NpyHeader("<f8", "True", fmt.Sprintf("(%d, %d)", examples, each)))
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	last := bytes.Repeat([]byte{0x3f}, 8) // of the last example; the rest is a hole
	if _, err := f.WriteAt(last, 128+8*(examples*each-1)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	used := datatest.Allocated(func() {
		s := readIn(t, 1, "x="+path, "x")
		if c := s.Column("x"); c.InMemory() || !bytes.Equal(c.Rows(examples-1, examples)[8*(each-1):], last) {
			t.Error("the last value is another, or it is in memory")
		}
	})
	if limit := uint64(8 << 20); used > limit {
		t.Errorf("%d bytes were allocated for an array of %d, more than %d", used, 8*examples*each, limit)
	}
}

// Halves are numbers like any others.
func TestHalvesFeedFloats(t *testing.T) {
	s := mustRead(t, "x="+datatest.File(t, "x.npy", datatest.Npy(t, ">f2", "(2,)", []uint16{0x003c, 0x0040})), "x")
	if c := s.Column("x"); c.DType() != graph.Float16 || c.DType().Elements().Get(c.Bytes(), 1) != 2 {
		t.Errorf("x is %v, %v", c, c.Bytes())
	}
	m := datatest.Manifest(graph.Tensor{Name: "x", DType: graph.Float32, Shape: make([]*int64, 1)})
	if err := s.Fit(m); err != nil {
		t.Error(err)
	}
}
