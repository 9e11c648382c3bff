//go:build !unix

// Package mapfile has whole files in memory, to be read in place.
package mapfile

import (
	"io"
	"os"
	"unsafe"
)

// Open returns a file's bytes, which nobody may write, aligned to 64 bytes at least.
// They stay as long as they are referred to.
func Open(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return nil, err
	}
	room := make([]byte, info.Size()+63)
	lead := -uintptr(unsafe.Pointer(unsafe.SliceData(room))) % 64
	b := room[lead : int64(lead)+info.Size()]
	_, err = io.ReadFull(f, b)
	return b, err
}

// Close gives the bytes of Open back.
func Close([]byte) error { return nil }
