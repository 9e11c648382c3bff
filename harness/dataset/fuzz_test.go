package dataset

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"epochtime/harness/graph"
)

// seeds adds the small files that NumPy made.
func seeds(f *testing.F, pattern string) {
	f.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(paths) == 0 {
		f.Fatalf("no %s in testdata: %v", pattern, err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
}

// checkColumn fails unless a column's parts agree.
func checkColumn(t *testing.T, c *Column, examples int) {
	t.Helper()
	if c.DType.Size() == 0 || examples < 0 {
		t.Fatalf("%d examples of type %q", examples, c.DType)
	}
	rows := examples
	if c.Ragged() {
		rows = c.Offsets[examples]
	}
	if c.DType == graph.String {
		if n := rows * elements(c.Shape); len(c.Strings) != n+1 || c.Strings[n] != len(c.Data) {
			t.Fatalf("%d rows of %v strings have %d bounds and %d bytes", rows, c.Shape, len(c.Strings), len(c.Data))
		}
		return
	}
	if rows*c.RowBytes() != len(c.Data) {
		t.Fatalf("%d rows of %v %s take %d bytes", rows, c.Shape, c.DType, len(c.Data))
	}
}

func FuzzArray(f *testing.F) {
	seeds(f, "*.npy")
	f.Add(claims("(4611686018427387904,)"))
	f.Add(claims("(-1, 0)"))
	f.Fuzz(func(t *testing.T, content []byte) {
		a, err := newReader(nil, unpackBytes).array(&npyStream{Reader: bytes.NewReader(content), where: "fuzz"})
		if err != nil {
			if !errors.Is(err, ErrUnreadable) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		checkColumn(t, &a.Column, a.examples)
		if len(a.Data) > len(content) {
			t.Fatalf("%d bytes came from a file of %d", len(a.Data), len(content))
		}
	})
}

func FuzzArchive(f *testing.F) {
	seeds(f, "*.npz")
	path := filepath.Join(f.TempDir(), "fuzz.npz")
	x := tensor("x", graph.Int32, 0, 2)
	x.Categories = 1000
	m := manifest([]graph.Tensor{x})
	m.Preprocess = []graph.Preprocess{{Op: "pad", Input: "x"}}
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"x", "int32"} {
			s, err := Read([]string{path}, map[string]string{"x": name})
			if err != nil {
				if !errors.Is(err, ErrUnreadable) && !errors.Is(err, ErrUnfit) {
					t.Fatalf("an error of no kind: %v", err)
				}
				continue
			}
			checkColumn(t, &s.Columns[0], s.Examples)
			if err := s.Fit(m); err != nil && !errors.Is(err, ErrUnfit) {
				t.Fatalf("an error of no kind: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
