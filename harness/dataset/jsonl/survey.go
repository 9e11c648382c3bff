package jsonl

import (
	"fmt"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// survey finds the columns of lines.
type survey struct {
	lines int
	order []*node // by the lines that they are in first
}

// found is what a key has for values.
type found struct {
	values int
	shape  shape  // of the first that is not null
	odd    string // why none can be fed
}

// Why values cannot be fed.
const (
	listOfLists    = "holds lists of lists: write them flat, as numpy.ravel() does: lists take the shape of the graph's input"
	objectsInLists = "holds objects in a list: write a list for each of their keys"
)

// read adds lines.
func (s *survey) read(l *lines) error {
	t := tree{do: note, made: func(n *node) {
		n.found = &found{}
		s.order = append(s.order, n)
	}}
	return l.each(func(number int, object []byte) error {
		s.lines++
		return t.walk(number, object)
	})
}

// note adds a value.
func note(n *node, value []byte) error {
	f := n.found
	f.values++
	one := shapeOf(value)
	if f.shape.kind == none {
		f.shape = one
	}
	f.shape.list = f.shape.list || one.list
	switch {
	case f.odd != "":
	case one.kind == list:
		f.odd = listOfLists
	case one.kind == object:
		f.odd = objectsInLists
	}
	return nil
}

// fields lists the columns.
func (s *survey) fields() []dataset.Field {
	var out []dataset.Field
	for _, n := range s.order {
		if n.found.values == 0 {
			continue // it holds objects
		}
		one := dataset.Field{Name: n.name, List: n.found.shape.list, Unusable: n.found.odd}
		switch {
		case n.name == "":
			one.Unusable = "has no name: give its key one"
		case n.found.shape.kind == none:
			one.Unusable = fmt.Sprintf("has no value in the first %d lines: fill it in, or leave it out", s.lines)
		case n.found.shape.kind == text:
			one.DType = graph.String
		}
		out = append(out, one)
	}
	return out
}
