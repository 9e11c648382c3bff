package dataset

import (
	"fmt"

	"epochtime/harness/graph"
)

// building lays the parts of one column end to end.
type building struct {
	column  *wanted
	data    tape
	strings tape // the bounds of strings
	offsets tape // of sequences

	examples int
	rows     int
	length   int // rows of every example so far; -1 once two differ
}

func (r *reader) building(w *wanted) *building {
	b := &building{column: w, data: tape{r: r}, strings: tape{r: r}, offsets: tape{r: r}}
	w.into = &b.data
	return b
}

// add appends a part. Its ends and lengths are used up.
func (b *building) add(p *Part) error {
	for i := range p.Ends {
		p.Ends[i] += b.data.n
	}
	if err := b.strings.bounds(p.Ends); err != nil {
		return err
	}
	if err := b.count(p); err != nil {
		return err
	}
	if b.data.n > maxBytes-len(p.Data) {
		return fmt.Errorf("%s holds more than %d GiB", b.column, maxBytes>>30)
	}
	if p.Placed {
		b.data.n += len(p.Data)
		return nil
	}
	return b.data.append(p.Data)
}

// count adds up the lengths of a part's examples, in rows.
func (b *building) count(p *Part) error {
	width, first := b.column.width(), b.examples
	b.examples += p.Examples
	if p.Lengths == nil {
		b.length = len(b.column.fields) / width
		return nil
	}
	for i, n := range p.Lengths {
		switch {
		case n == 0:
			return fmt.Errorf("%w: %s is empty at example %d: every example needs a value", ErrUnfit, b.column, first+i)
		case n%width != 0:
			return fmt.Errorf("%w: %s has %d values at example %d, the graph takes rows of %d", ErrUnfit, b.column, n, first+i, width)
		}
		n /= width
		if first+i == 0 {
			b.length = n
		}
		if n != b.length {
			b.length = -1
		}
		b.rows += n
		p.Lengths[i] = b.rows
	}
	return b.offsets.bounds(p.Lengths)
}

// finish makes the column. Examples of one length have a shape, others are
// sequences.
func (b *building) finish() (*Column, error) {
	a := &Column{dtype: b.column.held, examples: b.examples}
	var err error
	if a.data, a.mapped, err = b.data.finish(); err != nil {
		return nil, err
	}
	bounds, _, err := b.strings.finish()
	if err != nil {
		return nil, err
	}
	a.bounds = graph.View[int](bounds)
	a.shape = b.column.shape(b.length)
	if b.length >= 0 {
		b.offsets.close()
		return a, nil
	}
	bounds, _, err = b.offsets.finish()
	a.offsets = graph.View[int](bounds)
	return a, err
}

// close gives back what an unfinished column holds.
func (b *building) close() {
	b.data.close()
	b.strings.close()
	b.offsets.close()
}
