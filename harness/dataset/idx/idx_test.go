package idx_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/dataset/idx"
	"epochtime/harness/graph"
)

// file is an idx file.
func file(t testing.TB, code byte, shape []uint32, values any) string {
	t.Helper()
	out, err := binary.Append([]byte{0, 0, code, byte(len(shape))}, binary.BigEndian, shape)
	if err == nil {
		out, err = binary.Append(out, binary.BigEndian, values)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// read reads a file as the body of what it holds.
func read(t testing.TB, path string) (dataset.Column, *dataset.Builder, error) {
	t.Helper()
	b := dataset.NewBuilder(t.Context(), path, 0)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	body, _, closer, err := b.OpenBody(path)
	if err != nil {
		return dataset.Column{}, b, err
	}
	defer closer.Close()
	a, err := idx.Head(body)
	if err != nil {
		return dataset.Column{}, b, err
	}
	c, err := a.Column(b, path, body)
	return c, b, err
}

func TestEveryType(t *testing.T) {
	for code, c := range map[byte]struct {
		dtype  graph.DType
		values any
	}{
		0x08: {graph.Uint8, []uint8{1, 2, 3, 250, 5, 6}}, 0x09: {graph.Int8, []int8{1, -2, 3, 4, 5, 6}},
		0x0b: {graph.Int16, []int16{1, -2, 300, 4, 5, 6}}, 0x0c: {graph.Int32, []int32{1, -2, 70_000, 4, 5, 6}},
		0x0d: {graph.Float32, []float32{1, -2.5, 3, 4, 5, 6}}, 0x0e: {graph.Float64, []float64{1, -2.5, 3, 4, 5, 6}},
	} {
		want, err := binary.Append(nil, binary.LittleEndian, c.values)
		if err != nil {
			t.Fatal(err)
		}
		for _, shape := range [][]uint32{{6}, {2, 3}, {1, 2, 3}, {3, 1, 2, 1}} {
			content := file(t, code, shape, c.values)
			for _, packed := range []bool{false, true} {
				path := datatest.File(t, "a", content)
				if packed {
					path = datatest.File(t, "a", datatest.Gzip(t, content))
				}
				got, b, err := read(t, path)
				if err != nil {
					t.Fatal(err)
				}
				var dimensions []int
				for _, n := range shape[1:] {
					dimensions = append(dimensions, int(n))
				}
				if got.DType() != c.dtype || got.Examples() != int(shape[0]) || !slices.Equal(got.Shape(), dimensions) {
					t.Errorf("%x %v is %v", code, shape, got)
				}
				if lost := b.Guard(func() {
					if !bytes.Equal(got.Rows(0, got.Examples()), want) {
						t.Errorf("%x %v: other values", code, shape)
					}
				}); lost != nil {
					t.Error(lost)
				}
				if mapped := !got.InMemory(); mapped != (code <= 9 && !packed) {
					t.Errorf("%x, compressed %t: mapped %t", code, packed, mapped)
				}
			}
		}
	}
}

func TestBroken(t *testing.T) {
	good := file(t, 8, []uint32{2, 2}, []byte{1, 2, 3, 4})
	for name, c := range map[string]struct{ content, says string }{
		"nothing":            {"", "cut short in its head"},
		"cut in the type":    {good[:3], "cut short in its head"},
		"cut in the shape":   {good[:9], "cut short in its head"},
		"cut short":          {good[:15], "it is cut short: 3 bytes of its 4 are there"},
		"too long":           {good + "5", "it is too long: its head claims 4 bytes of values, and more follow"},
		"unknown type":       {"\x00\x00\x0a\x01\x00\x00\x00\x00", "it begins with the bytes 00 00 0a 01"},
		"no dimensions":      {"\x00\x00\x08\x00", "it is not an idx file"},
		"33 dimensions":      {"\x00\x00\x08\x21", "it is not an idx file"},
		"text":               {"text, no array", "it begins with the bytes 74 65 78 74"},
		"2^38 are not there": {file(t, 8, []uint32{1 << 30, 1 << 8}, []byte{1}), "it is cut short: 1 bytes of its 274877906944 are there"},
		"2^64":               {file(t, 14, []uint32{1 << 31, 1 << 31, 4}, []byte{1}), "claims the shape [2147483648 2147483648 4]"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, content := range []string{c.content, datatest.Gzip(t, c.content)} {
				_, _, err := read(t, datatest.File(t, "a", content))
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("the error is %v, want it to say %q", err, c.says)
				}
			}
		})
	}
}

