package arrays_test

import (
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/dataset/datatest"
	"epochtime/internal/testgraph"
)

// named maps each name to itself.
func named(names ...string) map[string]string {
	out := make(map[string]string)
	for _, n := range names {
		out[n] = n
	}
	return out
}

// readIn reads those arrays with so much room in memory.
func readIn(t *testing.T, room int, source string, names ...string) *dataset.Set {
	t.Helper()
	b := dataset.NewBuilder(t.Context(), source, room)
	q := dataset.Request{Columns: named(names...)}
	for _, n := range names {
		q.Tensors = append(q.Tensors, testgraph.Tensor(n, ""))
	}
	if err := arrays.Format.Read(b, q, []string{source}); err != nil {
		t.Fatal(err)
	}
	s := b.Set()
	datatest.Closing(t, s)
	return s
}

func mustRead(t *testing.T, source string, names ...string) *dataset.Set {
	t.Helper()
	s, err := arrays.Read([]string{source}, named(names...))
	if err != nil {
		t.Fatal(err)
	}
	datatest.Closing(t, s)
	return s
}
