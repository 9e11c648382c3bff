package dataset

import (
	"fmt"
	"strings"

	"epochtime/harness/graph"
)

// String describes the set without its values, as in
// "digits.npz: 500 examples of x 28×28 float32, y int32".
func (s *Set) String() string {
	if s == nil {
		return "no set"
	}
	columns := make([]string, len(s.columns))
	for i, c := range s.columns {
		columns[i] = strings.Join(c.words(c.name), " ")
	}
	of := ""
	if len(columns) > 0 {
		of = " of " + strings.Join(columns, ", ")
	}
	return fmt.Sprintf("%s: %d examples%s", s.source, s.examples, of)
}

// String describes the column without its values, as in "x: 500 × 28×28 float32",
// "y: 500 int32" or, of sequences, "t: 500 × any×2 int32". It has a value receiver,
// unlike the other methods, because Of and the like return values that would
// otherwise print all their bytes; a nil *Column prints as "<nil>".
func (c Column) String() string {
	if c.err != nil {
		return fmt.Sprintf("%s: %v", c.name, c.err)
	}
	count := fmt.Sprint(c.examples)
	if c.Ragged() || len(c.shape) > 0 {
		count += " ×"
	}
	return c.name + ": " + strings.Join(c.words(count), " ")
}

// words are what comes first, the shape of an example and its type.
func (c *Column) words(first string) []string {
	out := []string{first}
	var shape []*int64
	if c.Ragged() {
		shape = append(shape, nil)
	}
	for _, d := range c.shape {
		n := int64(d)
		shape = append(shape, &n)
	}
	if len(shape) > 0 {
		out = append(out, sizes(shape))
	}
	if c.dtype != "" {
		out = append(out, string(c.dtype))
	}
	if c.files != nil {
		out = append(out, "images")
	}
	return out
}

// sizes joins the dimensions; a free one is "any".
func sizes(shape []*int64) string {
	out := make([]string, len(shape))
	for i, d := range shape {
		out[i] = "any"
		if d != nil {
			out[i] = fmt.Sprint(*d)
		}
	}
	return strings.Join(out, "×")
}

func format(shape []int) string {
	free := make([]*int64, len(shape)+1)
	for i, d := range shape {
		v := int64(d)
		free[i+1] = &v
	}
	return formatFree(free)
}

// formatFree writes a shape without its first dimension, the batch.
func formatFree(shape []*int64) string {
	switch {
	case len(shape) < 2:
		return "()"
	case len(shape) == 2 && shape[1] == nil:
		return "one dimension of any length"
	}
	return sizes(shape[1:])
}

// dimensions are those of an example.
func dimensions(t graph.Tensor) []*int64 {
	if len(t.Shape) == 0 {
		return nil
	}
	return t.Shape[1:]
}
