package dataset

import (
	"fmt"

	"epochtime/harness/graph"
)

// draw leaves n examples, drawn at random, in the order of the data. It makes a
// new set, which takes over the files of this one.
func (r *reader) draw(s *Set, n int, seed uint64) (*Set, error) {
	if n < 1 || n > s.Examples {
		return nil, fmt.Errorf("%w: %d examples were to be drawn, %s holds %d: change --take", ErrUnfit, n, s.Source, s.Examples)
	}
	chosen := choose(s.Examples, n, seed)
	r.set = &Set{Source: s.Source, files: s.files}
	for i := range s.Columns {
		c := &s.Columns[i]
		var a *array
		var err error
		if lost := s.Guard(func() { a, err = r.pick(c, chosen) }); lost != nil {
			err = lost
		}
		if err == nil {
			err = r.set.add(c.Name, a)
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
func (r *reader) pick(c *Column, chosen []int) (*array, error) {
	if c.Files != nil {
		a := &array{Column{DType: c.DType, Shape: c.Shape}, len(chosen)}
		for _, i := range chosen {
			a.Files = append(a.Files, c.Files[i])
		}
		return a, nil
	}
	b := r.building(&wanted{tensor: graph.Tensor{Name: c.Name}, held: c.DType, fields: []string{c.Name}})
	defer b.close()
	p := &part{}
	for k, i := range chosen {
		c.copyTo(p, i)
		if len(p.data) < chunkBytes && k < len(chosen)-1 {
			continue
		}
		if err := b.add(p); err != nil {
			return nil, err
		}
		p = &part{}
	}
	a, err := b.finish()
	if err != nil {
		return nil, err
	}
	switch {
	case c.Ragged() && !a.Ragged():
		a.Shape = append([]int{b.length}, c.Shape...)
	default:
		a.Shape = c.Shape
	}
	return a, nil
}

// copyTo adds example i to a part.
func (c *Column) copyTo(p *part, i int) {
	p.examples++
	first, last := c.rows(i, i+1)
	if c.Ragged() {
		p.lengths = append(p.lengths, last-first)
	}
	if c.Strings == nil {
		p.data = append(p.data, c.Rows(i, i+1)...)
		return
	}
	for k := first * elements(c.Shape); k < last*elements(c.Shape); k++ {
		p.data = append(p.data, c.Text(k)...)
		p.ends = append(p.ends, len(p.data))
	}
}
