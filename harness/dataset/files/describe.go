package files

import (
	"cmp"
	"context"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Description says what data files hold.
type Description struct {
	Sources  []string            `json:"sources"`
	Kind     string              `json:"kind"` // the name of the format
	Examples int                 `json:"examples"`
	Bytes    int64               `json:"bytes"` // of the files
	Columns  []ColumnDescription `json:"columns"`
}

// ColumnDescription says what one column holds.
type ColumnDescription struct {
	Name     string      `json:"name"`
	DType    graph.DType `json:"dtype"`
	Shape    []int       `json:"shape"`              // of an example, or of one row of a sequence
	Lengths  []int       `json:"lengths,omitempty"`  // shortest and longest sequence
	Low      *float64    `json:"low,omitempty"`      // smallest value
	High     *float64    `json:"high,omitempty"`     // largest value
	Distinct int         `json:"distinct,omitempty"` // different strings; MostDistinct: that many or more
}

// MostDistinct is up to where different strings are counted.
const MostDistinct = 1 << 20

// partBytes is how much is summed up between two looks at the context.
const partBytes = 16 << 20

// Describe reads files whole and says what they hold. Errors are as those of Open.
func Describe(ctx context.Context, sources []string) (*Description, error) {
	ctx = cmp.Or(ctx, context.Background())
	format, paths, err := find(sources)
	if err != nil {
		return nil, err
	}
	s, err := whole(ctx, format, sources, paths)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	d := &Description{Sources: paths, Kind: format.Name(), Examples: s.Examples(), Bytes: s.FileBytes()}
	for _, c := range s.Columns() {
		var one ColumnDescription
		if err := s.Guard(func() { one, err = describe(ctx, c, format.Typed()) }); err != nil {
			return nil, err
		}
		if err != nil {
			return nil, err
		}
		d.Columns = append(d.Columns, one)
	}
	return d, nil
}

// whole reads all columns that the files hold.
func whole(ctx context.Context, format dataset.Format, sources, paths []string) (*dataset.Set, error) {
	source := strings.Join(sources, ", ")
	tensors, err := format.Tensors(dataset.NewBuilder(ctx, source, 0), paths)
	if err != nil {
		return nil, err
	}
	b := dataset.NewBuilder(ctx, source, 0)
	return finish(ctx, b, 0, format.Read(b, dataset.Request{Sources: sources, Tensors: tensors}, paths))
}

// describe sums a column up. Strings of a file without types may be numbers.
func describe(ctx context.Context, c *dataset.Column, typed bool) (ColumnDescription, error) {
	d := ColumnDescription{Name: c.Name(), DType: c.DType(), Shape: append([]int{}, c.Shape()...)}
	if c.Ragged() {
		d.Lengths = []int{c.Length(0), c.Length(0)}
		for i := range c.Examples() {
			d.Lengths[0], d.Lengths[1] = min(d.Lengths[0], c.Length(i)), max(d.Lengths[1], c.Length(i))
		}
	}
	switch {
	case c.Images():
	case c.DType() != graph.String:
		return d, d.numbers(ctx, c)
	case !typed && d.written(c):
	default:
		d.strings(c)
	}
	return d, ctx.Err()
}

// numbers finds the smallest and the largest value.
func (d *ColumnDescription) numbers(ctx context.Context, c *dataset.Column) error {
	elements := c.DType().Elements()
	if elements == nil {
		return nil
	}
	step := max(1, partBytes/max(1, c.RowBytes()))
	for at := 0; at < c.Examples(); at += step {
		part := c.Rows(at, min(at+step, c.Examples()))
		for i := range len(part) / c.DType().Size() {
			d.include(elements.Get(part, i))
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (d *ColumnDescription) include(v float64) {
	if d.Low == nil {
		low, high := v, v
		d.Low, d.High = &low, &high
		return
	}
	*d.Low, *d.High = min(*d.Low, v), max(*d.High, v)
}

// written takes a column of text for numbers, if all of it is: integers, or
// others.
func (d *ColumnDescription) written(c *dataset.Column) bool {
	kind := graph.Int64
	for k := range c.Strings() {
		v, integer, err := dataset.ParseNumber(string(c.Text(k)))
		if err != nil {
			d.Low, d.High = nil, nil
			return false
		}
		if !integer {
			kind = graph.Float64
		}
		d.include(v)
	}
	d.DType = kind
	return true
}

// strings counts the different strings.
func (d *ColumnDescription) strings(c *dataset.Column) {
	seen := make(map[string]struct{})
	for k := range c.Strings() {
		seen[string(c.Text(k))] = struct{}{}
		if len(seen) == MostDistinct {
			break
		}
	}
	d.Distinct = len(seen)
}
