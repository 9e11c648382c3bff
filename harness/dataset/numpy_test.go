package dataset

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/sbinet/npyio"

	"epochtime/harness/graph"
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
			if s.examples != 2 || c.dtype != d || !reflect.DeepEqual(c.shape, []int{3}) || !bytes.Equal(c.data, data) {
				t.Errorf("%s of %s: %d examples, %+v; want 2 of %v", d, name, s.examples, c, values)
			}
			if s.source != path {
				t.Errorf("the source is %q, want %q", s.source, path)
			}
		}
	}
}

func TestReadSelection(t *testing.T) {
	s, err := Read([]string{"testdata/every.npz"}, map[string]string{"y": "int64", "x": "float32"})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.columns) != 2 || s.Column("x").dtype != graph.Float32 || s.Column("y").dtype != graph.Int64 || s.Column("int64") != nil {
		t.Errorf("the columns are %+v, want x and y", s.columns)
	}
}

func TestReadRagged(t *testing.T) {
	s := mustRead(t, "testdata/ragged.npz", "x", "y")
	x := s.Column("x")
	if s.examples != 3 || !x.Ragged() || !reflect.DeepEqual(x.offsets, []int{0, 1, 4, 6}) || !reflect.DeepEqual(x.shape, []int{2}) {
		t.Fatalf("%d examples, x is %+v", s.examples, x)
	}
	if got := graph.View[int32](x.Rows(1, 2)); !reflect.DeepEqual(got, []int32{2, 3, 4, 5, 6, 7}) {
		t.Errorf("example 1 is %v, want 2 to 7", got)
	}
	if x.Length(1) != 3 || x.RowBytes() != 8 || s.Column("y").Ragged() {
		t.Errorf("length %d, %d bytes a row, y ragged: %v", x.Length(1), x.RowBytes(), s.Column("y").Ragged())
	}
}

func TestReadNamesWithoutEnding(t *testing.T) {
	x, lengths := npyOf(t, "<i4", "(3,)", []int32{1, 2, 3}), npyOf(t, "<i8", "(2,)", []int64{1, 2})
	s := mustRead(t, archiveOf(t, "x", x, "x.lengths", lengths), "x")
	if s.examples != 2 || !reflect.DeepEqual(s.columns[0].offsets, []int{0, 1, 3}) {
		t.Errorf("%d examples, x is %+v", s.examples, s.columns[0])
	}
}

func TestReadVector(t *testing.T) {
	s, err := Read([]string{"x=testdata/vector.npy"}, arrays("x"))
	if err != nil {
		t.Fatal(err)
	}
	if c := s.columns[0]; s.examples != 5 || len(c.shape) != 0 || c.RowBytes() != 8 {
		t.Errorf("%d examples of the shape %v", s.examples, c.shape)
	}
}

func TestReadVersion2(t *testing.T) {
	s, err := Read([]string{"x=testdata/version2.npy"}, arrays("x"))
	if err != nil {
		t.Fatal(err)
	}
	if got := graph.View[int16](s.columns[0].data); !reflect.DeepEqual(got, []int16{0, 1, 2, 100, 1, 0}) {
		t.Errorf("the values are %v", got)
	}
}

func TestReadWhatNpyioWrites(t *testing.T) {
	var out bytes.Buffer
	if err := npyio.Write(&out, []float64{1, -2, 0.5}); err != nil {
		t.Fatal(err)
	}
	s, err := Read([]string{"x=" + fileOf(t, "x.npy", out.Bytes())}, arrays("x"))
	if err != nil {
		t.Fatal(err)
	}
	if got := graph.View[float64](s.columns[0].data); !reflect.DeepEqual(got, []float64{1, -2, 0.5}) {
		t.Errorf("the values are %v", got)
	}
}

func TestReadEmpty(t *testing.T) {
	s, err := Read([]string{"x=testdata/empty.npy"}, arrays("x"))
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, s.Fit(manifest([]graph.Tensor{tensor("x", graph.Float32, 3)})), ErrUnfit, "empty.npy", "holds no examples")
}

// TestReadRefusesRealFiles names what NumPy writes and this program does not feed.
func TestReadRefusesRealFiles(t *testing.T) {
	for name, says := range map[string]string{
		"fortran.npy":    "is in Fortran order: save it with numpy.ascontiguousarray()",
		"big-endian.npy": `has type ">f4": convert it with .astype()`,
		"object.npy":     `has type "|O": convert it`,
		"complex.npy":    `has type "<c8": convert it`,
		"structured.npy": "convert it",
		"scalar.npy":     "is a single value",
		"version3.npy":   "version number (3)",
		"ragged.npz":     "is not an .npy array",
		"nowhere.npy":    "no such file",
		"make.py":        "is not an .npy array",
	} {
		_, err := Read([]string{"x=" + filepath.Join("testdata", name)}, arrays("x"))
		wantError(t, err, ErrUnreadable, name, says)
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
	if s := mustRead(t, path, "x", "y"); s.examples != 3 || s.source != path {
		t.Errorf("%d examples from %s", s.examples, s.source)
	}
}

func TestReadSources(t *testing.T) {
	x := "x=" + fileOf(t, "a.npy", npyOf(t, "<f4", "(2, 1)", []float32{1, 2}))
	y := "y=" + fileOf(t, "b.npy", npyOf(t, "<i4", "(2,)", []int32{3, 4}))
	three := "y=" + fileOf(t, "c.npy", npyOf(t, "<i4", "(3,)", []int32{3, 4, 5}))
	s, err := Read([]string{y, x}, arrays("x", "y"))
	if err != nil {
		t.Fatal(err)
	}
	if s.examples != 2 || s.source != y+", "+x || !reflect.DeepEqual(graph.View[int32](s.Column("y").data), []int32{3, 4}) {
		t.Errorf("Read = %+v", s)
	}
	for _, c := range []struct {
		sources []string
		kind    error
		says    string
	}{
		{[]string{x}, ErrUnfit, "no --data y=FILE.npy"},
		{[]string{}, ErrUnfit, "no --data x=FILE.npy"},
		{[]string{x, y, "z=z.npy"}, ErrUnfit, `no input or target "z"`},
		{[]string{x, x}, ErrUnfit, `no input or target "x" left`},
		{[]string{x, three}, ErrUnfit, "holds 3 examples of y but 2 of x"},
		{[]string{x, "b.npy"}, ErrUnreadable, `NAME=FILE.npy, which "b.npy" is not`},
		{[]string{x, "y=nowhere.npy"}, ErrUnreadable, "nowhere.npy"},
		{[]string{x, "y="}, ErrUnreadable, "no such file"},
		{[]string{"b.npy"}, ErrUnreadable, "b.npy holds one array: name each one"},
		{[]string{x, "x.lengths=a.npy"}, ErrUnfit, `"x.lengths"`},
	} {
		_, err := Read(c.sources, arrays("x", "y"))
		wantError(t, err, c.kind, c.says)
	}
}
