package dataset

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestReadArchiveRefuses(t *testing.T) {
	x := npyOf(t, "<f4", "(2, 1)", []float32{1, 2})
	whole := npzOf(t, "x", x, "y", x)
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path string
		kind       error
		says       string
	}{
		{"missing", filepath.Join(t.TempDir(), "no.npz"), ErrUnreadable, "no such file"},
		{"folder", t.TempDir(), ErrUnreadable, "is a directory"},
		{"empty", fileOf(t, "a.npz", nil), ErrUnreadable, "a.npz is not an .npz file, or is cut short"},
		{"cut short", fileOf(t, "a.npz", content[:len(content)-1]), ErrUnreadable, "cut short"},
		{"half", fileOf(t, "a.npz", content[:len(content)/2]), ErrUnreadable, "cut short"},
		{"an .npy", fileOf(t, "a.npz", x), ErrUnreadable, "not an .npz file"},
		{"array missing", npzOf(t, "x", x, "z", x), ErrUnfit, `has no array "y"; it holds x, z`},
		{"no arrays", npzOf(t), ErrUnfit, `has no array "x"; it holds nothing`},
		{"counts differ", npzOf(t, "x", x, "y", npyOf(t, "<f4", "(3,)", []float32{1, 2, 3})), ErrUnfit, "holds 3 examples of y but 2 of x"},
		{"array damaged", npzOf(t, "x", x, "y", []byte("text")), ErrUnreadable, "data.npz (y): it is not an .npy array"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read([]string{c.path}, arrays("x", "y"))
			wantError(t, err, c.kind, c.says)
		})
	}
}

// TestReadChecksum changes one byte of an array that is stored as it is.
func TestReadChecksum(t *testing.T) {
	for _, body := range [][]float32{{1234.5, 2}, {}} {
		array := npyOf(t, "<f4", fmt.Sprintf("(%d,)", len(body)), body)
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		f, err := w.CreateRaw(&zip.FileHeader{
			Name: "x.npy", Method: zip.Store, CRC32: crc32.ChecksumIEEE(array) + 1,
			CompressedSize64: uint64(len(array)), UncompressedSize64: uint64(len(array)),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(array); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = Read([]string{fileOf(t, "x.npz", out.Bytes())}, arrays("x"))
		wantError(t, err, ErrUnreadable, "x.npz (x)", "checksum error")
	}
}

// claims is an .npy file whose header says more than the file holds.
func claims(shape string) []byte { return append(header("<f4", "False", shape), 1, 2, 3, 4) }

func TestReadArrayRefuses(t *testing.T) {
	bomb := append([]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), header("<f4", "False", "(1,)")[10:]...)
	for _, c := range []struct {
		name    string
		content []byte
		says    string
	}{
		{"nothing", nil, "cut short"},
		{"magic only", []byte("\x93NUMPY"), "cut short"},
		{"header cut", header("<f4", "False", "(1,)")[:40], "header cannot be read"},
		{"body cut", claims("(2,)"), "cut short: 4 bytes of its 8 are there"},
		{"body missing", header("<f4", "False", "(2,)"), "cut short: 0 bytes of its 8 are there"},
		{"2^40 elements, within what is allowed", claims("(1073741824, 64)"), "cut short: 4 bytes of its 274877906944 are there"},
		{"2^62", claims("(4611686018427387904,)"), "claims the shape [4611686018427387904]"},
		{"overflow", claims("(4294967296, 4294967296)"), "claims the shape"},
		{"overflow to 0", claims("(4611686018427387904, 4)"), "claims the shape"},
		{"too large for int64", claims("(9223372036854775808,)"), "header cannot be read"},
		{"negative", claims("(-1,)"), "claims the shape [-1]"},
		{"twice negative", claims("(-1, -4)"), "claims the shape [-1 -4]"},
		{"no number", claims("(a,)"), "header cannot be read"},
		{"no shape", claims(""), "header cannot be read"},
		{"no end", []byte("\x93NUMPY\x01\x00\x05\x00{'descr"), "header cannot be read"},
		{"no order", header("<f4", "Maybe", "(1,)"), "header cannot be read"},
		{"version 9", []byte("\x93NUMPY\x09\x00\x05\x00{'descr"), "version number (9)"},
		{"length bomb", bomb, "header cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, source := range []string{"x=" + fileOf(t, "a.npy", c.content), npzOf(t, "x", c.content)} {
				_, err := Read([]string{source}, arrays("x"))
				wantError(t, err, ErrUnreadable, c.says)
			}
		})
	}
}

