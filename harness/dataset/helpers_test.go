package dataset

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"epochtime/harness/graph"
)

// manifest is a graph with these inputs and, in the same order, these recipes.
func manifest(tensors []graph.Tensor, recipes ...string) *graph.Manifest {
	m := &graph.Manifest{Name: "g", Inputs: tensors, Data: graph.Data{Columns: map[string]json.RawMessage{}}}
	for i, r := range recipes {
		m.Data.Columns[tensors[i].Name] = json.RawMessage(r)
	}
	return m
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
