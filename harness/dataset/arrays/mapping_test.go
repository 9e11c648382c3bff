//go:build unix

package arrays_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// oddly moves the data of an .npy file off its alignment: its header gets one
// byte longer.
func oddly(npy string) string {
	return npy[:8] + string([]byte{npy[8] + 1}) + npy[9:10] + strings.Replace(npy[10:], "\n", " \n", 1)
}

// stored is an archive whose one array x begins so many bytes behind a multiple
// of 64.
func stored(t *testing.T, method uint16, behind int, npy string) string {
	t.Helper()
	const name, local = "x.npy", 30 // the fixed part of a zip's header before each member
	extra := make([]byte, 64+behind-local-len(name))
	copy(extra, []byte{0xfe, 0xca, byte(len(extra) - 4), 0})
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method, Extra: extra})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(npy)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return datatest.File(t, "data.npz", out.String())
}

// What lies in a file as it is, aligned, is mapped; the rest is unpacked into
// memory or, without room there, into a scratch file that is mapped.
func TestReadHolds(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	values := make([]float64, 5000)
	for i := range values {
		values[i] = float64(i)
	}
	npy := func() string { return datatest.Npy(t, "<f8", "(5000,)", values) }
	for _, c := range []struct {
		name, source string
		room         int
		mapped       bool
	}{
		{"array", "x=" + datatest.File(t, "a.npy", npy()), 0, true},
		{"array at an odd place", "x=" + datatest.File(t, "a.npy", oddly(npy())), 40000, false},
		{"array at an odd place, no room", "x=" + datatest.File(t, "a.npy", oddly(npy())), 39999, true},
		{"stored", stored(t, zip.Store, 0, npy()), 0, true},
		{"stored on another page's place", stored(t, zip.Store, 8, npy()), 0, true},
		{"stored at an odd place", stored(t, zip.Store, 4, npy()), 40000, false},
		{"stored at an odd place, no room", stored(t, zip.Store, 4, npy()), 0, true},
		{"compressed", stored(t, zip.Deflate, 0, npy()), 40000, false},
		{"compressed, no room", stored(t, zip.Deflate, 0, npy()), 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := readIn(t, max(1, c.room), c.source, "x")
			x := s.Column("x")
			if !reflect.DeepEqual(graph.View[float64](x.Rows(0, s.Examples())), values) {
				t.Error("the values are others")
			}
			if got := !x.InMemory(); got != c.mapped {
				t.Errorf("mapped: %t, want %t", got, c.mapped)
			}
			if err := s.Fit(datatest.Manifest(testgraph.Tensor("x", graph.Float64))); err != nil {
				t.Error(err)
			}
			for range 2 {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			if c.mapped && x.Bytes() != nil {
				t.Error("the data is still there once the set is closed")
			}
			if left, _ := filepath.Glob(filepath.Join(cache, "*", "*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// A second array finds the room that the first left.
func TestRoomIsForAll(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	x := datatest.Npy(t, "<f4", "(2,)", []float32{1, 2})
	path := datatest.Npz(t, "x", x, "y", x)
	s := readIn(t, 12, path, "x", "y")
	if !s.Column("x").InMemory() || s.Column("y").InMemory() {
		t.Error("12 bytes of room were not for the first of two arrays of 8")
	}
}

// changes are what may befall a file, and what is said of it afterwards.
var changes = []struct {
	name   string
	change func(path string) error
	says   string
}{
	{"shorter", func(path string) error { return os.Truncate(path, 128) }, "became shorter, 128 bytes instead of 400128, since it was opened"},
	{"gone, shorter", func(path string) error {
		if err := os.Truncate(path, 128); err != nil {
			return err
		}
		return os.Remove(path)
	}, "is gone since it was opened"},
}

func TestFileThatGetsShorter(t *testing.T) {
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			path := datatest.File(t, "x.npy", datatest.Npy(t, "<f4", "(100000,)", make([]float32, 100000)))
			s, err := arrays.Read([]string{"x=" + path}, named("x"))
			if err != nil {
				t.Fatal(err)
			}
			datatest.Closing(t, s)
			if err := s.Unchanged(); err != nil {
				t.Fatal(err)
			}
			if err := c.change(path); err != nil {
				t.Fatal(err)
			}
			datatest.WantError(t, s.Fit(datatest.Manifest(testgraph.Tensor("x", graph.Float32))), dataset.ErrChanged, path, c.says)
			var one byte
			datatest.WantError(t, s.Guard(func() { one = s.Column("x").Bytes()[100000] }), dataset.ErrChanged, path, c.says)
			if one != 0 {
				t.Error("a byte came of it")
			}
			into := make([]byte, 400000)
			datatest.WantError(t, s.Guard(func() { copy(into, s.Column("x").Bytes()) }), dataset.ErrChanged, path, c.says)
			datatest.WantError(t, s.Unchanged(), dataset.ErrChanged, path)
		})
	}
}

func TestUnchanged(t *testing.T) {
	content := datatest.Npy(t, "<f4", "(2,)", []float32{1, 2})
	for says, change := range map[string]func(string) error{
		"is gone since":        os.Remove,
		"became shorter, 100 ": func(path string) error { return os.Truncate(path, 100) },
		"was written to since": func(path string) error { return os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)) },
		"was replaced since":   func(path string) error { return replace(path, content) },
	} {
		for _, source := range []string{datatest.File(t, "x.npy", content), datatest.Npz(t, "x", content)} {
			arg := source
			if filepath.Ext(source) == ".npy" {
				arg = "x=" + source
			}
			s := mustRead(t, arg, "x")
			if err := s.Unchanged(); err != nil {
				t.Fatal(err)
			}
			if err := change(source); err != nil {
				t.Fatal(err)
			}
			t.Run(says, func(t *testing.T) {
				datatest.WantError(t, s.Unchanged(), dataset.ErrChanged, source, says, "its epochs are not comparable")
			})
		}
	}
}

// replace puts another file of the same content, size and time in place of one.
func replace(path, content string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", []byte(content), 0o644); err != nil {
		return err
	}
	if err := os.Chtimes(path+".new", time.Time{}, info.ModTime()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// A panic that is no fault of a changed file stays one.
func TestGuardPassesPanics(t *testing.T) {
	s := mustRead(t, "x="+datatest.File(t, "x.npy", datatest.Npy(t, "<f4", "(2,)", []float32{1, 2})), "x")
	defer func() {
		if recover() != "mine" {
			t.Error("the panic is lost")
		}
	}()
	_ = s.Guard(func() { panic("mine") })
}
