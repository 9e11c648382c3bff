package graph

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// weightsFolder is a graph's folder with a weights file of content and its index.
func weightsFolder(t testing.TB, content []byte, index any) *Manifest {
	t.Helper()
	m := &Manifest{Name: "g", Dir: t.TempDir(), Weights: &Weights{File: "w.gz", Index: "w.json"}}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(index)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"w.gz": packed.Bytes(), "w.json": text} {
		if err := os.WriteFile(filepath.Join(m.Dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func variable(path string, offset int64, shape ...int) Variable {
	v := Variable{Path: path, DType: Int16, Shape: shape, Offset: offset, Bytes: 2, Tensor: path + ":0", Dataset: path + "/vars/0"}
	for _, d := range shape {
		v.Bytes *= int64(d)
	}
	return v
}

func TestFillWeights(t *testing.T) {
	m := weightsFolder(t, []byte("head....,..tail"), []Variable{variable("b", 9), variable("a", 4, 2)})
	w, err := m.OpenWeights()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = w.Fill(&out, func(v Variable) ([]byte, error) { return bytes.Repeat([]byte(v.Path), int(v.Bytes)), nil })
	if err != nil || out.String() != "headaaaa,bbtail" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestFillWeightsFails(t *testing.T) {
	broken := errors.New("broken")
	m := weightsFolder(t, []byte("head....tail"), []Variable{variable("a", 4, 2)})
	w, err := m.OpenWeights()
	if err != nil {
		t.Fatal(err)
	}
	value := func(n int, err error) func(Variable) ([]byte, error) {
		return func(Variable) ([]byte, error) { return make([]byte, n), err }
	}
	if err := w.Fill(new(bytes.Buffer), value(0, broken)); !errors.Is(err, broken) {
		t.Errorf("a variable that cannot be read: %v", err)
	}
	if err := w.Fill(new(bytes.Buffer), value(3, nil)); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "3 bytes, not 4") {
		t.Errorf("a variable of another size: %v", err)
	}
	for _, content := range []string{"", "hea", "head..."} {
		m := weightsFolder(t, []byte(content), []Variable{variable("a", 4, 2)})
		w, err := m.OpenWeights()
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Fill(new(bytes.Buffer), value(4, nil)); !errors.Is(err, ErrDamaged) {
			t.Errorf("a file of %q: %v, want ErrDamaged", content, err)
		}
	}
	for name, spoil := range map[string]func(path string) error{
		"no gzip": func(p string) error { return os.WriteFile(p, []byte("head....tail"), 0o644) },
		"cut":     func(p string) error { return os.Truncate(p, 20) },
		"gone":    os.Remove,
	} {
		m := weightsFolder(t, []byte("head....tail"), []Variable{variable("a", 4, 2)})
		w, err := m.OpenWeights()
		if err = errors.Join(err, spoil(filepath.Join(m.Dir, "w.gz"))); err != nil {
			t.Fatal(err)
		}
		if err := w.Fill(new(bytes.Buffer), value(4, nil)); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
	}
}

func TestOpenWeightsRefuses(t *testing.T) {
	other := func(change func(*Variable)) []Variable {
		v := variable("a", 4, 2)
		change(&v)
		return []Variable{v}
	}
	for name, index := range map[string]any{
		"no list":             "a",
		"overlapping":         []Variable{variable("a", 4, 2), variable("b", 7)},
		"before the start":    []Variable{variable("a", -4, 2)},
		"far beyond any disk": []Variable{variable("a", 1<<51, 2)},
		"no data set":         other(func(v *Variable) { v.Dataset = "" }),
		"another size":        other(func(v *Variable) { v.Bytes = 5 }),
		"a negative shape":    other(func(v *Variable) { v.Shape = []int{-1, -2} }),
		"a shape too large":   other(func(v *Variable) { v.Shape = []int{1 << 40, 1 << 40, 1 << 40} }),
		"a shape that wraps":  other(func(v *Variable) { v.Shape, v.Bytes = []int{4, 1<<62 + 1}, 8 }),
		"bytes that wrap":     []Variable{variable("b", math.MinInt64+1<<50), other(func(v *Variable) { v.Offset, v.Bytes, v.Shape = 1<<50, math.MaxInt64-1, []int{math.MaxInt64 / 2} })[0]},
		"no type":             other(func(v *Variable) { v.DType = "float7" }),
		"strings":             other(func(v *Variable) { v.DType = String }),
	} {
		if _, err := weightsFolder(t, nil, index).OpenWeights(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
	}
	m := weightsFolder(t, nil, nil)
	if err := os.Remove(filepath.Join(m.Dir, "w.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := m.OpenWeights(); !errors.Is(err, ErrDamaged) {
		t.Errorf("without an index: %v, want ErrDamaged", err)
	}
	m.Weights = nil
	if _, err := m.OpenWeights(); !errors.Is(err, ErrNoWeights) {
		t.Errorf("a graph without weights: %v, want ErrNoWeights", err)
	}
	m.Weights = &Weights{File: "../w.gz", Index: "w.json"}
	if err := m.checkWeights(); err == nil {
		t.Error("a file outside the folder is taken")
	}
}
