package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	arrowarray "github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/dataset/files"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
	"epochtime/internal/zerocheck"
)

// numbered holds integers x and strings s.
func numbered(t *testing.T, n int) arrow.RecordBatch {
	t.Helper()
	var rows strings.Builder
	for i := range n {
		fmt.Fprintf(&rows, "%c{\"x\":%d,\"s\":\"text %d\"}", "[,"[min(i, 1)], i, i)
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: arrow.PrimitiveTypes.Int64}, {Name: "s", Type: arrow.BinaryTypes.String}}, nil)
	record, _, err := arrowarray.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(rows.String()+"]"))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func parquetFile(t *testing.T, n int) string {
	t.Helper()
	record := numbered(t, n)
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(record.Schema(), &out, nil, pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(record), w.Close()); err != nil {
		t.Fatal(err)
	}
	return datatest.File(t, "d.parquet", out.String())
}

func arrowFile(t *testing.T, n int) string {
	t.Helper()
	record := numbered(t, n)
	var out bytes.Buffer
	w, err := ipc.NewFileWriter(&out, ipc.WithSchema(record.Schema()), ipc.WithZstd())
	if err != nil {
		t.Fatal(err)
	}
	half := record.NumRows() / 2
	if err := errors.Join(w.Write(record.NewSlice(0, half)), w.Write(record.NewSlice(half, record.NumRows())), w.Close()); err != nil {
		t.Fatal(err)
	}
	return datatest.File(t, "d.arrow", out.String())
}

// texts is a folder with two class folders of n texts each.
func texts(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		datatest.WriteIn(t, dir, fmt.Sprintf("a/%d.txt", i), strings.Repeat("one two ", 20))
		datatest.WriteIn(t, dir, fmt.Sprintf("b/%d.txt", i), strings.Repeat("three ", 20))
	}
	return dir
}

// requests are data of every kind, each of more bytes than a little room holds.
func requests(t *testing.T) map[string]dataset.Request {
	t.Helper()
	const n = 3000
	var csv, json, lines strings.Builder
	csv.WriteString("x,s\n")
	for i := range n {
		fmt.Fprintf(&csv, "%d,text %d\n", i, i)
		fmt.Fprintf(&json, "{\"x\":%d,\"s\":\"text %d\"}\n", i, i)
		fmt.Fprintf(&lines, "line %d of text\n", i)
	}
	x, s := testgraph.Tensor("x", graph.Int64), testgraph.Tensor("s", graph.String)
	tokens, next := datatest.Tokens("x", 8, 1000), datatest.Label("y", 1000)
	text := datatest.File(t, "d.txt", lines.String())
	dir := texts(t, 300)
	of := func(source string, tensors ...graph.Tensor) dataset.Request {
		return dataset.Request{Sources: []string{source}, Tensors: tensors}
	}
	return map[string]dataset.Request{
		"CSV":               of(datatest.File(t, "d.csv", csv.String()), x, s),
		"compressed CSV":    of(datatest.File(t, "d.csv.gz", datatest.Gzip(t, csv.String())), x, s),
		"JSON Lines":        of(datatest.File(t, "d.jsonl", json.String()), x, s),
		"Parquet":           of(parquetFile(t, n), x, s),
		"Arrow":             of(arrowFile(t, n), x, s),
		"strings of NumPy":  of("s="+datatest.File(t, "s.npy", datatest.NpyHeader("|S4", "False", fmt.Sprintf("(%d,)", n))+strings.Repeat("abcd", n)), s),
		"NumPy":             of("x="+datatest.File(t, "x.npy", datatest.NpyHeader("<i8", "False", fmt.Sprintf("(%d, )", n))+strings.Repeat("abcdefgh", n)), x),
		"lines":             of(text, s),
		"words":             of(text, tokens, next),
		"whole texts":       of(dir, s, datatest.Label("y", 2)),
		"tokens of texts":   of(dir, tokens, datatest.Label("y", 2)),
		"labels as vectors": of(dir, s, testgraph.Tensor("y", graph.Float32, 900)),
	}
}

// inMemory is how many bytes of a set are in the process's own memory.
func inMemory(s *dataset.Set) int {
	n := 0
	for _, c := range s.Columns() {
		if c.InMemory() {
			n += len(c.Bytes())
		}
	}
	return n
}

