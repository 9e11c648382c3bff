package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// What may not be meant in the data is told by the launch that reads it.
func TestWarningsOfData(t *testing.T) {
	dir := t.TempDir()
	for class, images := range map[string]string{"train": "round", "test": "square"} {
		of, err := filepath.Abs(filepath.Join("..", "..", "testdata", "images", images))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(of, filepath.Join(dir, class)); err != nil {
			t.Fatal(err)
		}
	}
	out := trained(t, "cnn", record.Config{Data: []string{dir}, Epochs: 1, Device: "cpu"})
	if w := out.Launch.Warnings; len(w) != 1 || !strings.Contains(w[0], "the classes are called test and train") {
		t.Errorf("the launch warns of %q", w)
	}
}

func TestRoom(t *testing.T) {
	for _, c := range []struct {
		available uint64
		known     bool
		want      int
	}{
		{0, false, 256 << 20},
		{64 << 30, true, 256 << 20},
		{512 << 20, true, 64 << 20},
		{0, true, 1}, // 0 would ask for the default
	} {
		if got := room(c.available, c.known); got != c.want {
			t.Errorf("room(%d, %v) = %d, want %d", c.available, c.known, got, c.want)
		}
	}
}
