package numpy_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/dataset/numpy"
)

// What Write writes, Read reads as it was.
func TestWriteReadsBack(t *testing.T) {
	for name, columns := range map[string][]string{
		"../arrays/testdata/every.npz":  {"bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"},
		"../arrays/testdata/ragged.npz": {"x", "y"},
	} {
		named := make(map[string]string)
		for _, c := range columns {
			named[c] = c
		}
		set, err := arrays.Read([]string{name}, named)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := numpy.Write(&out, set); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "again.npz")
		if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		again, err := arrays.Read([]string{path}, named)
		if err != nil {
			t.Fatal(err)
		}
		if len(again.Columns()) != len(columns) {
			t.Errorf("%s: %d columns came back of %d", name, len(again.Columns()), len(columns))
		}
		for _, want := range set.Columns() {
			got := again.Column(want.Name())
			if got == nil || got.DType() != want.DType() || !slices.Equal(got.Shape(), want.Shape()) || !slices.Equal(datatest.Lengths(got), datatest.Lengths(want)) || !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("%s: %s came back as another column", name, want.Name())
			}
		}
	}
}

func TestWriteRefusesTexts(t *testing.T) {
	set, err := dataset.New("texts", dataset.Texts("x", nil, []string{"a", "b"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := numpy.Write(&bytes.Buffer{}, set); !errors.Is(err, dataset.ErrUnfit) {
		t.Errorf("the error is %v, want ErrUnfit", err)
	}
}
