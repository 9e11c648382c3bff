//go:build unix

package dataset

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"epochtime/harness/graph"
)

// oddly moves the data of an .npy file off its alignment: its header gets one
// byte longer.
func oddly(npy []byte) []byte {
	npy[8]++
	return bytes.Replace(npy, []byte("\n"), []byte(" \n"), 1)
}

// stored is an archive whose one array x begins so many bytes behind a multiple
// of 64.
func stored(t *testing.T, method uint16, behind int, npy []byte) string {
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
	if _, err := f.Write(npy); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return fileOf(t, "data.npz", out.Bytes())
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
	npy := func() []byte { return npyOf(t, "<f8", "(5000,)", values) }
	for _, c := range []struct {
		name, source string
		room         int
		mapped       bool
	}{
		{"array", "x=" + fileOf(t, "a.npy", npy()), 0, true},
		{"array at an odd place", "x=" + fileOf(t, "a.npy", oddly(npy())), 40000, false},
		{"array at an odd place, no room", "x=" + fileOf(t, "a.npy", oddly(npy())), 39999, true},
		{"stored", stored(t, zip.Store, 0, npy()), 0, true},
		{"stored on another page's place", stored(t, zip.Store, 8, npy()), 0, true},
		{"stored at an odd place", stored(t, zip.Store, 4, npy()), 40000, false},
		{"stored at an odd place, no room", stored(t, zip.Store, 4, npy()), 0, true},
		{"compressed", stored(t, zip.Deflate, 0, npy()), 40000, false},
		{"compressed, no room", stored(t, zip.Deflate, 0, npy()), 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := newReader([]string{c.source}, c.room).read([]string{c.source}, arrays("x"))
			if err != nil {
				t.Fatal(err)
			}
			x := s.Column("x")
			if !reflect.DeepEqual(graph.View[float64](x.Rows(0, s.examples)), values) {
				t.Error("the values are others")
			}
			if got := x.mapped != nil; got != c.mapped {
				t.Errorf("mapped: %t, want %t", got, c.mapped)
			}
			if err := s.Fit(manifest([]graph.Tensor{tensor("x", graph.Float64)})); err != nil {
				t.Error(err)
			}
			for range 2 {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			if c.mapped && x.data != nil {
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
	x := npyOf(t, "<f4", "(2,)", []float32{1, 2})
	path := npzOf(t, "x", x, "y", x)
	s, err := newReader([]string{path}, 12).read([]string{path}, arrays("x", "y"))
	if err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	if s.Column("x").mapped != nil || s.Column("y").mapped == nil {
		t.Error("12 bytes of room were not for the first of two arrays of 8")
	}
}

// A scratch file goes to the temporary folder where there is no cache folder.
func TestScratchElsewhere(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", fileOf(t, "no-folder", nil))
	t.Setenv("HOME", "")
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	f, err := newScratch()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if filepath.Dir(f.Name()) != temporary {
		t.Errorf("it is %s, want one in %s", f.Name(), temporary)
	}
	t.Setenv("TMPDIR", filepath.Join(temporary, "no"))
	_, err = newScratch()
	wantError(t, err, os.ErrNotExist, "no place to unpack it")
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
			path := fileOf(t, "x.npy", npyOf(t, "<f4", "(100000,)", make([]float32, 100000)))
			s, err := Read([]string{"x=" + path}, arrays("x"))
			if err != nil {
				t.Fatal(err)
			}
			closing(t, s)
			if err := s.Unchanged(); err != nil {
				t.Fatal(err)
			}
			if err := c.change(path); err != nil {
				t.Fatal(err)
			}
			wantError(t, s.Fit(manifest([]graph.Tensor{tensor("x", graph.Float32)})), ErrChanged, path, c.says)
			var one byte
			wantError(t, s.Guard(func() { one = s.Column("x").data[100000] }), ErrChanged, path, c.says)
			if one != 0 {
				t.Error("a byte came of it")
			}
			into := make([]byte, 400000)
			wantError(t, s.Guard(func() { copy(into, s.Column("x").data) }), ErrChanged, path, c.says)
			wantError(t, s.Unchanged(), ErrChanged, path)
		})
	}
}

func TestUnchanged(t *testing.T) {
	content := npyOf(t, "<f4", "(2,)", []float32{1, 2})
	for says, change := range map[string]func(string) error{
		"is gone since":        os.Remove,
		"became shorter, 100 ": func(path string) error { return os.Truncate(path, 100) },
		"was written to since": func(path string) error { return os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)) },
		"was replaced since":   func(path string) error { return replace(path, content) },
	} {
		for _, source := range []string{fileOf(t, "x.npy", content), npzOf(t, "x", content)} {
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
				wantError(t, s.Unchanged(), ErrChanged, source, says, "its epochs are not comparable")
			})
		}
	}
}

// replace puts another file of the same content, size and time in place of one.
func replace(path string, content []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", content, 0o644); err != nil {
		return err
	}
	if err := os.Chtimes(path+".new", time.Time{}, info.ModTime()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// A panic that is no fault of a changed file stays one.
func TestGuardPassesPanics(t *testing.T) {
	s := mustRead(t, "x="+fileOf(t, "x.npy", npyOf(t, "<f4", "(2,)", []float32{1, 2})), "x")
	defer func() {
		if recover() != "mine" {
			t.Error("the panic is lost")
		}
	}()
	_ = s.Guard(func() { panic("mine") })
}
