package dataset

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/graph"
)

// batch makes a batch of sequences that hold their own length, and words.
func batch(t *testing.T, lengths ...int) *Set {
	t.Helper()
	var x []int32
	var words []string
	for _, n := range lengths {
		x = append(x, slices.Repeat([]int32{int32(n)}, n)...)
		words = append(words, strings.Repeat("w", n))
	}
	s, err := New("batch", Ragged(Of("x", nil, x), lengths), Texts("w", nil, words), Images("i", graph.Uint8, nil, words))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// yields is a pass over those batches.
func yields(batches ...*Set) PassFunc {
	return func(context.Context, int) iter.Seq2[*Set, error] {
		return func(yield func(*Set, error) bool) {
			for _, b := range batches {
				if !yield(b, nil) {
					return
				}
			}
		}
	}
}

func mustStream(t *testing.T, pass PassFunc) *Stream {
	t.Helper()
	s, err := NewStream("numbers", pass)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStreamYieldsEveryBatch(t *testing.T) {
	var passes []int
	inner := yields(batch(t, 1, 2), batch(t, 3))
	s := mustStream(t, func(ctx context.Context, pass int) iter.Seq2[*Set, error] {
		passes = append(passes, pass)
		return inner(ctx, pass)
	})
	for pass := range 2 {
		var sizes []int
		for b, err := range s.Batches(context.Background(), pass) {
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, b.Examples())
		}
		if !slices.Equal(sizes, []int{2, 1}) {
			t.Errorf("batches of %v", sizes)
		}
	}
	if !slices.Equal(passes, []int{0, 1}) || s.Source() != "numbers" {
		t.Errorf("passes %v of %s", passes, s.Source())
	}
	for range s.Batches(context.Background(), 2) { // a consumer may leave early
		break
	}
}

func TestStreamIsBatched(t *testing.T) {
	in := mustStream(t, yields(batch(t, 1), batch(t, 2, 3, 4), batch(t, 5)))
	for n, want := range map[int]string{1: "[[1] [2] [3] [4] [5]]", 2: "[[1 2] [3 4] [5]]", 3: "[[1 2 3] [4 5]]", 5: "[[1 2 3 4 5]]", 9: "[[1 2 3 4 5]]"} {
		s, err := in.Batched(n)
		if err != nil {
			t.Fatal(err)
		}
		var got [][]int32
		for b, err := range s.Batches(context.Background(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			var first []int32
			x := b.Column("x")
			for i := range b.Examples() {
				row := graph.View[int32](x.Rows(i, i+1))
				if text := strings.Repeat("w", int(row[0])); len(row) != int(row[0]) || string(b.Column("w").Text(i)) != text || b.Column("i").File(i) != text {
					t.Errorf("example %d is %v with %q and %q", i, row, b.Column("w").Text(i), b.Column("i").File(i))
				}
				first = append(first, row[0])
			}
			got = append(got, first)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("batches of %d: %v, want %s", n, got, want)
		}
	}
	if _, err := in.Batched(0); !errors.Is(err, ErrUnfit) {
		t.Errorf("batches of none: %v", err)
	}
}

func TestStreamRefuses(t *testing.T) {
	one := func(columns ...Column) *Set {
		s, err := New("b", columns...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	x, y := Of("x", nil, []int32{1}), Of("y", nil, []int32{1})
	broken := errors.New("the source broke")
	for name, c := range map[string]struct {
		pass PassFunc
		kind error
		says string
	}{
		"nothing":     {yields(), ErrUnfit, "has no batches in pass 3"},
		"no iterator": {func(context.Context, int) iter.Seq2[*Set, error] { return nil }, ErrUnfit, "has no batches"},
		"nil":         {yields(nil), ErrUnfit, "batch 0 of pass 3: the data does not fit: the batch holds no examples"},
		"zero":        {yields(one(x), &Set{}), ErrUnfit, "batch 1 of pass 3"},
		"more":        {yields(one(x), one(x, y)), ErrUnfit, "2 columns"},
		"other name":  {yields(one(x), one(y)), ErrUnfit, `its column 0 is "y"`},
		"other type":  {yields(one(x), one(Of("x", nil, []int64{1}))), ErrUnfit, "is int64"},
		"other shape": {yields(one(x), one(Of("x", []int{2}, []int32{1, 2}))), ErrUnfit, "[2]"},
		"sequences":   {yields(one(x), one(Ragged(x, []int{1}))), ErrUnfit, "sequences"},
		"images":      {yields(one(Raw("x", graph.Uint8, []int{2, 2, 3}, make([]byte, 12))), one(Images("x", graph.Uint8, []int{2, 2, 3}, []string{"a"}))), ErrUnfit, "images"},
		"an error": {func(context.Context, int) iter.Seq2[*Set, error] {
			return func(yield func(*Set, error) bool) { _ = yield(one(x), nil) && yield(nil, broken) }
		}, broken, "numbers, batch 1 of pass 3: the source broke"},
	} {
		t.Run(name, func(t *testing.T) {
			var last error
			var none context.Context
			for _, err := range mustStream(t, c.pass).Batches(none, 3) {
				if last != nil {
					t.Fatal("it goes on after an error")
				}
				last = err
			}
			wantError(t, last, c.kind, c.says)
		})
	}
}

func TestStreamIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b := batch(t, 1)
	endless := mustStream(t, func(context.Context, int) iter.Seq2[*Set, error] {
		return func(yield func(*Set, error) bool) {
			for yield(b, nil) {
			}
		}
	})
	s, err := endless.Batched(3)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err = range s.Batches(ctx, 0) {
		if n++; n == 2 {
			cancel()
		}
	}
	if !errors.Is(err, context.Canceled) || n != 3 {
		t.Errorf("after %d batches: %v", n, err)
	}
}
