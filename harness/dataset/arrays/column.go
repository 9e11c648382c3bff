package arrays

import (
	"errors"
	"fmt"
	"slices"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// column reads the array of that name, of all files end to end.
func (c *catalog) column(name string) (dataset.Column, error) {
	files := c.of(name)
	var first dataset.Column
	return c.b.Join(len(files), func(i int) (dataset.Column, error) {
		one, err := files[i].column(c.b, name)
		if i == 0 {
			first = one
		} else if err == nil {
			err = alike(name, &files[0], &first, &files[i], &one)
		}
		return one, err
	})
}

// alike returns an error unless two arrays of that name can be joined.
func alike(name string, in *file, a *dataset.Column, other *file, b *dataset.Column) error {
	if a.DType() == b.DType() && slices.Equal(a.Shape(), b.Shape()) && a.Ragged() == b.Ragged() {
		return nil
	}
	what := func(c *dataset.Column) string {
		text := fmt.Sprintf("%s %v", c.DType(), c.Shape())
		if c.Ragged() {
			text += " in sequences"
		}
		return text
	}
	return fmt.Errorf("%w: an example of %s is %s in %s, and %s in %s: files that are joined hold arrays of one type and shape",
		dataset.ErrUnfit, name, what(b), other.path, what(a), in.path)
}

// column reads the array of that name and, beside it, name.lengths if there is one.
func (f *file) column(b *dataset.Builder, name string) (dataset.Column, error) {
	c, err := f.read(b, name)
	if err != nil || f.archive == nil || !slices.Contains(f.archive.Names(), name+lengthsSuffix) {
		return c, err
	}
	lengths, err := f.read(b, name+lengthsSuffix)
	if err != nil {
		return c, err
	}
	var all []int
	if lost := b.Guard(func() { all, err = lengthsOf(&lengths, c.Examples()) }); lost != nil {
		return c, lost
	}
	if err != nil {
		return c, fmt.Errorf("%w: %s: %s%s %w", dataset.ErrUnreadable, f.path, name, lengthsSuffix, err)
	}
	return dataset.Ragged(c, all), nil
}

// read reads one array.
func (f *file) read(b *dataset.Builder, name string) (dataset.Column, error) {
	a, err := f.open(b, name)
	if err != nil {
		return dataset.Column{}, err
	}
	defer a.Close() // it was only read
	return a.read()
}

// lengthsOf reads the lengths of the sequences that rows are cut into.
func lengthsOf(c *dataset.Column, rows int) ([]int, error) {
	if c.DType() != graph.Int64 || len(c.Shape()) != 0 {
		return nil, errors.New("is not a vector of int64")
	}
	out, left := make([]int, c.Examples()), rows
	for i := range out {
		v := graph.Int64.Elements().Int(c.Rows(i, i+1), 0)
		if v < 1 || v > int64(left) {
			return nil, fmt.Errorf("has the length %d at example %d, with %d rows left", v, i, left)
		}
		out[i] = int(v)
		left -= int(v)
	}
	if left > 0 {
		return nil, fmt.Errorf("adds up to %d, the array has %d rows", rows-left, rows)
	}
	return out, nil
}
