package arrays_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// glob is a pattern of archives, whose arrays are names and contents in turn.
func glob(t *testing.T, archives ...[]string) string {
	t.Helper()
	dir := t.TempDir()
	for i, entries := range archives {
		datatest.WriteIn(t, dir, fmt.Sprintf("part-%d.npz", i), datatest.Content(t, datatest.Npz(t, entries...)))
	}
	return filepath.Join(dir, "part-*.npz")
}

func TestArchivesAreJoined(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	numbers := func(values ...int32) string { return datatest.Npy(t, "<i4", fmt.Sprintf("(%d,)", len(values)), values) }
	lengths := func(values ...int64) string { return datatest.Npy(t, "<i8", fmt.Sprintf("(%d,)", len(values)), values) }
	text := datatest.NpyHeader("|S1", "False", "(2,)") + "ab"
	pattern := glob(t,
		[]string{"x", numbers(1, 2, 3), "x.lengths", lengths(1, 2), "y", numbers(0, 1), "s", text, "z", datatest.Npy(t, ">i2", "(2, 2)", []int16{1, 2, 3, 4})},
		[]string{"y", numbers(2, 3), "x", numbers(4, 5), "x.lengths", lengths(1, 1), "s", text, "more", text, "z", datatest.Npy(t, "<i2", "(2, 2)", []int16{5, 6, 7, 8})},
	)
	tensors := []graph.Tensor{testgraph.Tensor("x", graph.Int32, 0), testgraph.Tensor("y", graph.Int32), testgraph.Tensor("s", graph.String), testgraph.Tensor("z", graph.Int16, 2)}
	for _, room := range []int{1, 1 << 20} {
		s := datatest.MustRead(t, dataset.Request{Sources: []string{pattern}, Tensors: tensors, Room: room})
		datatest.CheckSet(t, s)
		for _, c := range []struct{ want, got any }{
			{[]int32{1, 2, 3, 4, 5}, datatest.Values[int32](s, "x")}, {[]int{1, 2, 1, 1}, datatest.Lengths(s.Column("x"))},
			{[]int32{0, 1, 2, 3}, datatest.Values[int32](s, "y")}, {[]string{"a", "b", "a", "b"}, datatest.Strings(s.Column("s"))},
			{[]int16{256, 512, 768, 1024, 5, 6, 7, 8}, datatest.Values[int16](s, "z")}, {[]int{2}, s.Column("z").Shape()},
		} {
			if d := cmp.Diff(c.want, c.got); d != "" {
				t.Errorf("room %d: %s", room, d)
			}
		}
	}
}

func TestArchivesAreNotAlike(t *testing.T) {
	x, y := datatest.Npy(t, "<i4", "(2,)", []int32{1, 2}), datatest.Npy(t, "<i4", "(2, 1)", []int32{1, 2})
	for name, c := range map[string]struct {
		parts [][]string
		kind  error
		says  string
	}{
		"an array is missing":  {[][]string{{"x", x, "y", y}, {"x", x}}, dataset.ErrUnfit, `part-1.npz has no array "y"; it holds x`},
		"missing in the first": {[][]string{{"x", x}, {"x", x, "y", y}}, dataset.ErrUnfit, `part-0.npz has no array "y"; it holds x`},
		"another shape":        {[][]string{{"x", x, "y", y}, {"x", x, "y", x}}, dataset.ErrUnfit, "part-1.npz"},
		"another type":         {[][]string{{"x", x, "y", y}, {"x", x, "y", datatest.Npy(t, "<i8", "(2, 1)", []int64{1, 2})}}, dataset.ErrUnfit, "an example of y is int64 [1] in "},
		"sequences in one":     {[][]string{{"x", x, "y", y}, {"x", x, "y", y, "y.lengths", datatest.Npy(t, "<i8", "(2,)", []int64{1, 1})}}, dataset.ErrUnfit, "int32 [1] in sequences in "},
		"damaged":              {[][]string{{"x", x, "y", y}, {"x", x, "y", y[:len(y)-1]}}, dataset.ErrUnreadable, "part-1.npz (y): it is cut short: 7 bytes of its 8 are there"},
		"other numbers":        {[][]string{{"x", x, "y", y}, {"x", datatest.Npy(t, "<i4", "(1,)", []int32{1}), "y", y}}, dataset.ErrUnfit, "holds 4 examples of y but 3 of x"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := datatest.Read(t, dataset.Request{Sources: []string{glob(t, c.parts...)}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int32), testgraph.Tensor("y", graph.Int32)}})
			datatest.WantError(t, err, c.kind, c.says)
		})
	}
}
