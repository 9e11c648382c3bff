// Package mapfile has whole files in memory, to be read in place.
package mapfile

import "os"

// Open returns a file's bytes, which nobody may write, aligned to 64 bytes at least.
// They stay until Close.
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
	return contents(f, info.Size())
}
