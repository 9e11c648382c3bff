// Package datatest helps the tests of data formats: it makes tensors and files, and
// looks at what was read.
package datatest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/files"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// Label makes a tensor of integers below n.
func Label(name string, n int64) graph.Tensor {
	t := testgraph.Tensor(name, graph.Int32)
	t.Categories = n
	return t
}

// Tokens makes a tensor of sequences of integers below n; length 0 is any.
func Tokens(name string, length, n int64) graph.Tensor {
	t := testgraph.Tensor(name, graph.Int32, length)
	t.Categories = n
	return t
}

// Image makes a tensor of images of 8×8 pixels.
func Image(name string) graph.Tensor { return testgraph.Tensor(name, graph.Float32, 8, 8, 3) }

// Manifest makes a graph of these inputs.
func Manifest(tensors ...graph.Tensor) *graph.Manifest {
	return &graph.Manifest{Name: "g", Inputs: tensors}
}

// File writes a file of that name into a new folder.
func File(t testing.TB, name, content string) string {
	t.Helper()
	return WriteIn(t, t.TempDir(), name, content)
}

// WriteIn writes a file of that name, which may have folders in it, into a folder.
func WriteIn(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Content is what a file holds.
func Content(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Gzip compresses.
func Gzip(t testing.TB, content string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// NpyHeader is the start of an .npy file of version 1.
func NpyHeader(descr, fortran, shape string) string {
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr, fortran, shape)
	text += strings.Repeat(" ", 63-(10+len(text))%64) + "\n"
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(text)))) + text
}

