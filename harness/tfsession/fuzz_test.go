package tfsession

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"epochtime/harness/graph"
)

// FuzzDecode: whatever an image file holds, its pixels are within range, or the
// file is at fault.
func FuzzDecode(f *testing.F) {
	for _, path := range imageFiles(f) {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	decoder := imageDecoder(f, 4, 4, 3, graph.Float32)
	path := filepath.Join(f.TempDir(), "image")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		pixels := make([]byte, 4*4*3*4)
		if err := decoder.Decode(path, pixels); err != nil {
			if !errors.Is(err, ErrImage) && !errors.Is(err, ErrOOM) { // a small file may claim many pixels
				t.Fatalf("an error of no class: %v", err)
			}
			return
		}
		for i, v := range floats(pixels) {
			if !(v >= 0 && v <= 255) {
				t.Fatalf("value %d is %v", i, v)
			}
		}
	})
}
