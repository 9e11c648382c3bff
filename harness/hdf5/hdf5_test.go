package hdf5

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func datasets(b []byte) ([]Dataset, error) { return Datasets(bytes.NewReader(b), int64(len(b))) }

// What is found is what h5py finds.
func TestDatasets(t *testing.T) {
	for _, name := range []string{"small", "types", "many"} {
		t.Run(name, func(t *testing.T) {
			var want []Dataset
			if err := json.Unmarshal(read(t, name+".json"), &want); err != nil {
				t.Fatal(err)
			}
			got, err := datasets(read(t, name+".h5"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-h5py +this:\n%s", diff)
			}
		})
	}
}

func TestUnsupported(t *testing.T) {
	for _, name := range []string{"chunked", "compact-new"} {
		if _, err := datasets(read(t, name+".h5")); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v, want ErrUnsupported", name, err)
		}
	}
}

func TestNotHDF5(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("PK"), bytes.Repeat([]byte("weights"), 100)} {
		if _, err := datasets(b); !errors.Is(err, ErrNoHDF5) {
			t.Errorf("%.20q: %v, want ErrNoHDF5", b, err)
		}
	}
}

// However short a file is cut, that is found.
func TestCutShort(t *testing.T) {
	whole := read(t, "types.h5")
	for n := 8; n < len(whole); n += 13 {
		if _, err := datasets(whole[:n]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("%d of %d bytes: %v, want ErrDamaged", n, len(whole), err)
		}
	}
}

// Whatever bytes are damaged, there is an error, or datasets that are inside the
// file.
func TestDamagedBytes(t *testing.T) {
	whole := read(t, "types.h5")
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		b := bytes.Clone(whole)
		for range 1 + random.IntN(4) {
			b[random.IntN(len(b))] = byte(random.Uint32())
		}
		check(t, b)
	}
}

// check fails for datasets that no caller could read.
func check(t *testing.T, b []byte) {
	t.Helper()
	found, err := datasets(b)
	if err != nil && found != nil {
		t.Errorf("%d datasets with the error %v", len(found), err)
	}
	for _, d := range found {
		if d.Offset < 0 || d.Bytes < 0 || d.Offset+d.Bytes > int64(len(b)) {
			t.Errorf("%+v is outside %d bytes", d, len(b))
		}
	}
}

// Any bytes give datasets that are inside the file, or an error.
func FuzzDatasets(f *testing.F) {
	for _, name := range []string{"small", "chunked", "compact-new"} {
		f.Add(read(f, name+".h5"))
	}
	f.Fuzz(func(t *testing.T, b []byte) { check(t, b) })
}
