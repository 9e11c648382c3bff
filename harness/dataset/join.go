package dataset

import (
	"fmt"
	"slices"

	"epochtime/harness/graph"
)

// Join makes one column of n, end to end. next returns them in order; all are of
// the type and the shape of the first. Each is copied, and given back before the
// next is asked for. A single one is returned as it is.
func (b *Builder) Join(n int, next func(i int) (Column, error)) (Column, error) {
	if b == nil || next == nil || n < 1 {
		return Column{}, fmt.Errorf("%w: no columns to join", ErrUnreadable)
	}
	first, err := next(0)
	if err != nil || n == 1 {
		return first, err
	}
	return b.copied(&first, func(add func(*Part) error) error {
		for c, i := &first, 0; ; {
			var err error
			if lost := b.Guard(func() { err = c.copyAll(add) }); lost != nil {
				return lost
			}
			if err == nil {
				err = b.giveBack(c)
			}
			if i++; err != nil || i == n {
				return err
			}
			another, err := next(i)
			if err != nil {
				return err
			}
			c = &another
		}
	})
}

// copied makes a column of copied examples, which read hands to add, of one like c.
func (b *Builder) copied(c *Column, read func(add func(*Part) error) error) (Column, error) {
	sink := &Sink{tensor: graph.Tensor{Name: c.name}, held: c.dtype, fields: []string{c.name}}
	out, err := b.Column(sink, read)
	if err != nil {
		return Column{}, err
	}
	if c.Ragged() && !out.Ragged() {
		out.shape = append(out.shape, c.shape...)
		if len(out.shape) == len(c.shape) { // sequences of one row
			out.shape = append([]int{1}, c.shape...)
		}
		return out, nil
	}
	out.shape = slices.Clone(c.shape)
	return out, nil
}

// copyAll hands all examples to add.
func (c *Column) copyAll(add func(*Part) error) error {
	step := 1
	if c.offsets == nil && c.bounds == nil {
		step = max(1, ChunkBytes/max(1, c.RowBytes()))
	}
	p := &Part{}
	for i := 0; i < c.examples; i += step {
		last := min(i+step, c.examples)
		c.copyTo(p, i, last)
		if len(p.Data) < ChunkBytes && last < c.examples {
			continue
		}
		if err := add(p); err != nil {
			return err
		}
		p = &Part{}
	}
	return nil
}

// giveBack frees what a column holds that is in no set.
func (b *Builder) giveBack(c *Column) error {
	data, m := c.data, c.mapped
	c.data, c.mapped = nil, nil
	if m == nil {
		b.room += len(data)
		return nil
	}
	s := b.building()
	s.mappings = slices.DeleteFunc(s.mappings, func(o *mapping) bool { return o == m })
	return unmap(m.bytes)
}
