package arrays_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// TestReadEveryType reads what NumPy wrote (testdata/make.py).
func TestReadEveryType(t *testing.T) {
	want := map[graph.DType]any{
		graph.Float16: []uint16{0, 0x3c00, 0x4000, 0x5640, 0x3c00, 0},
		graph.Float32: []float32{0, 1, 2, 100, 1, 0}, graph.Float64: []float64{0, 1, 2, 100, 1, 0},
		graph.Int8: []int8{0, 1, 2, 100, 1, 0}, graph.Int16: []int16{0, 1, 2, 100, 1, 0},
		graph.Int32: []int32{0, 1, 2, 100, 1, 0}, graph.Int64: []int64{0, 1, 2, 100, 1, 0},
		graph.Uint8: []uint8{0, 1, 2, 100, 1, 0}, graph.Uint16: []uint16{0, 1, 2, 100, 1, 0},
		graph.Uint32: []uint32{0, 1, 2, 100, 1, 0}, graph.Uint64: []uint64{0, 1, 2, 100, 1, 0},
		graph.Bool: []uint8{0, 1, 1, 1, 1, 0},
	}
	for _, name := range []string{"every.npz", "compressed.npz"} {
		path := filepath.Join("testdata", name)
		for d, values := range want {
			s := mustRead(t, path, string(d))
			c := s.Column(string(d))
			data, err := binary.Append(nil, binary.LittleEndian, values)
			if err != nil {
				t.Fatal(err)
			}
			if s.Examples() != 2 || c.DType() != d || !reflect.DeepEqual(c.Shape(), []int{3}) || !bytes.Equal(c.Bytes(), data) {
				t.Errorf("%s of %s: %d examples, %+v; want 2 of %v", d, name, s.Examples(), c, values)
			}
			if s.Source() != path {
				t.Errorf("the source is %q, want %q", s.Source(), path)
			}
		}
	}
}

func TestReadSelection(t *testing.T) {
	s, err := arrays.Read([]string{"testdata/every.npz"}, map[string]string{"y": "int64", "x": "float32"})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Columns()) != 2 || s.Column("x").DType() != graph.Float32 || s.Column("y").DType() != graph.Int64 || s.Column("int64") != nil {
		t.Errorf("the columns are %+v, want x and y", s.Columns())
	}
}

func TestReadRagged(t *testing.T) {
	s := mustRead(t, "testdata/ragged.npz", "x", "y")
	x := s.Column("x")
	if s.Examples() != 3 || !x.Ragged() || !reflect.DeepEqual(datatest.Lengths(x), []int{1, 3, 2}) || !reflect.DeepEqual(x.Shape(), []int{2}) {
		t.Fatalf("%d examples, x is %+v", s.Examples(), x)
	}
	if got := graph.View[int32](x.Rows(1, 2)); !reflect.DeepEqual(got, []int32{2, 3, 4, 5, 6, 7}) {
		t.Errorf("example 1 is %v, want 2 to 7", got)
	}
	if x.Length(1) != 3 || x.RowBytes() != 8 || s.Column("y").Ragged() {
		t.Errorf("length %d, %d bytes a row, y ragged: %v", x.Length(1), x.RowBytes(), s.Column("y").Ragged())
	}
}

func TestReadNamesWithoutEnding(t *testing.T) {
	x, lengths := datatest.Npy(t, "<i4", "(3,)", []int32{1, 2, 3}), datatest.Npy(t, "<i8", "(2,)", []int64{1, 2})
	s := mustRead(t, datatest.Archive(t, "x", x, "x.lengths", lengths), "x")
	if s.Examples() != 2 || !reflect.DeepEqual(datatest.Lengths(s.Columns()[0]), []int{1, 2}) {
		t.Errorf("%d examples, x is %+v", s.Examples(), s.Columns()[0])
	}
}

func TestReadVector(t *testing.T) {
	s, err := arrays.Read([]string{"x=testdata/vector.npy"}, named("x"))
	if err != nil {
		t.Fatal(err)
	}
	if c := s.Columns()[0]; s.Examples() != 5 || len(c.Shape()) != 0 || c.RowBytes() != 8 {
		t.Errorf("%d examples of the shape %v", s.Examples(), c.Shape())
	}
}

