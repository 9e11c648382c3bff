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
	if c.dtype.Size() == 0 || examples < 0 {
		t.Fatalf("%d examples of type %q", examples, c.dtype)
	}
	rows := examples
	if c.Ragged() {
		rows = c.offsets[examples]
	}
	if c.dtype == graph.String {
		if n := rows * graph.Count(c.shape); len(c.bounds) != n+1 || c.bounds[n] != len(c.data) {
			t.Fatalf("%d rows of %v strings have %d bounds and %d bytes", rows, c.shape, len(c.bounds), len(c.data))
		}
		return
	}
	if rows*c.RowBytes() != len(c.data) {
		t.Fatalf("%d rows of %v %s take %d bytes", rows, c.shape, c.dtype, len(c.data))
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
		checkColumn(t, a, a.examples)
		if len(a.data) > len(content) {
			t.Fatalf("%d bytes came from a file of %d", len(a.data), len(content))
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
			checkColumn(t, s.columns[0], s.examples)
			if err := s.Fit(m); err != nil && !errors.Is(err, ErrUnfit) {
				t.Fatalf("an error of no kind: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
