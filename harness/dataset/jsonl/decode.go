package jsonl

import (
	"fmt"

	"epochtime/harness/dataset"
)

// binding says which keys of a file feed which columns. Decoders share it.
type binding struct {
	path   string
	sinks  []*dataset.Sink
	places map[string][]place
	firsts map[string]shape // of keys in the first lines
}

// place is where a key goes: a column, and one of its fields.
type place struct{ column, field int }

// shape is what a key has for a value.
type shape struct {
	kind kind // of the values, in lists too; none where that is not known
	list bool
}

// shapeOf returns the shape of a value. A list has that of its first value.
func shapeOf(value []byte) shape {
	s := shape{kind: kindOf(value)}
	if s.kind == list {
		s = shape{list: true}
		if first := value[skip(value, 1):]; first[0] != ']' {
			s.kind = kindOf(first)
		}
	}
	return s
}

func bind(path string, sinks []*dataset.Sink) *binding {
	b := &binding{path: path, sinks: sinks, places: make(map[string][]place), firsts: make(map[string]shape)}
	for i, s := range sinks {
		for k, name := range s.Fields() {
			b.places[name] = append(b.places[name], place{i, k})
		}
	}
	return b
}

// look finds the shapes that keys have in the first lines.
func (b *binding) look(head *lines) error {
	t := tree{made: func(*node) {}, do: func(n *node, value []byte) error {
		if s := shapeOf(value); s.kind != none && b.places[n.name] != nil && b.firsts[n.name].kind == none {
			b.firsts[n.name] = s
		}
		if len(b.firsts) == len(b.places) {
			return errDone
		}
		return nil
	}}
	return head.each(t.walk)
}

// decoder turns lines into parts of columns.
type decoder struct {
	*binding
	tree    tree
	columns []*column
}

func (b *binding) decoder() *decoder {
	d := &decoder{binding: b}
	for _, s := range b.sinks {
		d.columns = append(d.columns, newColumn(s))
	}
	d.tree = tree{made: d.made, do: d.value}
	return d
}

// parts returns what was decoded, of which ahead is how much follows.
func (d *decoder) parts(ahead float64) []*dataset.Part {
	var out []*dataset.Part
	for _, c := range d.columns {
		c.part.Ahead = ahead
		out = append(out, c.part)
	}
	return out
}

// line adds an example to all parts. Its error is that of a line as a whole; what is
// wrong with one column alone is noted in its part.
func (d *decoder) line(number int, object []byte) error {
	for _, c := range d.columns {
		c.begin()
	}
	if err := d.tree.walk(number, object); err != nil {
		return err
	}
	for _, c := range d.columns {
		for field, seen := range c.seen {
			if seen == number || c.part.Refused != nil {
				continue
			}
			if err := c.null(field, d.firsts[c.Fields()[field]]); err != nil {
				c.part.Refused = fmt.Errorf("%w: %s line %d has no %q: %s", dataset.ErrUnfit, d.path, number, c.Fields()[field], fillIn)
			}
		}
	}
	return nil
}

func (d *decoder) made(n *node) { n.places, n.first = d.places[n.name], d.firsts[n.name] }

// value adds a value at its places, or notes why a column refuses it.
func (d *decoder) value(n *node, value []byte) error {
	for _, at := range n.places {
		c := d.columns[at.column]
		if c.part.Refused != nil {
			continue
		}
		if c.seen[at.field] == d.tree.line {
			return fmt.Errorf("has two values called %q: keep one of them", n.name)
		}
		c.seen[at.field] = d.tree.line
		if err := c.value(at.field, n.first, value); err != nil {
			c.part.Refused = fmt.Errorf("%w: %s line %d: column %s %w", dataset.ErrUnfit, d.path, d.tree.line, n.name, err)
		}
	}
	return nil
}