// allocated is how many bytes f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestReadClaimsCostNoMemory checks that memory follows what a file holds, not
// what it says.
func TestReadClaimsCostNoMemory(t *testing.T) {
	huge := claims("(1073741824, 32)") // 128 GiB
	bomb := append([]byte("\x93NUMPY\x02\x00\xff\xff\xff\x7f"), make([]byte, 100)...)
	var liar bytes.Buffer
	w := zip.NewWriter(&liar)
	f, err := w.CreateRaw(&zip.FileHeader{
		Name: "x.npy", Method: zip.Store, CompressedSize64: uint64(len(huge)), UncompressedSize64: 1 << 50,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(huge); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"array":   "x=" + fileOf(t, "a.npy", huge),
		"archive": npzOf(t, "x", huge),
		"header":  "x=" + fileOf(t, "a.npy", bomb),
		"zip":     fileOf(t, "a.npz", liar.Bytes()),
	} {
		var err error
		used := allocated(func() { _, err = Read([]string{path}, arrays("x")) })
		wantError(t, err, ErrUnreadable)
		if limit := uint64(80 << 20); used > limit {
			t.Errorf("%s: %d bytes were allocated for a file of a few, more than %d", name, used, limit)
		}
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestReadGrows reads a body larger than the first allocation, twice enlarged.
func TestReadGrows(t *testing.T) {
	const size = 160 << 20
	end := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	data, err := readBody(io.MultiReader(io.LimitReader(zeros{}, size-8), bytes.NewReader(end)), size)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) != size || !bytes.Equal(data[size-8:], end) || !bytes.Equal(data[:8], make([]byte, 8)) {
		t.Errorf("%d bytes, the last are %v", len(data), data[len(data)-8:])
	}
}

func TestReadLengthsRefused(t *testing.T) {
	x := npyOf(t, "<i4", "(6,)", []int32{1, 2, 3, 4, 5, 6})
	for _, c := range []struct {
		name    string
		lengths []byte
		kind    error
		says    string
	}{
		{"too few", npyOf(t, "<i8", "(2,)", []int64{1, 2}), ErrUnreadable, "x.lengths adds up to 3, the array has 6 rows"},
		{"none", npyOf(t, "<i8", "(0,)", []int64{}), ErrUnreadable, "adds up to 0"},
		{"too many", npyOf(t, "<i8", "(3,)", []int64{1, 2, 4}), ErrUnreadable, "x.lengths has the length 4 at example 2, with 3 rows left"},
		{"zero", npyOf(t, "<i8", "(3,)", []int64{1, 0, 5}), ErrUnreadable, "length 0 at example 1"},
		{"negative", npyOf(t, "<i8", "(3,)", []int64{7, -1, 0}), ErrUnreadable, "length 7 at example 0, with 6 rows left"},
		{"negative first", npyOf(t, "<i8", "(3,)", []int64{-1, 7, 0}), ErrUnreadable, "length -1 at example 0"},
		{"huge", npyOf(t, "<i8", "(2,)", []int64{1<<63 - 1, 1<<63 - 1}), ErrUnreadable, "length 9223372036854775807 at example 0"},
		{"int32", npyOf(t, "<i4", "(2,)", []int32{3, 3}), ErrUnreadable, "is not a vector of int64"},
		{"matrix", npyOf(t, "<i8", "(2, 1)", []int64{3, 3}), ErrUnreadable, "is not a vector of int64"},
		{"damaged", []byte("x"), ErrUnreadable, "(x.lengths)"},
		{"other count than y", npyOf(t, "<i8", "(3,)", []int64{1, 2, 3}), ErrUnfit, "holds 2 examples of y but 3 of x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := npzOf(t, "x", x, "x.lengths", c.lengths, "y", npyOf(t, "<i4", "(2,)", []int32{0, 1}))
			_, err := Read([]string{path}, arrays("x", "y"))
			wantError(t, err, c.kind, path, c.says)
		})
	}
}
