package arrays_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/dataset/datatest"
)

func TestReadArchiveRefuses(t *testing.T) {
	x := datatest.Npy(t, "<f4", "(2, 1)", []float32{1, 2})
	whole := datatest.Npz(t, "x", x, "y", x)
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path string
		kind       error
		says       string
	}{
		{"missing", filepath.Join(t.TempDir(), "no.npz"), dataset.ErrUnreadable, "no such file"},
		{"folder", t.TempDir(), dataset.ErrUnreadable, "is a directory"},
		{"empty", datatest.File(t, "a.npz", ""), dataset.ErrUnreadable, "a.npz is not an .npz file, or is cut short"},
		{"cut short", datatest.File(t, "a.npz", string(content[:len(content)-1])), dataset.ErrUnreadable, "cut short"},
		{"compressed as a whole", datatest.File(t, "a.npz.gz", datatest.Gzip(t, string(content))), dataset.ErrUnreadable, "a.npz.gz is an .npz file that is compressed as a whole: unpack it"},
		{"half", datatest.File(t, "a.npz", string(content[:len(content)/2])), dataset.ErrUnreadable, "cut short"},
		{"an .npy", datatest.File(t, "a.npz", x), dataset.ErrUnreadable, "not an .npz file"},
		{"array missing", datatest.Npz(t, "x", x, "z", x), dataset.ErrUnfit, `has no array "y"; it holds x, z`},
		{"no arrays", datatest.Npz(t), dataset.ErrUnfit, `has no array "x"; it holds nothing`},
		{"counts differ", datatest.Npz(t, "x", x, "y", datatest.Npy(t, "<f4", "(3,)", []float32{1, 2, 3})), dataset.ErrUnfit, "holds 3 examples of y but 2 of x"},
		{"array damaged", datatest.Npz(t, "x", x, "y", "text"), dataset.ErrUnreadable, "data.npz (y): it is not an .npy array"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := arrays.Read([]string{c.path}, named("x", "y"))
			datatest.WantError(t, err, c.kind, c.says)
		})
	}
}

// TestReadChecksum changes one byte of an array that is stored as it is.
func TestReadChecksum(t *testing.T) {
	for _, body := range [][]float32{{1234.5, 2}, {}} {
		array := datatest.Npy(t, "<f4", fmt.Sprintf("(%d,)", len(body)), body)
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		f, err := w.CreateRaw(&zip.FileHeader{
			Name: "x.npy", Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(array)) + 1,
			CompressedSize64: uint64(len(array)), UncompressedSize64: uint64(len(array)),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(array)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = arrays.Read([]string{datatest.File(t, "x.npz", out.String())}, named("x"))
		datatest.WantError(t, err, dataset.ErrUnreadable, "x.npz (x)", "checksum error")
	}
}

// claims is an .npy file whose header says more than the file holds.
func claims(shape string) string {
	return datatest.NpyHeader("<f4", "False", shape) + "\x01\x02\x03\x04"
}

func TestReadArrayRefuses(t *testing.T) {
	bomb := "\x93NUMPY\x02\x00\xff\xff\xff\xff" + datatest.NpyHeader("<f4", "False", "(1,)")[10:]
	for _, c := range []struct {
		name    string
		content string
		says    string
	}{
		{"nothing", "", "cut short"},
		{"magic only", "\x93NUMPY", "cut short"},
		{"header cut", datatest.NpyHeader("<f4", "False", "(1,)")[:40], "header cannot be read: it is cut short: copy"},
		{"body cut", claims("(2,)"), "cut short: 4 bytes of its 8 are there"},
		{"body missing", datatest.NpyHeader("<f4", "False", "(2,)"), "cut short: 0 bytes of its 8 are there"},
		{"2^40 elements, within what is allowed", claims("(1073741824, 64)"), "cut short: 4 bytes of its 274877906944 are there"},
		{"2^62", claims("(4611686018427387904,)"), "claims the shape [4611686018427387904]"},
		{"overflow", claims("(4294967296, 4294967296)"), "claims the shape"},
		{"overflow to 0", claims("(4611686018427387904, 4)"), "claims the shape"},
		{"too large for int64", claims("(9223372036854775808,)"), "header cannot be read"},
		{"negative", claims("(-1,)"), "claims the shape [-1], which no file holds"},
		{"twice negative", claims("(-1, -4)"), "claims the shape [-1 -4]"},
		{"no number", claims("(a,)"), "header cannot be read"},
		{"no shape", claims(""), "header cannot be read"},
		{"no end", "\x93NUMPY\x01\x00\x05\x00{'descr", "header cannot be read"},
		{"no order", datatest.NpyHeader("<f4", "Maybe", "(1,)"), "header cannot be read"},
		{"version 9", "\x93NUMPY\x09\x00\x05\x00{'descr", "its version is 9"},
		{"length bomb", bomb, "header cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, source := range []string{"x=" + datatest.File(t, "a.npy", c.content), datatest.Npz(t, "x", c.content)} {
				_, err := arrays.Read([]string{source}, named("x"))
				datatest.WantError(t, err, dataset.ErrUnreadable, c.says)
			}
		})
	}
}