func TestReadVersion2(t *testing.T) {
	s, err := arrays.Read([]string{"x=testdata/version2.npy"}, named("x"))
	if err != nil {
		t.Fatal(err)
	}
	if got := graph.View[int16](s.Columns()[0].Bytes()); !reflect.DeepEqual(got, []int16{0, 1, 2, 100, 1, 0}) {
		t.Errorf("the values are %v", got)
	}
}

func TestReadEmpty(t *testing.T) {
	s, err := arrays.Read([]string{"x=testdata/empty.npy"}, named("x"))
	if err != nil {
		t.Fatal(err)
	}
	datatest.WantError(t, s.Fit(datatest.Manifest(testgraph.Tensor("x", graph.Float32, 3))), dataset.ErrUnfit, "empty.npy", "holds no examples")
}

// TestReadRefusesRealFiles names what NumPy writes and this program does not feed.
func TestReadRefusesRealFiles(t *testing.T) {
	for name, says := range map[string]string{
		"object.npy":     "holds Python objects: make it numbers or strings with .astype('float32') or .astype(str)",
		"complex.npy":    "holds complex numbers: save a.real and a.imag as two arrays",
		"structured.npy": "holds records of several fields: save each as an array of its own",
		"scalar.npy":     "is a single value",

		"ragged.npz":  "is not an .npy array",
		"nowhere.npy": "no such file",
		"make.py":     "is not an .npy array",
	} {
		_, err := arrays.Read([]string{"x=" + filepath.Join("testdata", name)}, named("x"))
		datatest.WantError(t, err, dataset.ErrUnreadable, name, says)
	}
}

// The path of an archive may have a "=" in it, as its folder may.
func TestReadPathWithEquals(t *testing.T) {
	content, err := os.ReadFile("testdata/ragged.npz")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rate=0.1", "x=y.npz")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	if s := mustRead(t, path, "x", "y"); s.Examples() != 3 || s.Source() != path {
		t.Errorf("%d examples from %s", s.Examples(), s.Source())
	}
}

func TestReadNothing(t *testing.T) {
	s, err := arrays.Read(nil, nil)
	datatest.WantError(t, err, dataset.ErrUnreadable, "no file was named")
	if s != nil {
		t.Errorf("an error with %v", s)
	}
}

func TestReadSources(t *testing.T) {
	x := "x=" + datatest.File(t, "a.npy", datatest.Npy(t, "<f4", "(2, 1)", []float32{1, 2}))
	y := "y=" + datatest.File(t, "b.npy", datatest.Npy(t, "<i4", "(2,)", []int32{3, 4}))
	three := "y=" + datatest.File(t, "c.npy", datatest.Npy(t, "<i4", "(3,)", []int32{3, 4, 5}))
	alone := strings.TrimPrefix(y, "y=")
	s, err := arrays.Read([]string{y, x}, named("x", "y"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Examples() != 2 || s.Source() != y+", "+x || !reflect.DeepEqual(datatest.Values[int32](s, "y"), []int32{3, 4}) {
		t.Errorf("Read = %+v", s)
	}
	for _, c := range []struct {
		sources []string
		kind    error
		says    string
	}{
		{[]string{x}, dataset.ErrUnfit, "no y=FILE.npy"},
		{[]string{}, dataset.ErrUnreadable, "no file was named"},
		{[]string{x, y, "z=z.npy"}, dataset.ErrUnfit, `no input or target "z"`},
		{[]string{x, x}, dataset.ErrUnfit, `two files are given for "x"`},
		{[]string{x, three}, dataset.ErrUnfit, "holds 3 examples of y but 2 of x"},
		{[]string{x, "b.npy"}, dataset.ErrUnreadable, `NAME=FILE.npy, which "b.npy" is not`},
		{[]string{x, "y=nowhere.npy"}, dataset.ErrUnreadable, "nowhere.npy"},
		{[]string{x, "y="}, dataset.ErrUnreadable, `NAME=FILE.npy, which "y=" is not`},
		{[]string{"b.npy"}, dataset.ErrUnreadable, "b.npy: no such file"},
		{[]string{alone}, dataset.ErrUnreadable, "b.npy holds one array: name the input"},
		{[]string{x, "x.lengths=a.npy"}, dataset.ErrUnfit, `"x.lengths"`},
	} {
		_, err := arrays.Read(c.sources, named("x", "y"))
		datatest.WantError(t, err, c.kind, c.says)
	}
}
