package dataset

import "fmt"

// part is a run of examples of one column, as a decoder leaves them.
type part struct {
	examples int
	data     []byte
	ends     []int // strings: where each ends in data
	lengths  []int // elements of each example; nil: one for each field of the column
	placed   bool  // data lies where the column's tape has it
}

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
func (b *building) add(p *part) error {
	for i := range p.ends {
		p.ends[i] += b.data.n
	}
	if err := b.strings.bounds(p.ends); err != nil {
		return err
	}
	if err := b.count(p); err != nil {
		return err
	}
	if b.data.n > maxBytes-len(p.data) {
		return fmt.Errorf("%s holds more than %d GiB", b.column, maxBytes>>30)
	}
	if p.placed {
		b.data.n += len(p.data)
		return nil
	}
	return b.data.append(p.data)
}

// count adds up the lengths of a part's examples, in rows.
func (b *building) count(p *part) error {
	width, first := b.column.width(), b.examples
	b.examples += p.examples
	if p.lengths == nil {
		b.length = len(b.column.fields) / width
		return nil
	}
	for i, n := range p.lengths {
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
		p.lengths[i] = b.rows
	}
	return b.offsets.bounds(p.lengths)
}

// finish makes the column. Examples of one length have a shape, others are
// sequences.
func (b *building) finish() (*array, error) {
	a := &array{Column{DType: b.column.held}, b.examples}
	var err error
	if a.Data, a.mapped, err = b.data.finish(); err != nil {
		return nil, err
	}
	bounds, _, err := b.strings.finish()
	if err != nil {
		return nil, err
	}
	a.Strings = view[int](bounds)
	a.Shape = b.column.shape(b.length)
	if b.length >= 0 {
		b.offsets.close()
		return a, nil
	}
	bounds, _, err = b.offsets.finish()
	a.Offsets = view[int](bounds)
	return a, err
}

// close gives back what an unfinished column holds.
func (b *building) close() {
	b.data.close()
	b.strings.close()
	b.offsets.close()
}
