package dataset

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// bzipped is what bzip2 makes of "x,y\n1,2\n"; the standard library only reads it.
const bzipped = "BZh91AY&SY\xdf\x0bP?\x00\x00\x03X\x80\x00\x10\x00\x040\x00\x00` \x000\xc0\x08i\xb2\x88#'\x8b\xb9\x22\x9c(Ho\x85\xa8\x1f\x80"

// What is compressed is told by how it begins, and text that begins like it is not.
func TestDecompress(t *testing.T) {
	const text = "x,y\n1,2\n"
	by := func(open func(io.Writer) (io.WriteCloser, error)) string {
		var out bytes.Buffer
		w, err := open(&out)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for name, c := range map[string][2]string{
		"nothing":                     {"", ""},
		"short":                       {"x", "x"},
		"plain":                       {text, text},
		"text that begins like zlib":  {"x^2,y\n", "x^2,y\n"},
		"text that begins like bzip2": {"BZh,y\n1,2\n", "BZh,y\n1,2\n"},
		"record of 376 bytes":         {"\x78\x01\x00\x00\x00\x00\x00\x00\xde\xad\xbe\xef\x0a", "\x78\x01\x00\x00\x00\x00\x00\x00\xde\xad\xbe\xef\x0a"},
		"record of 35615 bytes":       {"\x1f\x8b\x00\x00\x00\x00\x00\x00\xde\xad\xbe\xef\x0a", "\x1f\x8b\x00\x00\x00\x00\x00\x00\xde\xad\xbe\xef\x0a"},
		"bzip2":                       {bzipped, text},
		"gzip":                        {by(func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }), text},
		"zlib":                        {by(func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil }), text},
		"zstd":                        {by(func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }), text},
		"xz":                          {by(func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) }), text},
	} {
		r, err := Decompress(strings.NewReader(c[0]))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != c[1] {
			t.Errorf("%s is read as %q, %v; want %q", name, got, err, c[1])
		}
	}
}

// Names of compressed files end as those of plain ones, and then by what compressed them.
func TestPacked(t *testing.T) {
	for _, name := range Packed("a.csv") {
		if plain := Unpacked(name); plain != "a.csv" {
			t.Errorf("%s is %s without its compression", name, plain)
		}
	}
	for name, want := range map[string]string{"a.csv": "a.csv", "dir.gz/a.CSV.GZ": "dir.gz/a.CSV", "a.tar.xz": "a.tar", "gz": "gz", "": ""} {
		if got := Unpacked(name); got != want {
			t.Errorf("%q is %q without its compression, want %q", name, got, want)
		}
	}
	if n := len(Packed("a.csv")); n != 5 {
		t.Errorf("%d names, want one plain and four compressed", n)
	}
}
