package arrays_test

import (
	"archive/zip"
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// status is a figure of this process in bytes, such as RssFile.
func status(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatalf("no %s in /proc/self/status", name)
	return 0
}

// Of a file of 600 MB no more than 150 MB lie in memory, in whatever order it
// is read.
func TestMemoryStaysBounded(t *testing.T) {
	const row, rows, bound = 4096, 150_000, 150 << 20
	path := datatest.File(t, "x.npy", datatest.NpyHeader("|u1", "False", "(150000, 4096)"))
	if err := os.Truncate(path, 128+row*rows); err != nil { // the rest is a hole
		t.Fatal(err)
	}
	s := mustRead(t, "x="+path, "x")
	before := status(t, "RssFile")
	most := 0
	look := func() { most = max(most, status(t, "RssFile")-before) }
	if err := s.Fit(datatest.Manifest(testgraph.Tensor("x", graph.Uint8, row))); err != nil {
		t.Fatal(err)
	}
	look()
	into, x := make([]byte, 100*row), s.Column("x")
	for i := 0; i < rows; i += 100 {
		copy(into, x.Rows(i, i+100))
		if i%5000 == 0 {
			look()
		}
	}
	s.Shuffled()
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range rows {
		k := rng.IntN(rows)
		copy(into, x.Rows(k, k+1))
		if i%500 == 0 {
			look()
		}
	}
	if most > bound {
		t.Errorf("%d MiB of the file were in memory, more than %d", most>>20, bound>>20)
	}
	t.Logf("at most %d MiB of %d", most>>20, row*rows>>20)
}

// Close leaves nothing mapped, nor does a set that cannot be read whole.
func TestNothingStaysMapped(t *testing.T) {
	good := datatest.Npy(t, "<f4", "(2,)", []float32{1, 2})
	x, y := datatest.File(t, "x.npy", good), datatest.File(t, "y.npy", good[:len(good)-1])
	s, err := arrays.Read([]string{"x=" + x}, named("x"))
	if err != nil {
		t.Fatal(err)
	}
	if !mapped(t, x) {
		t.Error("it is not mapped at all")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	_, err = arrays.Read([]string{"x=" + x, "y=" + y}, named("x", "y"))
	datatest.WantError(t, err, dataset.ErrUnreadable, "y.npy: it is cut short: 7 bytes of its 8 are there")
	if mapped(t, x) {
		t.Error("it is still mapped")
	}
}

// Archives that were joined are not mapped any more.
func TestJoinedArchivesAreNotMapped(t *testing.T) {
	x := datatest.Npy(t, "<f4", "(2,)", []float32{1, 2})
	paths := []string{stored(t, zip.Store, 0, x), stored(t, zip.Store, 0, x)}
	s, err := arrays.Read(paths, named("x"))
	if err != nil {
		t.Fatal(err)
	}
	datatest.Closing(t, s)
	if s.Examples() != 4 || mapped(t, paths[0]) || mapped(t, paths[1]) {
		t.Errorf("%v, mapped: %t, %t", s, mapped(t, paths[0]), mapped(t, paths[1]))
	}
}

func mapped(t *testing.T, path string) bool {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(maps, []byte(whole))
}
