package jsonl

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// column is a part that is filled.
type column struct {
	*dataset.Sink
	part  *dataset.Part
	seen  []int // of each field: the line that had it last
	size  int   // of an element; 0: strings
	store dataset.TextSetter
}

func newColumn(s *dataset.Sink) *column {
	c := &column{Sink: s, part: dataset.NewPart(), seen: make([]int, len(s.Fields()))}
	if s.DType() != graph.String {
		c.size, c.store = s.DType().Size(), s.Texts()
	}
	return c
}

// several reports whether an example has one value of each of several keys.
func (c *column) several() bool { return len(c.seen) > 1 }

// begin makes room for an example.
func (c *column) begin() {
	c.part.Examples++
	if c.several() && c.part.Refused == nil {
		c.part.Room(len(c.seen) * c.size)
	}
}

// value adds a value, or those of a list. first is the shape of the first of the file.
func (c *column) value(field int, first shape, value []byte) error {
	switch k := kindOf(value); {
	case k == none:
		return c.null(field, first)
	case first.kind != none && first.list != (k == list):
		return errors.New("is a list in some lines, and not in others: write lists in all")
	case k != list:
		c.count(1)
		return c.element(field, first.kind, value)
	case c.several():
		return c.OneValue("a list", "columns")
	}
	n := 0
	err := eachElement(value, func(one []byte) error {
		n++
		return c.element(field, first.kind, one)
	})
	if err == nil && n == 0 {
		err = errors.New("holds an empty list: every example needs a value")
	}
	c.count(n)
	return err
}

// count notes that an example has n values.
func (c *column) count(n int) {
	if !c.several() {
		c.part.Lengths = append(c.part.Lengths, n)
	}
}

var fillIn = dataset.FillIn("lines")

var errNull = errors.New("has no value (null): " + fillIn)

// null adds what stands for a missing value, if the graph takes that, and leaves the
// example out of a survey.
func (c *column) null(field int, first shape) error {
	if c.Surveys() {
		c.part.Skip()
		return nil
	}
	if c.size == 0 || first.list || c.number(field, nil) != nil {
		return errNull
	}
	c.count(1)
	return nil
}

// element adds one value. first is the kind of the first of the file.
func (c *column) element(field int, first kind, value []byte) error {
	k := kindOf(value)
	switch {
	case k == list:
		return errors.New(listOfLists)
	case k == object:
		return errors.New(objectsInLists)
	case k == none:
		return errors.New("has a null in a list: " + fillIn)
	case first != none && k != first:
		return fmt.Errorf("holds %s, %s, and %s before: write all of them alike", k, shown(value), first)
	case c.size == 0 && c.several():
		return c.OneField("strings", "column")
	case c.size == 0:
		return c.text(value)
	case k == text:
		return dataset.Mark(c.NotNumbers("text, "+shown(value)), dataset.ErrColumn)
	}
	return c.number(field, value)
}

// number adds a number as it is written, or nothing for one that is missing.
func (c *column) number(field int, value []byte) error {
	i := (c.part.Examples-1)*len(c.seen) + field
	if !c.several() {
		i = len(c.part.Data) / c.size
		c.part.Room(c.size)
	}
	return c.store(c.part.Data, i, value)
}

// text adds a string, or a number as it is written.
func (c *column) text(value []byte) (err error) {
	switch {
	case value[0] != '"':
	case bytes.IndexByte(value, '\\') < 0:
		value = value[1 : len(value)-1]
	default:
		if c.part.Data, err = jsontext.AppendUnquote(c.part.Data, value); err != nil {
			return err
		}
		value = nil
	}
	c.part.AddText(value)
	return nil
}
