package arrays_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// idx files are named as .npy files are, and told apart by what is in them.
func TestNamedFiles(t *testing.T) {
	images, labels := "testdata/train-images-idx3-ubyte", "testdata/train-labels-idx1-ubyte.gz"
	for _, sources := range [][]string{
		{"x=" + images, "y=" + labels},
		{"x=" + datatest.File(t, "data", datatest.Content(t, images)), "y=" + labels},
		{"x=" + datatest.File(t, "data.gz", datatest.Gzip(t, datatest.Content(t, images))), "y=" + datatest.File(t, "y.npy", datatest.Npy(t, "|u1", "(6,)", []uint8{0, 1, 2, 0, 1, 2}))},
		{"x=" + images, "y=" + datatest.File(t, "y.npy", datatest.Gzip(t, datatest.Npy(t, ">i2", "(6,)", []int16{0, 0x100, 0x200, 0, 0x100, 0x200})))},
	} {
		s := datatest.MustRead(t, dataset.Request{Sources: sources, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Uint8, 2, 2), datatest.Label("y", 3)}})
		y := s.Column("y")
		if s.Examples() != 6 || datatest.Values[uint8](s, "x")[23] != 23 || y.DType().Elements().Int(y.Bytes(), 5) != 2 {
			t.Errorf("%v: %v", sources, s)
		}
	}
}

// A file of one array feeds a graph that takes no more, or what is named.
func TestLoneFile(t *testing.T) {
	path := datatest.File(t, "one.npy", datatest.Npy(t, "<i4", "(2,)", []int32{1, 2}))
	x, y := testgraph.Tensor("x", graph.Int32), testgraph.Tensor("y", graph.Int32)
	for _, c := range []struct {
		tensors []graph.Tensor
		columns map[string]string
		says    string
	}{
		{[]graph.Tensor{x}, nil, ""},
		{[]graph.Tensor{x}, map[string]string{"x": "one"}, ""},
		{[]graph.Tensor{x, y}, map[string]string{"x": "one", "y": "one"}, ""},
		{[]graph.Tensor{x}, map[string]string{"x": "x"}, `one.npy has no array "x"; it holds one`},
		{[]graph.Tensor{x, y}, nil, "one.npy holds one array: name the input or target that each file feeds, as in x="},
		{[]graph.Tensor{x, y}, map[string]string{"x": "one"}, "one.npy holds one array"},
	} {
		s, err := datatest.Read(t, dataset.Request{Sources: []string{path}, Tensors: c.tensors, Columns: c.columns})
		if c.says != "" {
			if err == nil {
				t.Errorf("%v, %v: it is read", c.tensors, c.columns)
				continue
			}
			datatest.WantClass(t, err)
			datatest.WantError(t, err, err, c.says)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]int32{1, 2}, datatest.Values[int32](s, "x")); d != "" {
			t.Error(d)
		}
	}
}

// A file of one array is called by its stem.
func TestStems(t *testing.T) {
	npy, idx := datatest.Npy(t, "<i4", "(2,)", []int32{1, 2}), datatest.Content(t, "testdata/train-images-idx3-ubyte")
	for name, c := range map[string]struct{ content, want string }{
		"one.npy": {npy, "one"}, "a.b.NPY": {npy, "a.b"}, "one.npy.gz": {datatest.Gzip(t, npy), "one"}, "bare": {npy, "bare"}, ".npy": {npy, ".npy"},
		"train-images-idx3-ubyte": {idx, "train-images"}, "t10k.idx3-ubyte.gz": {datatest.Gzip(t, idx), "t10k"}, "pixels.idx": {idx, "pixels"}, "digits": {idx, "digits"},
	} {
		d, err := datatest.Describe(t, datatest.File(t, name, c.content))
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Columns) != 1 || d.Columns[0].Name != c.want || d.Kind != "arrays" {
			t.Errorf("%s holds %+v of %s, want %s", name, d.Columns, d.Kind, c.want)
		}
	}
}

// A survey lists every array, and says why some are of no use; a run fails only for
// those that feed something.
func TestArraysOfNoUse(t *testing.T) {
	path := "testdata/kinds.npz"
	d, err := datatest.Describe(t, path)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, c := range d.Columns {
		got[c.Name] = string(c.DType) + c.Unusable
	}
	want := map[string]string{
		"x": "float64", "y": "string",
		"pickled": "holds Python objects: make it numbers or strings with .astype('float32') or .astype(str)",
		"waves":   "holds complex numbers: save a.real and a.imag as two arrays",
		"rows":    "holds records of several fields: save each as an array of its own, as in a['name']",
		"days":    "holds dates: make it numbers with .astype('int64')",
		"spans":   "holds spans of time: make it numbers with .astype('int64')",
		"wide":    `has the type "<f16": convert it with .astype() to a type of numbers, such as 'float32'`,
		"one":     "is a single value, not an array of examples",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	mustRead(t, path, "x", "y")
	_, err = arrays.Read([]string{path}, named("x", "waves"))
	datatest.WantError(t, err, dataset.ErrUnreadable, "kinds.npz (waves): holds complex numbers")
}

// Of named files too, one that is of no use does not hide the others.
func TestNamedFileOfNoUse(t *testing.T) {
	sources := []string{"x=testdata/vector.npy", "y=testdata/complex.npy"}
	d, err := datatest.Describe(t, sources...)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Columns) != 2 || d.Columns[0].High == nil || !strings.HasPrefix(d.Columns[1].Unusable, "holds complex numbers") {
		t.Errorf("the arrays are %+v", d.Columns)
	}
}