// TestReadClaimsCostNoMemory checks that memory follows what a file holds, not
// what it says.
func TestReadClaimsCostNoMemory(t *testing.T) {
	huge := claims("(1073741824, 32)") // 128 GiB
	bomb := "\x93NUMPY\x02\x00\xff\xff\xff\x7f" + strings.Repeat("\x00", 100)
	var liar bytes.Buffer
	w := zip.NewWriter(&liar)
	f, err := w.CreateRaw(&zip.FileHeader{
		Name: "x.npy", Method: zip.Store, CompressedSize64: uint64(len(huge)), UncompressedSize64: 1 << 50,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(huge)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"array":   "x=" + datatest.File(t, "a.npy", huge),
		"archive": datatest.Npz(t, "x", huge),
		"header":  "x=" + datatest.File(t, "a.npy", bomb),
		"zip":     datatest.File(t, "a.npz", liar.String()),
	} {
		var err error
		used := datatest.Allocated(func() { _, err = arrays.Read([]string{path}, named("x")) })
		datatest.WantError(t, err, dataset.ErrUnreadable)
		if limit := uint64(80 << 20); used > limit {
			t.Errorf("%s: %d bytes were allocated for a file of a few, more than %d", name, used, limit)
		}
	}
}

func TestReadLengthsRefused(t *testing.T) {
	x := datatest.Npy(t, "<i4", "(6,)", []int32{1, 2, 3, 4, 5, 6})
	for _, c := range []struct {
		name    string
		lengths string
		kind    error
		says    string
	}{
		{"too few", datatest.Npy(t, "<i8", "(2,)", []int64{1, 2}), dataset.ErrUnreadable, "x.lengths adds up to 3, the array has 6 rows"},
		{"none", datatest.Npy(t, "<i8", "(0,)", []int64{}), dataset.ErrUnreadable, "adds up to 0"},
		{"too many", datatest.Npy(t, "<i8", "(3,)", []int64{1, 2, 4}), dataset.ErrUnreadable, "x.lengths has the length 4 at example 2, with 3 rows left"},
		{"zero", datatest.Npy(t, "<i8", "(3,)", []int64{1, 0, 5}), dataset.ErrUnreadable, "length 0 at example 1"},
		{"negative", datatest.Npy(t, "<i8", "(3,)", []int64{7, -1, 0}), dataset.ErrUnreadable, "length 7 at example 0, with 6 rows left"},
		{"negative first", datatest.Npy(t, "<i8", "(3,)", []int64{-1, 7, 0}), dataset.ErrUnreadable, "length -1 at example 0"},
		{"huge", datatest.Npy(t, "<i8", "(2,)", []int64{1<<63 - 1, 1<<63 - 1}), dataset.ErrUnreadable, "length 9223372036854775807 at example 0"},
		{"int32", datatest.Npy(t, "<i4", "(2,)", []int32{3, 3}), dataset.ErrUnreadable, "is not a vector of int64"},
		{"matrix", datatest.Npy(t, "<i8", "(2, 1)", []int64{3, 3}), dataset.ErrUnreadable, "is not a vector of int64"},
		{"damaged", "x", dataset.ErrUnreadable, "(x.lengths)"},
		{"other count than y", datatest.Npy(t, "<i8", "(3,)", []int64{1, 2, 3}), dataset.ErrUnfit, "holds 2 examples of y but 3 of x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := datatest.Npz(t, "x", x, "x.lengths", c.lengths, "y", datatest.Npy(t, "<i4", "(2,)", []int32{0, 1}))
			_, err := arrays.Read([]string{path}, named("x", "y"))
			datatest.WantError(t, err, c.kind, path, c.says)
		})
	}
}
