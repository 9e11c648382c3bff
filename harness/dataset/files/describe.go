package files

import (
	"cmp"
	"context"
	"math"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Description says what data files hold.
type Description struct {
	Sources  []string            `json:"sources"`
	Kind     string              `json:"kind"`     // the name of the format
	Examples int                 `json:"examples"` // 0 where no column is of use that would tell
	Bytes    int64               `json:"bytes"`    // of the files
	Columns  []ColumnDescription `json:"columns"`
	Warnings []string            `json:"warnings,omitempty"` // what may not be meant
}

// ColumnDescription says what one column holds.
type ColumnDescription struct {
	Name     string      `json:"name"`
	DType    graph.DType `json:"dtype,omitempty"`
	Shape    []int       `json:"shape"`              // of an example, or of one row of a sequence
	Images   bool        `json:"images,omitempty"`   // files of images; without a shape, of any size
	Examples int         `json:"examples,omitempty"` // if not those of the others
	Lengths  []int       `json:"lengths,omitempty"`  // shortest and longest sequence
	Low      *float64    `json:"low,omitempty"`      // smallest value that is finite
	High     *float64    `json:"high,omitempty"`     // largest value that is finite
	Distinct int         `json:"distinct,omitempty"` // different strings; MostDistinct: that many or more
	Missing  int         `json:"missing,omitempty"`  // examples without a value, which no graph takes
	NaN      int         `json:"nan,omitempty"`      // values that are not a number
	Infinite int         `json:"infinite,omitempty"`
	Unusable string      `json:"unusable,omitempty"` // why nothing can be fed from it
}

// MostDistinct is up to where different strings are counted.
const MostDistinct = 1 << 20

// partBytes is how much is summed up between two looks at the context.
const partBytes = 16 << 20

// Describe reads files whole and says what they hold. Of the request, what it says
// of tensors, columns and examples to draw does not matter. Errors are as those of
// Open.
func Describe(ctx context.Context, q dataset.Request) (*Description, error) {
	ctx = cmp.Or(ctx, context.Background())
	b := dataset.NewSurvey(ctx, strings.Join(q.Sources, ", "), q.Room)
	format, paths, err := find(b, q)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	fields, err := format.Fields(b, q, paths)
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		return nil, dataset.NoColumns(q)
	}
	s, err := survey(ctx, b, format, q, fields, paths)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	d := &Description{Sources: paths, Kind: format.Name(), Examples: b.Surveyed(), Bytes: s.FileBytes(), Warnings: s.Warnings()}
	for _, c := range s.Columns() {
		d.Examples = max(d.Examples, c.Examples()+c.Missing())
	}
	for _, field := range fields {
		one := ColumnDescription{Name: field.Name, DType: field.DType, Shape: []int{}, Unusable: field.Unusable}
		if err := b.Refused(field.Name); err != nil {
			one.Unusable = err.Error()
		}
		if c := s.Column(field.Name); c != nil {
			if lost := s.Guard(func() { err = one.describe(ctx, c, field) }); cmp.Or(lost, err) != nil {
				return nil, cmp.Or(lost, err)
			}
			if n := c.Examples() + c.Missing(); n != d.Examples {
				one.Examples = n
			}
		}
		d.Columns = append(d.Columns, one)
	}
	return d, nil
}

// survey reads all columns that are of use.
func survey(ctx context.Context, b *dataset.Builder, format dataset.Format, q dataset.Request, fields []dataset.Field, paths []string) (*dataset.Set, error) {
	q.Tensors, q.Columns, q.Take, q.Samples = nil, nil, 0, 0
	for _, f := range fields {
		if f.Unusable == "" {
			q.Tensors = append(q.Tensors, graph.Tensor{Name: f.Name, DType: cmp.Or(f.DType, graph.String), Shape: f.Shape, Categories: f.Categories, NaN: true})
		}
	}
	if len(q.Tensors) == 0 {
		return finish(ctx, b, 0, nil)
	}
	return finish(ctx, b, 0, format.Read(b, q, paths))
}

// describe sums a column up. Strings of a field without a type may be numbers.
func (d *ColumnDescription) describe(ctx context.Context, c *dataset.Column, f dataset.Field) error {
	d.DType, d.Shape, d.Missing = c.DType(), append(d.Shape, c.Shape()...), c.Missing()
	if c.Ragged() {
		d.Lengths = []int{c.Length(0), c.Length(0)}
		for i := range c.Examples() {
			d.Lengths[0], d.Lengths[1] = min(d.Lengths[0], c.Length(i)), max(d.Lengths[1], c.Length(i))
		}
	}
	switch {
	case c.Images():
		d.Images = true
	case c.DType() != graph.String:
		return d.numbers(ctx, c)
	case f.DType == "" && d.written(c):
	default:
		d.strings(c)
	}
	return ctx.Err()
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
	switch {
	case math.IsNaN(v):
		d.NaN++
		return
	case math.IsInf(v, 0):
		d.Infinite++
		return
	case d.Low == nil:
		low, high := v, v
		d.Low, d.High = &low, &high
		return
	}
	*d.Low, *d.High = min(*d.Low, v), max(*d.High, v)
}

// written takes a column of text for numbers, if all of it is, missing values apart:
// integers, or others.
func (d *ColumnDescription) written(c *dataset.Column) bool {
	numbers := ColumnDescription{DType: graph.Int64}
	for k := range c.Strings() {
		v, integer, err := dataset.ParseNumber(c.Text(k))
		switch {
		case err == nil:
		case dataset.IsMissing(c.Text(k)):
			numbers.Missing++
			continue
		default:
			return false
		}
		if !integer {
			numbers.DType = graph.Float64
		}
		numbers.include(v)
	}
	if numbers.Missing == c.Strings() {
		return false
	}
	d.DType, d.Low, d.High, d.Missing, d.NaN, d.Infinite = numbers.DType, numbers.Low, numbers.High, d.Missing+numbers.Missing, numbers.NaN, numbers.Infinite
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