// Whatever the format is, and whether examples are drawn or not, memory keeps to
// its room, and the values are the same.
func TestRoomHoldsForEveryFormat(t *testing.T) {
	for name, q := range requests(t) {
		for _, take := range []int{0, 250} {
			t.Run(fmt.Sprint(name, take), func(t *testing.T) {
				q.Take, q.Room = take, 0
				want := datatest.MustRead(t, q)
				for _, room := range []int{1, 3000, 40_000} {
					q.Room = room
					got := datatest.MustRead(t, q)
					datatest.CheckSet(t, got)
					if used := inMemory(got); used > room {
						t.Errorf("with room for %d bytes, %d are in memory", room, used)
					}
					if got.Examples() != want.Examples() {
						t.Fatalf("%d examples, want %d", got.Examples(), want.Examples())
					}
					for _, c := range want.Columns() {
						if !bytes.Equal(c.Bytes(), got.Column(c.Name()).Bytes()) {
							t.Errorf("room %d: %s has other values", room, c.Name())
						}
					}
				}
			})
		}
	}
}

// Reading ends with the context, whatever the format is, and leaves nothing behind.
func TestEveryFormatHeedsTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, q := range requests(t) {
		if s, err := files.Open(ctx, q); !errors.Is(err, context.Canceled) || s != nil {
			t.Errorf("%s: opened %v, %v; want that it was cancelled", name, s, err)
		}
		if d, err := files.Describe(ctx, q); !errors.Is(err, context.Canceled) || d != nil {
			t.Errorf("%s: described %v, %v; want that it was cancelled", name, d, err)
		}
	}
}

// A file that is missing is fs.ErrNotExist, whatever it is called.
func TestMissingFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"a.csv", "a.csv.gz", "a.parquet", "a.arrow", "a.tfrecord", "a.jsonl", "a.txt", "a.npz", "x=a.npy", "folder", "a.unknown", "*.csv",
	} {
		source := filepath.Join(dir, name)
		if before, after, named := strings.Cut(name, "="); named {
			source = before + "=" + filepath.Join(dir, after)
		}
		_, err := files.Open(t.Context(), dataset.Request{Sources: []string{source}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int32, 3)}})
		datatest.WantError(t, err, fs.ErrNotExist)
		datatest.WantError(t, err, dataset.ErrUnreadable)
		_, err = files.Describe(t.Context(), dataset.Request{Sources: []string{source}})
		datatest.WantError(t, err, fs.ErrNotExist)
	}
}

// The zero request, and every format without paths or a builder, is an error.
func TestZeroRequests(t *testing.T) {
	var none context.Context
	if s, err := files.Open(none, dataset.Request{}); err == nil {
		t.Errorf("nothing was opened as %v", s)
	}
	if d, err := files.Describe(none, dataset.Request{}); err == nil {
		t.Errorf("nothing was described as %v", d)
	}
	existing := datatest.File(t, "x", "")
	for _, f := range files.Formats() {
		for _, paths := range [][]string{nil, {""}, {existing}} {
			for _, b := range []*dataset.Builder{nil, {}} {
				for _, q := range []dataset.Request{{}, {Tensors: make([]graph.Tensor, 2)}, {Tensors: []graph.Tensor{{Name: "x", DType: graph.Float32}}}} {
					func() {
						defer func() {
							if p := recover(); p != nil {
								t.Errorf("%s panics for %q, %v, %+v: %v", f.Name(), paths, b, q, p)
							}
						}()
						_ = f.Read(b, q, paths)
						_, _ = f.Fields(b, q, paths)
						_, _ = f.Takes(""), f.Holds(nil)
					}()
				}
			}
		}
	}
}

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Open": files.Open, "Describe": files.Describe, "Formats": files.Formats, "Readable": files.Readable})
	for _, dir := range []string{"csv", "parquet", "arrow", "tfrecord", "jsonl", "text", "images"} {
		zerocheck.Run(t, "../"+dir, nil) // they export their formats alone
	}
}

// Every format says what it is called, and no two take the same ending.
func TestFormats(t *testing.T) {
	names, endings := map[string]bool{}, map[string]string{}
	for _, f := range files.Formats() {
		if f.Name() == "" || names[f.Name()] {
			t.Errorf("two formats are called %q", f.Name())
		}
		names[f.Name()] = true
		for _, e := range f.Endings() {
			if endings[e] != "" || !f.Takes("data"+e) || !f.Takes("DATA"+strings.ToUpper(e)) {
				t.Errorf("%s: %s is of %s too, or is not taken", f.Name(), e, endings[e])
			}
			endings[e] = f.Name()
		}
	}
}
