package tfsession

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/shirou/gopsutil/v4/process"

	"epochtime/harness/graph"
)

const imageHeight, imageWidth = 12, 10 // of testdata/decoded-C.f32

func imageFiles(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/images/*/*")
	if err != nil || len(paths) != 6 {
		t.Fatalf("%d images, %v", len(paths), err)
	}
	return paths
}

func imageDecoder(t testing.TB, height, width, channels int, d graph.DType) *ImageDecoder {
	t.Helper()
	decoder, err := NewImageDecoder(height, width, channels, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { decoder.Close() })
	return decoder
}

// keras is what keras.utils.image_dataset_from_directory made of image k.
func keras(t *testing.T, channels, k int) []float32 {
	t.Helper()
	all, err := os.ReadFile(map[int]string{1: "testdata/decoded-1.f32", 3: "testdata/decoded-3.f32"}[channels])
	if err != nil {
		t.Fatal(err)
	}
	n := imageHeight * imageWidth * channels
	return floats(all[4*n*k:][:4*n])
}

func floats(b []byte) []float32 {
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

func TestImagesAreKerasImages(t *testing.T) {
	for _, channels := range []int{1, 3} {
		size := imageHeight * imageWidth * channels
		whole := imageDecoder(t, imageHeight, imageWidth, channels, graph.Float32)
		cut := imageDecoder(t, imageHeight, imageWidth, channels, graph.Uint8)
		pixels, bytes := make([]byte, 4*size), make([]byte, size)
		for k, path := range imageFiles(t) {
			if err := whole.Decode(path, pixels); err != nil {
				t.Fatal(err)
			}
			if err := cut.Decode(path, bytes); err != nil {
				t.Fatal(err)
			}
			got := floats(pixels)
			for i, want := range keras(t, channels, k) {
				if got[i] != want || bytes[i] != byte(want) {
					t.Errorf("%s, %d channels: value %d is %v and %d, Keras's is %v", path, channels, i, got[i], bytes[i], want)
					break
				}
			}
		}
	}
}

// WebP has the pixels of Pillow, also with alpha, with several frames and under another
// name; TensorFlow's own operation takes only the first kind.
func TestWebP(t *testing.T) {
	const height, width = 9, 7 // of testdata/webp
	d := imageDecoder(t, height, width, 3, graph.Uint8)
	pixels, found := make([]byte, height*width*3), 0
	for range 2 { // with memory that was used before
		paths, err := filepath.Glob("testdata/webp/*")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if filepath.Ext(path) == ".rgb" {
				continue
			}
			found++
			want, err := os.ReadFile(path + ".rgb")
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Decode(path, pixels); err != nil || !slices.Equal(pixels, want) {
				t.Errorf("%s: %v, or other pixels than Pillow's", path, err)
			}
		}
	}
	if found != 2*5 {
		t.Errorf("%d images", found)
	}
	gray := imageDecoder(t, height, width, 1, graph.Uint8)
	if err := gray.Decode("testdata/webp/alpha.webp", pixels[:height*width]); !errors.Is(err, ErrImage) || !strings.Contains(err.Error(), "alpha.webp") || !strings.Contains(err.Error(), "save it anew, as JPEG or PNG") {
		t.Errorf("one channel of WebP: %v", err)
	}
}

func TestImagesSideBySide(t *testing.T) {
	d := imageDecoder(t, imageHeight, imageWidth, 3, graph.Float32)
	paths := imageFiles(t)
	want := make([][]float32, len(paths))
	for k := range paths {
		want[k] = keras(t, 3, k)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			dst := make([]byte, 4*imageHeight*imageWidth*3)
			for i := range 60 {
				k := (g + i) % len(paths)
				if err := d.Decode(paths[k], dst); err != nil {
					t.Error(err)
					return
				}
				for at, v := range floats(dst) {
					if v != want[k][at] {
						t.Errorf("%s: value %d is %v, not %v", paths[k], at, v, want[k][at])
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestImagesThatAreNone(t *testing.T) {
	d := imageDecoder(t, 4, 4, 3, graph.Float32)
	dst, dir := make([]byte, 4*4*4*3), t.TempDir()
	good, err := os.ReadFile(imageFiles(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty.jpg": "", "text.jpg": "this is no image", "cut.webp": "RIFF\x20\x00\x00\x00WEBPVP8L", "half.jpg": string(good[:len(good)/2]), "head.png": "\x89PNG\r\n\x1a\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := d.Decode(path, dst); !errors.Is(err, ErrImage) || errors.Is(err, ErrStep) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	gone := filepath.Join(dir, "gone.jpg")
	if err := d.Decode(gone, dst); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), gone) {
		t.Errorf("a file that is gone: %v", err)
	}
	var failed *fs.PathError
	if err := d.Decode(dir, dst); !errors.As(err, &failed) {
		t.Errorf("a folder: %v", err)
	}
	if err := d.Decode(imageFiles(t)[0], dst[1:]); !errors.Is(err, ErrImage) {
		t.Errorf("too little room: %v", err)
	}
	if err := d.Decode(imageFiles(t)[0], dst); err != nil {
		t.Errorf("an image after all of these: %v", err)
	}
	if _, err := NewImageDecoder(4, 4, 5, graph.Float32); err == nil {
		t.Error("five channels are no error")
	}
}

// One operation decodes every image below the folder that EPOCHTIME_IMAGES names
// (testdata/images without it) to 224×224, in two goroutines, as batches of 32
// are. testdata/decoding.py compares it with tf.data.
func BenchmarkDecode(b *testing.B) {
	dir := os.Getenv("EPOCHTIME_IMAGES")
	if dir == "" {
		dir = "../../testdata/images"
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(paths) == 0 {
		b.Fatalf("%s holds no class folders of images: %v", dir, err)
	}
	const batch, threads, size = 32, 2, 4 * 224 * 224 * 3
	d := imageDecoder(b, 224, 224, 3, graph.Float32)
	buffers := [threads][]byte{make([]byte, batch*size), make([]byte, batch*size)}
	b.ReportAllocs()
	before := processorSeconds(b)
	for b.Loop() {
		var wg sync.WaitGroup
		for g := range threads {
			wg.Go(func() {
				buffer := buffers[g]
				for i := g; i < len(paths); i += threads {
					if err := d.Decode(paths[i], buffer[i/threads%batch*size:][:size]); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
	b.ReportMetric(float64(len(paths)*b.N)/(processorSeconds(b)-before), "images/cpu-s")
	b.ReportMetric(float64(len(paths)*b.N)/b.Elapsed().Seconds(), "images/s")
}

// processorSeconds is the processor time that this process has used.
func processorSeconds(b *testing.B) float64 {
	p, err := process.NewProcess(int32(os.Getpid()))
	if err != nil {
		b.Fatal(err)
	}
	used, err := p.Times()
	if err != nil {
		b.Fatal(err)
	}
	return used.User + used.System
}
