package graph

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// FuzzWeights: whatever a graph's index, its emptied weights file and a file of
// stored weights hold, there is an error of a class, or variables of their own
// sizes that can be read.
func FuzzWeights(f *testing.F) {
	stored, err := os.ReadFile(filepath.Join("..", "hdf5", "testdata", "small.h5"))
	if err != nil {
		f.Fatal(err)
	}
	m := weightsFolder(f, []byte("head....tail"), nil)
	path := filepath.Join(m.Dir, "stored.h5")
	packed, err := os.ReadFile(filepath.Join(m.Dir, m.Weights.File))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`[{"path":"a","dtype":"float32","shape":[2],"offset":4,"bytes":8,"tensor":"a:0","dataset":"layers/dense/vars/0"}]`), packed, stored)
	f.Add([]byte(`[{"dtype":"int8","shape":[2,2],"offset":4,"bytes":4,"tensor":"a:0","dataset":"optimizer/vars/0"},{"dtype":"bool","bytes":1,"dataset":"b"}]`), packed, stored[:100])
	f.Fuzz(func(t *testing.T, index, packed, stored []byte) {
		for at, content := range map[string][]byte{filepath.Join(m.Dir, m.Weights.Index): index, filepath.Join(m.Dir, m.Weights.File): packed, path: stored} {
			if err := os.WriteFile(at, content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		w, err := m.OpenWeights()
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("an error of no class: %v", err)
			}
			return
		}
		tooLarge := errors.New("too large for a test")
		err = w.Fill(io.Discard, func(v Variable) ([]byte, error) {
			if v.Bytes > 1<<16 {
				return nil, tooLarge
			}
			return make([]byte, v.Bytes), nil
		})
		if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, tooLarge) {
			t.Fatalf("an error of no class: %v", err)
		}
		readAll(t, w, path, len(stored))
	})
}

// readAll reads each variable of a file of a size in bytes.
func readAll(t *testing.T, w *WeightsFile, path string, size int) {
	t.Helper()
	s, err := w.Stored(path)
	if err != nil {
		if !errors.Is(err, ErrStored) {
			t.Fatalf("an error of no class: %v", err)
		}
		return
	}
	defer s.Close()
	if len(s.Variables)+len(s.Lacking) != len(w.Variables) {
		t.Fatalf("%d variables there and %d lacking, of %d", len(s.Variables), len(s.Lacking), len(w.Variables))
	}
	for _, v := range s.Variables {
		if v.Bytes > int64(size) {
			t.Fatalf("%s has %d bytes of a file of %d", v.Path, v.Bytes, size)
		}
		if err := s.Read(v, make([]byte, v.Bytes)); err != nil {
			t.Fatal(err)
		}
	}
}
