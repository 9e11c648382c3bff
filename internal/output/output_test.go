package output

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTarget(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out.txt")
	for _, c := range []struct {
		path         string
		isFile       bool
		stdout, disk string // after "one" and "two" were written
	}{
		{path: ""},
		{path: "-", stdout: "onetwo"},
		{path: file, isFile: true, disk: "two"},
		{path: os.DevNull},
	} {
		var stdout bytes.Buffer
		to, err := Open(c.path, &stdout)
		if err != nil {
			t.Fatalf("%q: %v", c.path, err)
		}
		if to.IsFile() != c.isFile || to.String() != c.path {
			t.Errorf("%q: %q, a file: %v", c.path, to, to.IsFile())
		}
		for _, text := range []string{"one", "two"} {
			if err := to.Write([]byte(text)); err != nil {
				t.Errorf("%q: %v", c.path, err)
			}
		}
		disk, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if stdout.String() != c.stdout || string(disk) != c.disk {
			t.Errorf("%q: %q on stdout, want %q; %q in the file, want %q", c.path, stdout.String(), c.stdout, disk, c.disk)
		}
		_ = os.Remove(file) // most targets do not make it
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, nil); !errors.Is(err, ErrFolder) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "nowhere", "x"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is missing: %v", err)
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.txt")
	to, err := Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		unlock, err := to.Lock()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Lock(); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), path) {
			t.Errorf("a second writer: %v", err)
		}
		unlock()
	}
	for _, path := range []string{"", os.DevNull} {
		to, err := Open(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := to.Lock(); err != nil { // of no use to others
				t.Errorf("%q: %v", path, err)
			}
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestWriteError(t *testing.T) {
	to, err := Open("-", full{})
	if err != nil {
		t.Fatal(err)
	}
	if err := to.Write([]byte("x")); err == nil || !strings.Contains(err.Error(), "writing to -: no space") {
		t.Errorf("a stream that is full: %v", err)
	}
}

// A result that is written in parts replaces a file whole, or leaves it as it was.
func TestStream(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.bin")
	to, err := Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw := "\x00\x1b\xff"
	if err := to.Stream(func(w io.Writer) error { _, err := io.WriteString(w, raw); return err }); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("half")
	err = to.Stream(func(w io.Writer) error { _, _ = io.WriteString(w, "half"); return failed })
	if !errors.Is(err, failed) || !strings.Contains(err.Error(), "out.bin") {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != raw {
		t.Errorf("%q, %v", text, err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("%v is left", entries)
	}
	if err := (Target{}).Stream(func(io.Writer) error { return failed }); err != nil {
		t.Errorf("nowhere: %v", err)
	}
}
