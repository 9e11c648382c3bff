package csv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
)

// scanned are the records of data, cut into blocks by reads of some bytes each.
func scanned(data string, size int) (out [][]string, err error) {
	f := &blocks{path: "d", comma: ',', most: 4 << 20, line: 1, from: io.NopCloser(&pieces{[]byte(data), size})}
	defer f.Close()
	for {
		block, err := f.next()
		if err != nil {
			return out, err
		}
		defer recycle(block.data)
		for s := (scanner{data: block.data, comma: ','}); s.more(); {
			var record []string
			for last := false; !last; {
				var text []byte
				if text, last, err = s.field(); err != nil {
					return out, err
				}
				record = append(record, string(text))
			}
			out = append(out, record)
		}
	}
}

// pieces is a stream that comes in pieces.
type pieces struct {
	data []byte
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.data[:min(p.size, len(p.data))])
	p.data = p.data[n:]
	return n, nil
}

// agreed reports whether encoding/csv reads data as it is meant here: it takes \r
// alone for text, changes \r\n within quotes, and keeps lines of blanks alone.
func agreed(data string) bool {
	for line := range strings.Lines(data) {
		if line != "\n" && strings.Trim(line, " \t\n") == "" {
			return false
		}
	}
	return !strings.Contains(data, "\r")
}

func FuzzScanner(f *testing.F) {
	for _, seed := range []string{"", "a,b\n1,2\n", "\"a\"\"\",\"\n\"\n\n", "a\"b,c", "\"a\"b", "a, \"b\"", "\"", "\n\n,\n", "a,\"b\nc\"\"\nd\",e\nf,\"g\""} {
		for _, size := range []int{1, 2, 7, 1000} {
			f.Add(seed, size)
		}
	}
	f.Fuzz(func(t *testing.T, data string, size int) {
		got, err := scanned(data, max(1, size))
		if !slices.ContainsFunc([]error{io.EOF, errOpen, errAfter, errBlank}, func(known error) bool { return errors.Is(err, known) }) {
			t.Fatalf("%q: %v", data, err)
		}
		rd := csv.NewReader(strings.NewReader(data))
		rd.FieldsPerRecord = -1
		want, refused := rd.ReadAll()
		if refused != nil || !agreed(data) {
			return
		}
		if !errors.Is(err, io.EOF) {
			t.Fatalf("%q: %v, encoding/csv reads %q", data, err, want)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q: %s", data, d)
		}
	})
}

// Blocks end with records wherever the file is cut, and are as many as they can be.
func TestBlocks(t *testing.T) {
	for name, line := range map[string]string{
		"plain":            "1,2,3\n",
		"\\r\\n":           "1,2,3\r\n",
		"\\r":              "1,2,3\r",
		"quotes":           "1,\"a\nb\",3\n",
		"only quotes, \\r": "\"1\",\"\"\"2\"\"\",\"3\"\r",
		"literal quotes":   "1,5\" 6\" ,3\n",
	} {
		t.Run(name, func(t *testing.T) {
			for shift := range len(line) {
				first := strings.Repeat("x", shift) + "\n"
				n := 2 * dataset.ChunkBytes / len(line)
				f := &blocks{path: "d", comma: ',', most: 4 << 20, line: 1, from: io.NopCloser(strings.NewReader(first + strings.Repeat(line, n)))}
				var all []byte
				at := 1
				for i := 0; ; i++ {
					block, err := f.next()
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil || block.line != at || len(block.data) > dataset.ChunkBytes || len(block.data) < dataset.ChunkBytes-100 && !f.done {
						t.Fatalf("block %d has %d bytes from line %d, want %d: %v", i, len(block.data), block.line, at, err)
					}
					at += lines(block.data)
					all = append(all, block.data...)
				}
				if want := first + strings.Repeat(line, n); !bytes.Equal(all, []byte(want)) {
					t.Fatalf("%d bytes came, want %d", len(all), len(want))
				}
			}
		})
	}
}

// A record that does not end is refused once it is as large as one may be.
func TestEndlessRecord(t *testing.T) {
	f := &blocks{path: "d", comma: ',', most: 4 << 20, line: 7, from: io.NopCloser(endless{})}
	_, err := f.next()
	if want := "d line 7: the record that begins there has more than 4 MiB"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %v, want %q", err, want)
	}
}

// endless is a line without end.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// A stream that brings nothing ends.
func TestIdleStream(t *testing.T) {
	f := &blocks{path: "d", comma: ',', most: 4 << 20, from: io.NopCloser(idle{})}
	if _, err := f.next(); !errors.Is(err, io.ErrNoProgress) || !errors.Is(err, dataset.ErrUnreadable) {
		t.Errorf("the error is %v", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestLines(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 0, "\n": 1, "\r": 1, "\r\n": 1, "\n\r": 2, "\r\r\n\n": 3, "a\rb\nc\r\nd": 3} {
		if got := lines([]byte(text)); got != want {
			t.Errorf("%q has %d lines, want %d", text, got, want)
		}
	}
}
