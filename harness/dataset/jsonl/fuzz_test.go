package jsonl_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// FuzzJSONLines compares what is read with what the standard library reads.
func FuzzJSONLines(f *testing.F) {
	for _, seed := range []string{
		"", "{\"x\":1,\"s\":\"a\"}\n{\"x\":-2.5e3,\"s\":\"\\u00e9\\\"\"}", `{"x":[1,2],"s":"","n":{"a":[{"b":null}]}}`, `{"x":NaN,"s":"NaN"}`, `[{"x":1}]`, "\xef\xbb\xbf{\"x\":1e400,\"s\":\"\\ud83d\\ude00\"}",
	} {
		f.Add([]byte(seed))
	}
	path := datatest.File(f, "d.jsonl", "")
	q := dataset.Request{Sources: []string{path}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float64, 0), testgraph.Tensor("s", graph.String, 0)},
		Columns: map[string]string{"x": "x", "s": "s"}}
	f.Fuzz(func(t *testing.T, content []byte) {
		datatest.Overwrite(t, path, string(content))
		s := datatest.Sound(t, q)
		if s == nil {
			return
		}
		defer datatest.Close(t, s)
		content = bytes.TrimLeft(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")), " \t\r\n")
		if content[0] != '{' || bytes.Contains(content, []byte("NaN")) || bytes.Contains(content, []byte("Infinity")) {
			return // compressed, or numbers that the standard library does not read
		}
		var x []float64
		var texts []string
		for line := range bytes.Lines(content) {
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			xs, ss := standard(t, line)
			x, texts = append(x, xs...), append(texts, ss...)
		}
		if d := cmp.Diff(x, datatest.Values[float64](s, "x")); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(texts, datatest.Strings(s.Column("s"))); d != "" {
			t.Error(d)
		}
	})
}

// standard reads x and s of a line.
func standard(t *testing.T, line []byte) (x []float64, s []string) {
	t.Helper()
	var object map[string]any
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		t.Fatalf("%q is read here, and not by the standard library: %v", line, err)
	}
	all := func(v any) []any {
		if list, ok := v.([]any); ok {
			return list
		}
		return []any{v}
	}
	for _, v := range all(object["x"]) {
		switch v := v.(type) {
		case json.Number:
			number, err := strconv.ParseFloat(v.String(), 64)
			if err != nil {
				t.Fatalf("%q is read here: %v", line, err)
			}
			x = append(x, number)
		case bool:
			number := 0.0
			if v {
				number = 1
			}
			x = append(x, number)
		default:
			t.Fatalf("%q is read here as a number", line)
		}
	}
	for _, v := range all(object["s"]) {
		switch v := v.(type) {
		case string:
			s = append(s, v)
		case json.Number:
			s = append(s, v.String())
		case bool:
			s = append(s, strconv.FormatBool(v))
		default:
			t.Fatalf("%q is read here as a string", line)
		}
	}
	return x, s
}
