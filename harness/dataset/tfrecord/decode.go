package tfrecord

import (
	"bytes"
	"errors"
	"fmt"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// binding says which features of a file feed which columns. Decoders share it.
type binding struct {
	path   string
	sinks  []*dataset.Sink
	places map[string][]place
	kinds  map[string]kind // that the first records have
}

// place is where a feature goes: a column, and one of its fields.
type place struct{ column, field int }

// bind finds the places of features, and their kinds in the first records of the
// file.
func bind(path string, sinks []*dataset.Sink, head *records) (*binding, error) {
	b := &binding{path: path, sinks: sinks, places: make(map[string][]place), kinds: make(map[string]kind)}
	for i, s := range sinks {
		for k, name := range s.Fields() {
			b.places[name] = append(b.places[name], place{i, k})
		}
	}
	if head == nil {
		return b, nil
	}
	err := head.eachFeature(func(name []byte, f feature) error {
		if b.places[string(name)] != nil && b.kinds[string(name)] == none && len(f.list) > 0 {
			b.kinds[string(name)] = f.kind
		}
		if len(b.kinds) == len(b.places) {
			return errDone
		}
		return nil
	})
	if errors.Is(err, errDone) {
		err = nil
	}
	return b, err
}

var errDone = errors.New("all is known")

// decoder turns examples into parts of columns.
type decoder struct {
	*binding
	columns []*column
	last    []known // the features of the record before, in its order
	number  int     // of the record
	ints    []int64 // memory for the values of one feature
	singles []byte
}

// known is a feature whose name has been looked up.
type known struct {
	name   []byte
	kind   kind
	places []place
}

func (b *binding) decoder() *decoder {
	d := &decoder{binding: b}
	for _, s := range b.sinks {
		d.columns = append(d.columns, newColumn(s))
	}
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

// record adds an example to all parts. Its error is that of a damaged record; what
// is wrong with one column alone is noted in its part.
func (d *decoder) record(number int, record []byte) error {
	d.number = number
	for _, c := range d.columns {
		c.begin()
	}
	at := 0
	err := eachFeature(record, func(name []byte, f feature) error {
		to := d.find(at, name)
		at++
		for _, p := range to.places {
			if err := d.put(p, to, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return unlike(d.path, number, record)
	}
	for _, c := range d.columns {
		switch name, missing := c.missing(number); {
		case !missing || c.part.Refused != nil:
		case c.Surveys():
			c.part.Skip()
		default:
			c.part.Refused = fmt.Errorf("%w: %s record %d: it has no feature %q: %s", dataset.ErrUnfit, d.path, number, name, fillIn)
		}
	}
	return nil
}

// find looks up the feature that comes as number at in a record. Records have their
// features in one order as a rule, so it is the one that came there before.
func (d *decoder) find(at int, name []byte) *known {
	if at < len(d.last) && bytes.Equal(d.last[at].name, name) {
		return &d.last[at]
	}
	k := known{bytes.Clone(name), d.kinds[string(name)], d.places[string(name)]}
	if at == len(d.last) {
		d.last = append(d.last, k)
	}
	d.last[at] = k
	return &d.last[at]
}

// put adds the values of a feature at a place, or notes why the column refuses them.
// It returns errExample.
func (d *decoder) put(at place, to *known, f feature) error {
	c := d.columns[at.column]
	if c.part.Refused != nil {
		return nil
	}
	err := c.takes(f, to.kind, at.field, d.number)
	if err == nil {
		err = d.store(c, at.field, f)
	}
	if errors.Is(err, errEmpty) && c.Surveys() {
		c.part.Skip()
		return nil
	}
	if err == nil || errors.Is(err, errExample) {
		return err
	}
	c.part.Refused = fmt.Errorf("%w: %s record %d: feature %s %w", dataset.ErrUnfit, d.path, d.number, to.name, err)
	return nil
}

func (d *decoder) store(c *column, field int, f feature) (err error) {
	switch {
	case f.kind == bytesList:
		return c.texts(f.list)
	case f.kind == int64List:
		if d.ints, err = appendInts(d.ints[:0], f.list); err != nil {
			return err
		}
		return c.integers(field, d.ints)
	case len(c.seen) == 1 && c.DType() == graph.Float32:
		return c.floats(f.list)
	}
	if d.singles, err = appendFloats(d.singles[:0], f.list); err != nil {
		return err
	}
	return c.numbers(field, d.singles)
}
