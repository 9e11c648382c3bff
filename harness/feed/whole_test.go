package feed

import (
	"bytes"
	"slices"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// Batches cut out of the whole data set are those that are handed out one by one.
func TestWhole(t *testing.T) {
	tokens := ragged(data("x", graph.Uint8, nil, []uint8{1, 2, 2, 3, 3, 3, 4, 5, 5}), 0, 1, 3, 6, 7, 9)
	scaled := images()
	scaled.Preprocess = append(scaled.Preprocess, graph.Preprocess{Op: "normalize", Input: "x", Mean: 1, StdDev: 2})
	free := &graph.Manifest{Inputs: []graph.Tensor{testgraph.Tensor("x", graph.Int32, 0, 2)}}
	for _, c := range []struct {
		name    string
		m       *graph.Manifest
		columns []dataset.Column
		o       Options
		shape   []int64
		lengths []int32
	}{
		{"images", scaled, []dataset.Column{data("x", graph.Uint8, []int{2, 2}, count[uint8](20)), data("y", graph.Int64, nil, count[int64](5))},
			Options{Batch: 2}, []int64{5, 2, 2, 1}, []int32{2, 2, 2}},
		{"sequences", sequences(0, graph.Int32), []dataset.Column{tokens}, Options{Batch: 2}, []int64{5, 3}, []int32{2, 3, 2}},
		{"sequences to a multiple", sequences(0, graph.Int32), []dataset.Column{tokens}, Options{Batch: 1, PadTo: 2}, []int64{5, 4}, []int32{2, 2, 4, 2, 2}},
		{"of a fixed length", sequences(4, graph.Int32), []dataset.Column{tokens}, Options{Batch: 3}, []int64{5, 4}, []int32{4, 4}},
		{"of one free length", free, []dataset.Column{data("x", graph.Int32, []int{3, 2}, count[int32](30))}, Options{Batch: 5}, []int64{5, 3, 2}, []int32{3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := setOf(5, c.columns...)
			if err := set.Fit(c.m); err != nil {
				t.Fatal(err)
			}
			f := feederOf(t, set, c.m, c.o)
			w := f.Whole()
			if !slices.Equal(w.Shapes[0], c.shape) || !slices.Equal(w.Lengths[0], c.lengths) {
				t.Errorf("the shape is %v with lengths %v, want %v with %v", w.Shapes[0], w.Lengths[0], c.shape, c.lengths)
			}
			dst := buffers(w.Bytes)
			for k := range f.Steps() {
				if err := f.Fill(w, dst, k); err != nil {
					t.Fatal(err)
				}
			}
			f.Start(0)
			for k := range f.Steps() {
				first, last := f.bounds(k)
				for i, slot := range must(f.Next()).Slots {
					row := w.Bytes[i] / 5
					part := dst[i][first*row : last*row]
					if got := cut(part, len(slot.Bytes)/(last-first), row); !bytes.Equal(got, slot.Bytes) {
						t.Errorf("batch %d of slot %d is %v, want %v", k, i, got, slot.Bytes)
					}
				}
			}
		})
	}
}

// cut keeps the first bytes of every row.
func cut(rows []byte, keep, row int) []byte {
	var out []byte
	for ; len(rows) > 0; rows = rows[row:] {
		out = append(out, rows[:keep]...)
	}
	return out
}
