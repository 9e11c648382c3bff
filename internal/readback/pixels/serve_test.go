package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Images are answered in order, and one that is refused does not disturb the next.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	red := image.NewRGBA(image.Rect(0, 0, 3, 2))
	for i := range 6 {
		red.Set(i%3, i/3, color.RGBA{200, 0, 7, 255})
	}
	var file, in, out bytes.Buffer
	if err := png.Encode(&file, red); err != nil {
		t.Fatal(err)
	}
	good, bad := filepath.Join(dir, "red.png"), filepath.Join(dir, "bad.png")
	for path, content := range map[string][]byte{good: file.Bytes(), bad: []byte("no image")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	asks := json.NewEncoder(&in)
	for _, path := range []string{good, bad, good} {
		if err := asks.Encode(asked{Path: path, Height: 2, Width: 3}); err != nil {
			t.Fatal(err)
		}
	}
	if err := serve(&in, &out); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(&out)
	checkAnswer(t, answers, "")
	checkAnswer(t, answers, bad)
	checkAnswer(t, answers, "")
	if rest, err := io.ReadAll(answers); len(rest) > 0 || err != nil {
		t.Errorf("%d bytes are left, %v", len(rest), err)
	}
}

// checkAnswer reads the answer for an image of six red pixels, or a refusal that
// names a file.
func checkAnswer(t *testing.T, in *bufio.Reader, refused string) {
	t.Helper()
	line, err := in.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		t.Fatal(err)
	}
	if refused != "" {
		if a.Bytes != 0 || !strings.Contains(a.Refused, refused) {
			t.Errorf("the answer for %s is %+v", refused, a)
		}
		return
	}
	pixels := make([]byte, 4*2*3*3)
	if _, err := io.ReadFull(in, pixels); err != nil || a.Bytes != len(pixels) {
		t.Fatalf("%+v, %v", a, err)
	}
	if want := []byte{0, 0, 0x48, 0x43, 0, 0, 0, 0, 0, 0, 0xe0, 0x40}; !bytes.Equal(pixels[:12], want) { // 200, 0, 7
		t.Errorf("the first pixel is % x, want % x", pixels[:12], want)
	}
}
