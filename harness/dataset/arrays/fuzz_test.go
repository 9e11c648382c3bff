package arrays_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
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

// sound reads an array; whatever the file holds, the set or the error must be sound.
func sound(t *testing.T, source, array string) *dataset.Set {
	t.Helper()
	s, err := arrays.Read([]string{source}, map[string]string{"x": array})
	if err != nil {
		datatest.WantClass(t, err)
		return nil
	}
	datatest.Closing(t, s)
	datatest.CheckSet(t, s)
	return s
}

func FuzzArray(f *testing.F) {
	seeds(f, "*.npy")
	for _, shape := range []string{"(4611686018427387904,)", "(-1, 0)", "(1L, 2)", "(0, 1073741824)", "(1073741824, 0)"} {
		f.Add([]byte(claims(shape)))
	}
	f.Add([]byte(datatest.NpyHeader("|S3", "False", "(2,)") + "onetwo"))
	f.Add([]byte(datatest.NpyHeader("<U1", "False", "(1073741824, 0)")))
	for _, descr := range []string{">f4", ">U1", "<i2", "|S2"} {
		f.Add([]byte(datatest.NpyHeader(descr, "True", "(3, 2, 2)") + strings.Repeat("abcd", 12)))
	}
	path := datatest.File(f, "x.npy", "")
	f.Fuzz(func(t *testing.T, content []byte) {
		datatest.Overwrite(t, path, string(content))
		if s := sound(t, "x="+path, "x"); s != nil && len(s.Column("x").Bytes()) > len(content) {
			t.Fatalf("%d bytes came from a file of %d", len(s.Column("x").Bytes()), len(content))
		}
	})
}

func FuzzArchive(f *testing.F) {
	seeds(f, "*.npz")
	m := datatest.Manifest(testgraph.Tensor("x", graph.Int32, 0, 2))
	m.Inputs[0].Categories = 1000
	m.Preprocess = []graph.Preprocess{{Op: "pad", Input: "x"}}
	path := datatest.File(f, "fuzz.npz", "")
	f.Fuzz(func(t *testing.T, content []byte) {
		datatest.Overwrite(t, path, string(content))
		for _, name := range []string{"x", "int32"} {
			if s := sound(t, path, name); s != nil {
				if err := s.Fit(m); err != nil && !errors.Is(err, dataset.ErrUnfit) {
					t.Fatalf("an error of no class: %v", err)
				}
			}
		}
	})
}
