package tfrecord

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// column is a part that is filled.
type column struct {
	*dataset.Sink
	part *dataset.Part
	seen []int // of each field: 1 + the number of the record that had it last

	low        int64
	high       uint64
	whole      dataset.IntSetter
	fractional dataset.FloatSetter
	convert    graph.Converter // from int64; nil for strings
}

func newColumn(s *dataset.Sink) *column {
	c := &column{Sink: s, part: dataset.NewPart(), seen: make([]int, len(s.Fields())), whole: s.Ints(), fractional: s.Floats()}
	c.low, c.high = s.Range()
	c.convert, _ = graph.NewConverter(s.DType(), graph.Int64, 1)
	return c
}

// begin makes room for an example of one value from each of several features.
func (c *column) begin() {
	c.part.Examples++
	if len(c.seen) > 1 && c.part.Refused == nil {
		c.part.Room(len(c.seen) * c.DType().Size())
	}
}

// missing returns the first feature that the record did not have.
func (c *column) missing(number int) (name string, missing bool) {
	for k, seen := range c.seen {
		if seen != number+1 {
			return c.Fields()[k], true
		}
	}
	return "", false
}

// takes says why a feature of a record cannot feed the column. first is the kind
// that it has in the first records.
func (c *column) takes(f feature, first kind, field, number int) error {
	if c.seen[field] == number+1 {
		return errors.New("is there twice: write it once")
	}
	c.seen[field] = number + 1
	several := len(c.seen) > 1
	switch {
	case f.kind == none:
		return errEmpty
	case first != none && f.kind != first:
		return fmt.Errorf("holds %s, and %s in the records before: write it as one of them", f.kind, first)
	case f.kind == bytesList && c.DType() == graph.String && several:
		return c.OneField("bytes", "feature")
	case (f.kind == bytesList) == (c.DType() == graph.String):
		return nil
	case f.kind == bytesList:
		return fmt.Errorf("holds bytes, the graph takes %s: if they are numbers or an image, export the graph with a preprocess() that decodes them (tf.io.decode_raw, tf.io.decode_jpeg)", c.Wants())
	}
	return dataset.Mark(fmt.Errorf("holds %s, the graph takes %s: name another feature for it", f.kind, c.Wants()), dataset.ErrColumn)
}

var fillIn = dataset.FillIn("records")

var errEmpty = errors.New("has no value: every example needs one: " + fillIn)

// count notes that a feature has n values. alone reports that it feeds the column
// alone, with all of them.
func (c *column) count(n int) (alone bool, err error) {
	switch {
	case n == 0:
		return false, errEmpty
	case len(c.seen) == 1:
		c.part.Lengths = append(c.part.Lengths, n)
		return true, nil
	case n != 1:
		return false, c.OneValue(fmt.Sprintf("%d values", n), "features")
	}
	return false, nil
}

// element is where a field of the present example goes.
func (c *column) element(field int) int { return (c.part.Examples-1)*len(c.seen) + field }

// integers adds the numbers of an int64List.
func (c *column) integers(field int, values []int64) error {
	alone, err := c.count(len(values))
	switch {
	case err != nil:
		return err
	case !alone:
		return c.whole(c.part.Data, c.element(field), values[0])
	}
	from := graph.Bytes(values)
	if c.low > math.MinInt64 || c.high < math.MaxInt64 {
		if k, v := graph.Int64.Elements().Outside(from, c.low, c.high); k >= 0 {
			return c.OutOfRange(v, "")
		}
	}
	c.convert(c.part.Room(len(values)*c.DType().Size()), from)
	return nil
}

// floats adds the numbers of a floatList as they are. Fit finds those that are not
// finite.
func (c *column) floats(list []byte) error {
	before := len(c.part.Data)
	var err error
	if c.part.Data, err = appendFloats(c.part.Data, list); err != nil {
		return err
	}
	_, err = c.count((len(c.part.Data) - before) / 4)
	return err
}

// numbers adds the numbers of a floatList, which are 4 bytes each, converted.
func (c *column) numbers(field int, values []byte) error {
	n := len(values) / 4
	alone, err := c.count(n)
	if err != nil {
		return err
	}
	at := c.element(field)
	if alone {
		at = len(c.part.Data) / c.DType().Size()
		c.part.Room(n * c.DType().Size())
	}
	for i := range n {
		v := math.Float32frombits(binary.LittleEndian.Uint32(values[4*i:]))
		if err := c.fractional(c.part.Data, at+i, float64(v)); err != nil {
			return err
		}
	}
	return nil
}

// texts adds the strings of a bytesList.
func (c *column) texts(list []byte) error {
	before := len(c.part.Ends)
	if err := eachText(list, c.part.AddText); err != nil {
		return err
	}
	_, err := c.count(len(c.part.Ends) - before)
	return err
}