// A damaged array is listed beside sound ones, with what it should have been.
func TestDamageOfOneArray(t *testing.T) {
	x := datatest.Npy(t, "<i4", "(2,)", []int32{1, 2})
	for _, content := range []string{x[:len(x)-1], "text", x[:20]} {
		path := datatest.Npz(t, "x", x, "y", content)
		d, err := datatest.Describe(t, path)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Columns) != 2 || d.Columns[0].Unusable != "" || d.Columns[0].High == nil || d.Columns[1].Unusable == "" {
			t.Errorf("the arrays are %+v", d.Columns)
		}
		_, err = datatest.Describe(t, datatest.File(t, "y.npy", content))
		datatest.WantError(t, err, dataset.ErrUnreadable, "y.npy") // it has nothing else to show
	}
}

// Files that are not there are named, whatever kind they are of.
func TestMissingIdx(t *testing.T) {
	for _, source := range []string{"x=train-images-idx3-ubyte", "x=a.idx.gz", "x=a.npy.gz", "a.idx", "train-labels.idx1-ubyte"} {
		_, err := datatest.Read(t, dataset.Request{Sources: []string{source}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int32)}})
		datatest.WantError(t, err, fs.ErrNotExist)
	}
}

// Where an archive holds a split, the training half is offered, if it is clear.
func TestOffer(t *testing.T) {
	x := datatest.Npy(t, "<i4", "(2,)", []int32{1, 2})
	tensors := func(names ...string) (out []graph.Tensor) {
		for _, n := range names {
			out = append(out, testgraph.Tensor(n, graph.Int32))
		}
		return out
	}
	for _, c := range []struct {
		arrays  []string
		tensors []graph.Tensor
		want    map[string]string
	}{
		{[]string{"x_train", "y_train", "x_test", "y_test"}, tensors("x", "y"), map[string]string{"x": "x_train", "y": "y_train"}},
		{[]string{"X_train", "y_train", "X_val", "y_val", "X_test", "y_test"}, tensors("x", "y"), map[string]string{"x": "X_train", "y": "y_train"}},
		{[]string{"train_images", "train_labels", "test_images", "test_labels"}, tensors("x", "y"), map[string]string{"x": "train_images", "y": "train_labels"}},
		{[]string{"train_x", "train_y", "dev_x", "dev_y"}, tensors("image", "label"), map[string]string{"image": "train_x", "label": "train_y"}},
		{[]string{"trainX", "trainY", "testX", "testY", "names"}, tensors("x", "y"), map[string]string{"x": "trainX", "y": "trainY"}},
		{[]string{"training/a", "training/b", "validation/a", "validation/b"}, tensors("b", "a"), map[string]string{"a": "training/a", "b": "training/b"}},
		{[]string{"x_train", "x_test"}, tensors("x"), map[string]string{"x": "x_train"}},
		{[]string{"x_train", "y_train"}, tensors("x", "y"), nil}, // of no split
		{[]string{"x_train", "x_test", "y"}, tensors("x", "y"), nil},
		{[]string{"a_train", "b_train", "a_test", "b_test"}, tensors("x", "y"), nil},
		{[]string{"x_train", "label_train", "target_train", "x_test", "label_test", "target_test"}, tensors("x", "y"), nil},
	} {
		var entries []string
		for _, name := range c.arrays {
			entries = append(entries, name, x)
		}
		_, err := datatest.Read(t, dataset.Request{Sources: []string{datatest.Npz(t, entries...)}, Tensors: c.tensors})
		datatest.WantError(t, err, dataset.ErrColumn, "data.npz has no array")
		var got map[string]string
		if o := (*dataset.Offer)(nil); errors.As(err, &o) {
			got = o.Columns
			datatest.WantError(t, err, dataset.ErrUnfit, "its training examples are ")
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%v for %v: %s", c.arrays, c.tensors, d)
		}
	}
}

// Who names an array is offered no other.
func TestNoOfferBesideNames(t *testing.T) {
	_, err := datatest.Read(t, dataset.Request{
		Sources: []string{filepath.Join("testdata", "split.npz")}, Columns: map[string]string{"x": "x_test"},
		Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Uint8, 2, 2), testgraph.Tensor("y", graph.Int32)},
	})
	datatest.WantError(t, err, dataset.ErrColumn, `split.npz has no array "y"; it holds x_test, x_train, y_test, y_train`)
	if o := (*dataset.Offer)(nil); errors.As(err, &o) {
		t.Errorf("%v is offered", o.Columns)
	}
}
