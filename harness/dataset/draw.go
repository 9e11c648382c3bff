package dataset

import (
	"fmt"

	"epochtime/harness/graph"
)

// draw leaves n examples, drawn at random, in the order of the data. It makes a
// new set, which takes over the files of this one.
func (r *reader) draw(s *Set, n int, seed uint64) (*Set, error) {
	if n < 1 || n > s.examples {
		return nil, fmt.Errorf("%w: %d examples were to be drawn, %s holds %d: change --take", ErrUnfit, n, s.source, s.examples)
	}
	chosen := choose(s.examples, n, seed)
	r.set = &Set{source: s.source, files: s.files}
	for i := range s.columns {
		c := s.columns[i]
		var a *Column
		var err error
		if lost := s.Guard(func() { a, err = r.pick(c, chosen) }); lost != nil {
			err = lost
		}
		if err == nil {
			err = r.set.addArray(c.name, a)
		}
		if err != nil {
			_ = r.set.Close() // the set is of no use
			return nil, err
		}
	}
	return r.set, nil
}

// choose draws n of all, each as likely as any other, in order: selection
// sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S).
func choose(all, n int, seed uint64) []int {
	rng := stream(seed, "take")
	var out []int
	for i := 0; len(out) < n; i++ {
		if rng.IntN(all-i) < n-len(out) {
			out = append(out, i)
		}
	}
	return out
}

// pick copies the chosen examples of a column.
func (r *reader) pick(c *Column, chosen []int) (*Column, error) {
	if c.files != nil {
		a := &Column{dtype: c.dtype, shape: c.shape, examples: len(chosen)}
		for _, i := range chosen {
			a.files = append(a.files, c.files[i])
		}
		return a, nil
	}
	b := r.building(&wanted{tensor: graph.Tensor{Name: c.name}, held: c.dtype, fields: []string{c.name}})
	defer b.close()
	p := &Part{}
	for k, i := range chosen {
		c.copyTo(p, i)
		if len(p.Data) < chunkBytes && k < len(chosen)-1 {
			continue
		}
		if err := b.add(p); err != nil {
			return nil, err
		}
		p = &Part{}
	}
	a, err := b.finish()
	if err != nil {
		return nil, err
	}
	switch {
	case c.Ragged() && !a.Ragged():
		a.shape = append([]int{b.length}, c.shape...)
	default:
		a.shape = c.shape
	}
	return a, nil
}