// A file is known by what it claims, where that is what it holds.
func TestHolds(t *testing.T) {
	large := file(t, 8, []uint32{1, dataset.HeadBytes}, make([]byte, dataset.HeadBytes))
	for name, c := range map[string]struct {
		head string
		want bool
	}{
		"whole":             {file(t, 8, []uint32{2, 2}, []byte{1, 2, 3, 4}), true},
		"cut short":         {file(t, 8, []uint32{2, 2}, []byte{1, 2, 3}), false},
		"too long":          {file(t, 8, []uint32{2, 2}, []byte{1, 2, 3, 4, 5}), false},
		"begins":            {large[:dataset.HeadBytes], true},
		"too large":         {file(t, 14, []uint32{1 << 31, 1 << 31, 4}, make([]byte, dataset.HeadBytes))[:dataset.HeadBytes], false},
		"a record's length": {"\x00\x00\x08\x01\x00\x00\x00\x00abcdefgh", false},
		"head cut short":    {"\x00\x00\x08\x01\x00\x00", false},
		"nothing":           {"", false},
		"zeros":             {strings.Repeat("\x00", dataset.HeadBytes), false},
	} {
		if got := idx.Holds([]byte(c.head)); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

// What a file claims is not allocated before it is there.
func TestClaimsCostNoMemory(t *testing.T) {
	content := file(t, 8, []uint32{1 << 30, 1 << 8}, []byte{1})
	for _, path := range []string{datatest.File(t, "a", content), datatest.File(t, "a", datatest.Gzip(t, content))} {
		var err error
		used := datatest.Allocated(func() { _, _, err = read(t, path) })
		datatest.WantError(t, err, dataset.ErrUnreadable, "a: it is cut short: 1 bytes of its 274877906944 are there")
		if used > 80<<20 {
			t.Errorf("%d bytes were allocated for a file of 17", used)
		}
	}
}

func FuzzIdx(f *testing.F) {
	for _, content := range []string{
		file(f, 8, []uint32{2, 2}, []byte{1, 2, 3, 4}), file(f, 0x0d, []uint32{1, 2, 1}, []float32{1, 2}),
		file(f, 0x0e, []uint32{0, 1 << 31}, []float32{}), file(f, 0x0b, []uint32{1 << 31, 1 << 31, 1 << 31}, []int16{1}),
		datatest.Gzip(f, file(f, 8, []uint32{3}, []byte{1, 2, 3})),
	} {
		f.Add([]byte(content))
	}
	path := datatest.File(f, "fuzz", "")
	f.Fuzz(func(t *testing.T, content []byte) {
		datatest.Overwrite(t, path, string(content))
		c, _, err := read(t, path)
		if err != nil {
			return
		}
		held := len(content)
		if z, err := gzip.NewReader(bytes.NewReader(content)); err == nil {
			n, _ := io.Copy(io.Discard, z)
			held = int(n)
		}
		if n := c.Examples() * c.RowBytes(); n != len(c.Bytes()) || n > held {
			t.Fatalf("%v has %d bytes, from a file of %d", c, len(c.Bytes()), len(content))
		}
		if held == len(content) && !idx.Holds(content[:min(held, dataset.HeadBytes)]) {
			t.Fatal("it is read, and not known by what it holds")
		}
	})
}