// Npy is an .npy file of the values in C order.
func Npy(t testing.TB, descr, shape string, values any) string {
	t.Helper()
	out, err := binary.Append([]byte(NpyHeader(descr, "False", shape)), binary.LittleEndian, values)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Archive writes an archive of entries, which are names and contents in turn.
func Archive(t testing.TB, entries ...string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(entries); i += 2 {
		f, err := w.Create(entries[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return File(t, "data.npz", out.String())
}

// Npz writes an archive as NumPy does.
func Npz(t testing.TB, entries ...string) string {
	t.Helper()
	named := make([]string, len(entries))
	for i, e := range entries {
		if named[i] = e; i%2 == 0 {
			named[i] += ".npy"
		}
	}
	return Archive(t, named...)
}

// Vectors writes an archive of vectors, which are slices of numbers.
func Vectors(t testing.TB, arrays map[string]any) string {
	t.Helper()
	var entries []string
	for name, values := range arrays {
		v := reflect.ValueOf(values)
		kind, size := v.Type().Elem().Kind().String(), v.Type().Elem().Size()
		descr := fmt.Sprintf("<%c%d", kind[0], size)
		if size == 1 {
			descr = "|" + descr[1:]
		}
		entries = append(entries, name, Npy(t, descr, fmt.Sprintf("(%d,)", v.Len()), values))
	}
	return Npz(t, entries...)
}

// Closing closes a set when the test ends.
func Closing(t testing.TB, s *dataset.Set) {
	t.Helper()
	t.Cleanup(func() { Close(t, s) })
}

// Read reads what a request says and closes it when the test ends.
func Read(t testing.TB, q dataset.Request) (*dataset.Set, error) {
	t.Helper()
	s, err := files.Open(context.Background(), q)
	if err == nil {
		Closing(t, s)
	} else if s != nil {
		t.Error("an error with a set")
	}
	return s, err
}

// Describe describes sources.
func Describe(t testing.TB, sources ...string) (*files.Description, error) {
	t.Helper()
	return files.Describe(context.Background(), dataset.Request{Sources: sources})
}

// MustRead reads what a request says.
func MustRead(t testing.TB, q dataset.Request) *dataset.Set {
	t.Helper()
	s, err := Read(t, q)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Column says what a column of a file holds.
type Column = files.ColumnDescription

// Columns says what the columns of a file of that name and content hold, by their
// names.
func Columns(t testing.TB, name, content string) map[string]Column {
	t.Helper()
	d, err := Describe(t, File(t, name, content))
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]Column)
	for _, c := range d.Columns {
		out[c.Name] = c
	}
	return out
}

// Open reads a file of that name and content for the tensors.
func Open(t testing.TB, name, content string, tensors ...graph.Tensor) (*dataset.Set, error) {
	t.Helper()
	return Read(t, dataset.Request{Sources: []string{File(t, name, content)}, Tensors: tensors})
}

// MustOpen reads a file of that name and content for the tensors.
func MustOpen(t testing.TB, name, content string, tensors ...graph.Tensor) *dataset.Set {
	t.Helper()
	s, err := Open(t, name, content, tensors...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Values views the numbers of a column.
func Values[T any](s *dataset.Set, column string) []T {
	return graph.View[T](s.Column(column).Bytes())
}

// Strings are the strings of a column.
func Strings(c *dataset.Column) []string {
	var out []string
	for k := range c.Strings() {
		out = append(out, string(c.Text(k)))
	}
	return out
}

// Lengths are the lengths of a column's sequences; nil if it has none.
func Lengths(c *dataset.Column) []int {
	var out []int
	for i := range c.Examples() {
		if c.Ragged() {
			out = append(out, c.Length(i))
		}
	}
	return out
}

// WantError fails unless the error is of the kind and says all of the words.
func WantError(t testing.TB, err, kind error, words ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("the error is %v, want %v", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error is %q, want it to say %q", err, w)
		}
	}
}

// CheckSet fails unless the parts of a set agree with each other.
func CheckSet(t testing.TB, s *dataset.Set) {
	t.Helper()
	for _, c := range s.Columns() {
		if c.Examples() != s.Examples() || c.DType().Size() == 0 {
			t.Fatalf("%d examples of type %q, the set has %d", c.Examples(), c.DType(), s.Examples())
		}
		_, rows := c.RowRange(0, c.Examples())
		bytes := rows * c.RowBytes()
		if c.DType() == graph.String {
			if n := rows * graph.Count(c.Shape()); c.Strings() != n {
				t.Fatalf("%d rows of %v have %d strings", rows, c.Shape(), c.Strings())
			}
			bytes = 0
			for k := range c.Strings() {
				bytes += c.TextSize(k)
			}
		}
		if !c.Images() && len(c.Bytes()) != bytes {
			t.Fatalf("%d rows of %v %s take %d bytes, not %d", rows, c.Shape(), c.DType(), len(c.Bytes()), bytes)
		}
	}
}

// Fuzz writes content over the file at path and reads it; whatever it is, the set or
// the error must be sound. One path serves all inputs of a fuzz target: to make a
// folder takes longer than to read a small file.
func Fuzz(t testing.TB, path, content string, tensors ...graph.Tensor) {
	t.Helper()
	Overwrite(t, path, content)
	if s := Sound(t, dataset.Request{Sources: []string{path}, Tensors: tensors}); s != nil {
		Close(t, s)
	}
}

// Overwrite replaces the content of a file.
func Overwrite(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Sound reads what a request says and checks the set, which the caller closes. The
// set is nil where there is an error, which must be of a class.
func Sound(t testing.TB, q dataset.Request) *dataset.Set {
	t.Helper()
	s, err := files.Open(context.Background(), q)
	if err != nil {
		WantClass(t, err)
		return nil
	}
	CheckSet(t, s)
	return s
}

// Allocated is how many bytes f allocates, freed or not.
func Allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// WantClass fails unless the error is one of those that data gives rise to.
func WantClass(t testing.TB, err error) {
	t.Helper()
	if !errors.Is(err, dataset.ErrUnreadable) && !errors.Is(err, dataset.ErrUnfit) {
		t.Fatalf("an error of no class: %v", err)
	}
}

// Close closes a set.
func Close(t testing.TB, s *dataset.Set) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
