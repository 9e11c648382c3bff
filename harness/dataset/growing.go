package dataset

import (
	"fmt"

	"epochtime/harness/graph"
)

// growing joins the parts of one column.
type growing struct {
	sink    *Sink
	data    tape
	bounds  tape // of strings
	offsets tape // of sequences

	examples int
	missing  int
	rows     int
	length   int // rows of every example so far; -1 once two differ
}

func (b *Builder) growing(s *Sink) *growing {
	g := &growing{sink: s, data: tape{b: b}, bounds: tape{b: b}, offsets: tape{b: b}}
	s.into = &g.data
	return g
}

// add appends a part. Its ends and lengths are used up.
func (g *growing) add(p *Part) error {
	if p.Refused != nil {
		return p.Refused
	}
	g.missing += p.Missing
	g.expect(p)
	for i := range p.Ends {
		p.Ends[i] += g.data.n
	}
	if err := g.bounds.positions(p.Ends); err != nil {
		return err
	}
	if err := g.count(p); err != nil {
		return err
	}
	if g.data.n > MaxBytes-len(p.Data) {
		return fmt.Errorf("%w: %s holds more than %d GiB", ErrUnfit, g.sink, MaxBytes>>30)
	}
	if p.Placed {
		g.data.n += len(p.Data)
		return nil
	}
	return g.data.append(p.Data)
}

// expect notes how much follows a part.
func (g *growing) expect(p *Part) {
	g.data.ahead = int(float64(len(p.Data)) * p.Ahead)
	g.bounds.ahead = int(float64(8*len(p.Ends)) * p.Ahead)
	g.offsets.ahead = int(float64(8*len(p.Lengths)) * p.Ahead)
}

// count adds up the lengths of a part's examples, in rows.
func (g *growing) count(p *Part) error {
	width, first := g.sink.width(), g.examples
	g.examples += p.Examples
	if len(p.Lengths) == 0 {
		if n := len(g.sink.fields); n%width != 0 {
			return fmt.Errorf("%w: %s has %d values in each example, the graph takes %s", ErrUnfit, g.sink, n, formatFree(g.sink.tensor.Shape))
		}
		if p.Examples > 0 {
			g.length = len(g.sink.fields) / width
		}
		return nil
	}
	for i, n := range p.Lengths {
		switch {
		case n < 1:
			return fmt.Errorf("%w: %s is empty at example %d: every example needs a value", ErrUnfit, g.sink, first+i)
		case n%width != 0:
			return fmt.Errorf("%w: %s has %d values at example %d, the graph takes rows of %d", ErrUnfit, g.sink, n, first+i, width)
		}
		n /= width
		if first+i == 0 {
			g.length = n
		}
		if n != g.length {
			g.length = -1
		}
		g.rows += n
		p.Lengths[i] = g.rows
	}
	return g.offsets.positions(p.Lengths)
}

// finish makes the column. Examples of one length have a shape, others are
// sequences.
func (g *growing) finish() (Column, error) {
	c := Column{name: g.sink.tensor.Name, dtype: g.sink.held, shape: g.sink.shape(g.length), examples: g.examples, missing: g.missing}
	var err error
	if c.data, c.mapped, err = g.data.finish(); err != nil {
		return c, err
	}
	bounds, _, err := g.bounds.finish()
	if err != nil {
		return c, err
	}
	if c.dtype == graph.String {
		c.bounds = graph.View[int](bounds)
	}
	if g.length >= 0 {
		return c, nil
	}
	offsets, _, err := g.offsets.finish()
	c.offsets = graph.View[int](offsets)
	return c, err
}

// close gives back what an unfinished column holds.
func (g *growing) close() {
	g.data.close()
	g.bounds.close()
	g.offsets.close()
}
