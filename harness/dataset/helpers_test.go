package dataset

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/graph"
)

// dim makes a shape; 0 is a free dimension.
func dim(sizes ...int64) []*int64 {
	out := make([]*int64, len(sizes))
	for i := range sizes {
		if sizes[i] != 0 {
			out[i] = &sizes[i]
		}
	}
	return out
}

func tensor(name string, d graph.DType, shape ...int64) graph.Tensor {
	return graph.Tensor{Name: name, DType: d, Shape: dim(append([]int64{0}, shape...)...)}
}

// manifest is a graph with these inputs and, in the same order, these recipes.
func manifest(tensors []graph.Tensor, recipes ...string) *graph.Manifest {
	m := &graph.Manifest{Name: "g", Inputs: tensors, Data: graph.Data{Columns: map[string]json.RawMessage{}}}
	for i, r := range recipes {
		m.Data.Columns[tensors[i].Name] = json.RawMessage(r)
	}
	return m
}

// header is the start of an .npy file of version 1.
func header(descr, fortran, shape string) []byte {
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr, fortran, shape)
	text += strings.Repeat(" ", 63-(10+len(text))%64) + "\n"
	out := append([]byte("\x93NUMPY\x01\x00"), 0, 0)
	binary.LittleEndian.PutUint16(out[8:], uint16(len(text)))
	return append(out, text...)
}

// npyOf is a file of the values in C order.
func npyOf(t *testing.T, descr, shape string, values any) []byte {
	t.Helper()
	out, err := binary.Append(header(descr, "False", shape), binary.LittleEndian, values)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// npzOf makes an archive as NumPy does; entries are names and contents in turn.
func npzOf(t *testing.T, entries ...any) string {
	t.Helper()
	for i := 0; i < len(entries); i += 2 {
		entries[i] = entries[i].(string) + ".npy"
	}
	return archiveOf(t, entries...)
}

func archiveOf(t *testing.T, entries ...any) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(entries); i += 2 {
		f, err := w.Create(entries[i].(string))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(entries[i+1].([]byte)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return fileOf(t, "data.npz", out.Bytes())
}

func fileOf(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// arrays maps each name to itself.
func arrays(names ...string) map[string]string {
	out := make(map[string]string)
	for _, n := range names {
		out[n] = n
	}
	return out
}

func mustRead(t *testing.T, path string, names ...string) *Set {
	t.Helper()
	s, err := Read([]string{path}, arrays(names...))
	if err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	return s
}

func closing(t *testing.T, s *Set) {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// wantError fails unless the error is of the kind and says all of the words.
func wantError(t *testing.T, err, kind error, words ...string) {
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
