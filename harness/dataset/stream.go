package dataset

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"epochtime/harness/graph"
)

// Stream is a source of examples that are not held: each pass over it yields
// batches, whose number need not be known before. A batch is a small Set, which
// New makes. All batches of a stream have the same columns: their names, types and
// shapes, whether they are sequences, and whether they are images.
//
// A Stream is safe for concurrent use if its function is.
type Stream struct {
	source string
	pass   PassFunc
}

// PassFunc starts a pass over a source, numbered from 0, as an epoch of training
// takes it. The iterator ends with the pass, after an error, or once ctx is done.
// A batch belongs to the consumer until it asks for the next.
type PassFunc func(ctx context.Context, pass int) iter.Seq2[*Set, error]

// NewStream makes a stream of what pass yields. source names it in messages. It
// returns ErrUnfit if pass is nil.
func NewStream(source string, pass PassFunc) (*Stream, error) {
	if pass == nil {
		return nil, fmt.Errorf("%w: the stream %s has no function that yields batches", ErrUnfit, source)
	}
	return &Stream{source, pass}, nil
}

// Source names where the examples come from, for messages.
func (s *Stream) Source() string {
	if s == nil {
		return ""
	}
	return s.source
}

// Batches yields the batches of one pass. It ends after the first error: that of
// ctx, that of the source, or ErrUnfit if a batch is empty, if its columns are not
// those of the first one, or if there is no batch at all.
func (s *Stream) Batches(ctx context.Context, pass int) iter.Seq2[*Set, error] {
	return func(yield func(*Set, error) bool) {
		if s == nil || s.pass == nil {
			yield(nil, fmt.Errorf("%w: the stream is nil", ErrUnfit))
			return
		}
		ctx = cmp.Or(ctx, context.Background())
		batches := s.pass(ctx, pass)
		if batches == nil {
			yield(nil, fmt.Errorf("%w: the stream %s has no batches in pass %d", ErrUnfit, s.source, pass))
			return
		}
		var first *Set
		n := 0
		for batch, err := range batches {
			if ctx.Err() != nil {
				err = ctx.Err()
			} else if err == nil {
				err = alike(first, batch)
			}
			if err != nil {
				yield(nil, fmt.Errorf("%s, batch %d of pass %d: %w", s.source, n, pass, err))
				return
			}
			if first == nil {
				first = batch.layout()
			}
			n++
			if !yield(batch, nil) {
				return
			}
		}
		switch {
		case ctx.Err() != nil:
			yield(nil, fmt.Errorf("%s, batch %d of pass %d: %w", s.source, n, pass, ctx.Err()))
		case n == 0:
			yield(nil, fmt.Errorf("%w: the stream %s has no batches in pass %d", ErrUnfit, s.source, pass))
		}
	}
}

// Batched returns a stream of the same examples in batches of n, the last one of a
// pass shorter where they do not divide. Examples are copied. It returns ErrUnfit
// if n is less than 1.
func (s *Stream) Batched(n int) (*Stream, error) {
	if n < 1 {
		return nil, fmt.Errorf("%w: batches of %d examples", ErrUnfit, n)
	}
	return NewStream(s.Source(), func(ctx context.Context, pass int) iter.Seq2[*Set, error] {
		return func(yield func(*Set, error) bool) {
			var next *gathering
			for batch, err := range s.Batches(ctx, pass) {
				if err != nil {
					yield(nil, err)
					return
				}
				if next == nil {
					next = gather(batch)
				}
				for i := range batch.examples {
					next.add(batch, i)
					if next.examples == n {
						if !yield(next.set()) {
							return
						}
						next = gather(batch)
					}
				}
			}
			if next != nil && next.examples > 0 {
				yield(next.set())
			}
		}
	})
}

// layout returns the set's columns without their examples.
func (s *Set) layout() *Set {
	out := &Set{source: s.source}
	for _, c := range s.columns {
		one := Column{name: c.name, dtype: c.dtype, shape: slices.Clone(c.shape)}
		if c.offsets != nil {
			one.offsets = []int{0}
		}
		if c.files != nil {
			one.files = []string{}
		}
		out.columns = append(out.columns, &one)
	}
	return out
}

// alike returns ErrUnfit unless a batch has examples and, where first is not nil,
// its columns.
func alike(first, batch *Set) error {
	if batch.Examples() == 0 {
		return fmt.Errorf("%w: the batch holds no examples", ErrUnfit)
	}
	if first == nil {
		return nil
	}
	if len(batch.columns) != len(first.columns) {
		return fmt.Errorf("%w: it has %d columns, the first batch has %d", ErrUnfit, len(batch.columns), len(first.columns))
	}
	for i, want := range first.columns {
		c := batch.columns[i]
		switch {
		case c.name != want.name:
			return fmt.Errorf("%w: its column %d is %q, that of the first batch is %q", ErrUnfit, i, c.name, want.name)
		case c.dtype != want.dtype || !slices.Equal(c.shape, want.shape):
			return fmt.Errorf("%w: its column %s is %s %v, that of the first batch is %s %v", ErrUnfit, c.name, c.dtype, c.shape, want.dtype, want.shape)
		case c.Ragged() != want.Ragged():
			return fmt.Errorf("%w: its column %s is made of sequences in one batch, and not in another", ErrUnfit, c.name)
		case c.Images() != want.Images():
			return fmt.Errorf("%w: its column %s is made of images in one batch, and not in another", ErrUnfit, c.name)
		}
	}
	return nil
}

// gathering is a batch that examples are copied into.
type gathering struct {
	layout   *Set
	parts    []*Part
	files    [][]string
	examples int
}

func gather(like *Set) *gathering {
	g := &gathering{layout: like.layout(), files: make([][]string, len(like.columns))}
	for range like.columns {
		g.parts = append(g.parts, &Part{})
	}
	return g
}

// add copies example i of a set.
func (g *gathering) add(from *Set, i int) {
	g.examples++
	for k, c := range from.columns {
		if c.files != nil {
			g.files[k] = append(g.files[k], c.files[i])
			continue
		}
		c.copyTo(g.parts[k], i, i+1)
	}
}

// set makes a set of what was gathered.
func (g *gathering) set() (*Set, error) {
	var columns []Column
	for k, like := range g.layout.columns {
		c, p := *like, g.parts[k]
		c.examples, c.data, c.offsets, c.files = g.examples, p.Data, nil, g.files[k]
		if c.dtype == graph.String {
			c.bounds = append([]int{0}, p.Ends...)
		}
		if like.offsets != nil {
			c.examples = 0
			for _, n := range p.Lengths {
				c.examples += n
			}
			c = Ragged(c, p.Lengths)
		}
		columns = append(columns, c)
	}
	return New(g.layout.source, columns...)
}
