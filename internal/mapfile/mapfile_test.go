package mapfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"unsafe"
)

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	for _, text := range []string{"", "some bytes"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		b, err := Open(path)
		if err != nil || string(b) != text {
			t.Fatalf("Open = %q, %v, want %q", b, err, text)
		}
		if at := uintptr(unsafe.Pointer(unsafe.SliceData(b))); at%64 != 0 {
			t.Errorf("the bytes begin at %x", at)
		}
		if err := Close(b); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(path + "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
