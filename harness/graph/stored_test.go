package graph

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// stored is an index of some of the data sets of hdf5's types.h5, which holds
// ones, k+1 × 2 of them, in layers/dense_K/vars/0, and K in vars/1.
func stored() *WeightsFile {
	v := func(dataset string, d DType, shape ...int) Variable {
		bytes := int64(d.Size())
		for _, n := range shape {
			bytes *= int64(n)
		}
		return Variable{Path: dataset, Dataset: dataset, DType: d, Shape: shape, Bytes: bytes, Tensor: "t:0"}
	}
	w := &WeightsFile{Variables: []Variable{
		v("layers/dense_0/vars/0", Float16, 1, 2), v("layers/dense_1/vars/0", Float32, 2, 2), v("layers/dense_2/vars/1", Float64),
		v("layers/dense_5/vars/0", Int64, 6, 2), v("layers/dense_7/vars/0", Uint32, 8, 2), v("layers/dense_9/vars/0", Bool, 10, 2),
		v("bfloat16/vars/0", BFloat16, 3),
	}}
	for k := range 12 {
		for _, end := range []string{"/vars/0", "/vars/1"} {
			w.fixed = append(w.fixed, "layers/dense_"+string([]byte{byte('0' + k)})+end)
		}
	}
	w.fixed = append(w.fixed, "layers/dense_10/vars/0", "layers/dense_10/vars/1", "layers/dense_11/vars/0", "layers/dense_11/vars/1")
	return w
}

func TestStoredReads(t *testing.T) {
	w := stored()
	w.Variables = append(w.Variables, Variable{Path: "iteration", Dataset: "optimizer/vars/0", DType: Int32, Bytes: 4, Tensor: "t:0"})
	s, err := w.Stored(filepath.Join("..", "hdf5", "testdata", "types.h5"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(s.Lacking) != 1 || s.Lacking[0].Path != "iteration" || len(s.Variables) != 7 {
		t.Errorf("it has %v, and lacks %v", s.Variables, s.Lacking)
	}
	read := func(name string) []byte {
		v := s.Variables[slices.IndexFunc(s.Variables, func(v Variable) bool { return v.Dataset == name })]
		out := make([]byte, v.Bytes)
		if err := s.Read(v, out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := View[float32](read("layers/dense_1/vars/0")); !slices.Equal(got, []float32{1, 1, 1, 1}) {
		t.Errorf("dense_1 is %v", got)
	}
	if got := View[float64](read("layers/dense_2/vars/1")); !slices.Equal(got, []float64{2}) {
		t.Errorf("dense_2 is %v", got)
	}
	if got := read("bfloat16/vars/0"); !bytes.Equal(got, []byte{0x80, 0x3f, 0x80, 0x3f, 0x80, 0x3f}) {
		t.Errorf("bfloat16 is %x", got)
	}
	if err := s.Read(s.Variables[0], make([]byte, 3)); !errors.Is(err, ErrStored) {
		t.Errorf("into a place of another size: %v", err)
	}
}

func TestStoredRefuses(t *testing.T) {
	file := filepath.Join("..", "hdf5", "testdata", "types.h5")
	for name, c := range map[string]struct {
		change func(w *WeightsFile)
		says   string
	}{
		"a variable it lacks": {func(w *WeightsFile) { w.Variables[0].Dataset = "layers/gru/vars/0" }, "nothing for layers/dense_0"},
		"another shape":       {func(w *WeightsFile) { w.Variables[1].Shape = []int{4} }, "shape [2 2] there and [4]"},
		"another type":        {func(w *WeightsFile) { w.Variables[1].DType = Int32 }, "is not int32"},
		"another sign":        {func(w *WeightsFile) { w.Variables[3].DType = Uint64 }, "is not uint64"},
		"big-endian": {func(w *WeightsFile) {
			w.Variables[1] = Variable{Path: "a", Dataset: "layers/dense_10/vars/0", DType: Float32, Shape: []int{11, 2}, Bytes: 88, Tensor: "t:0"}
		}, "is not float32"},
		"a layer more": {func(w *WeightsFile) {
			w.fixed = slices.DeleteFunc(w.fixed, func(name string) bool { return name == "layers/dense_3/vars/0" })
		}, "has layers/dense_3/vars/0, which this model lacks"},
		"another optimizer": {func(w *WeightsFile) {
			w.Variables[0].Dataset, w.Variables[1].Dataset = "optimizer/vars/0", "optimizer/vars/1"
		}, ""},
	} {
		w := stored()
		c.change(w)
		from := file
		if name == "another optimizer" {
			from, c.says = filepath.Join("..", "hdf5", "testdata", "many.h5"), "of another model"
			w.Variables = w.Variables[:2]
		}
		if _, err := w.Stored(from); !errors.Is(err, ErrStored) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), from) {
			t.Errorf("%s: %v; want ErrStored, the file and %q", name, err, c.says)
		}
	}
}

func TestStoredFiles(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.h5")
	if err := os.WriteFile(text, []byte("weights"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		filepath.Join(dir, "gone.h5"): "gone.h5",
		dir:                           "no file",
		text:                          "model.save_weights",
		filepath.Join("..", "hdf5", "testdata", "chunked.h5"): "save it again",
	} {
		_, err := stored().Stored(path)
		if !errors.Is(err, ErrStored) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want ErrStored and %q", path, err, says)
		}
		if missing := strings.HasSuffix(path, "gone.h5"); errors.Is(err, fs.ErrNotExist) != missing {
			t.Errorf("%s: %v is fs.ErrNotExist: %t", path, err, !missing)
		}
	}
}
