package dataset

import "slices"

// Draw keeps n examples of what was built, drawn at random, in their order. They
// are copied into the room that is left, which grows as each column is done with.
// Errors are ErrTake.
func (b *Builder) Draw(n int, seed uint64) error {
	if b == nil {
		return errNoBuilder
	}
	all := b.Set()
	if n < 1 || n > all.examples {
		err := Errorf(ErrUnfit, []error{ErrTake}, "%d examples were to be drawn, %s holds %d", n, all.source, all.examples)
		_ = all.Close() // the set is of no use
		return err
	}
	defer all.Close() // what it held was copied
	chosen := choose(all.examples, n, seed)
	s := b.building()
	s.files, s.listed, s.warnings = all.files, all.listed, all.warnings
	for _, c := range all.columns {
		var drawn Column
		var err error
		if lost := all.Guard(func() { drawn, err = b.pick(c, chosen) }); lost != nil {
			return lost
		}
		if err == nil {
			err = b.Add(c.name, drawn)
		}
		if err != nil {
			return err
		}
		if c.InMemory() {
			b.room += len(c.data)
		}
		c.data = nil
	}
	return nil
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
func (b *Builder) pick(c *Column, chosen []int) (Column, error) {
	if c.files != nil {
		out := Column{dtype: c.dtype, shape: slices.Clone(c.shape), examples: len(chosen)}
		for _, i := range chosen {
			out.files = append(out.files, c.files[i])
		}
		return out, nil
	}
	return b.copied(c, func(add func(*Part) error) error {
		p := &Part{}
		for k, i := range chosen {
			c.copyTo(p, i, i+1)
			if len(p.Data) < ChunkBytes && k < len(chosen)-1 {
				continue
			}
			if err := add(p); err != nil {
				return err
			}
			p = &Part{}
		}
		return nil
	})
}
