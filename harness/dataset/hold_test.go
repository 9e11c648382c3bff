//go:build linux

package dataset

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A body larger than the first allocation is enlarged twice.
func TestReadBodyGrows(t *testing.T) {
	const size = 160 << 20
	end := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	data, err := readBody(io.MultiReader(io.LimitReader(zeros{}, size-8), bytes.NewReader(end)), size, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) != size || !bytes.Equal(data[size-8:], end) || !bytes.Equal(data[:8], make([]byte, 8)) {
		t.Errorf("%d bytes, the last are %v", len(data), data[len(data)-8:])
	}
}

// A scratch file goes to the temporary folder if there is no cache folder.
func TestScratchElsewhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "no-folder")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", file)
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

func TestNoRoomToUnpack(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	err = unpack(full, bytes.NewReader(make([]byte, 100)), 100)
	if err == nil {
		t.Fatal("a full disk took it")
	}
	wantError(t, err, err, "unpacking it into /dev: no space left on device: make room there")
}
