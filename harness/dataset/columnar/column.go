package columnar

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Column is a column of a file on its way into a part of a sink's column.
type Column struct {
	Path  string
	Name  string
	Sink  *dataset.Sink
	Field int          // its number among the sink's fields
	First func() int64 // the row of the file that the part begins with, from 0
	Part  *dataset.Part
}

// ByName indexes the columns of a file, each of which has a name of its own.
func ByName[C any](path string, columns []C, name func(C) string) (map[string]C, error) {
	out := make(map[string]C, len(columns))
	for _, c := range columns {
		if _, twice := out[name(c)]; twice {
			return nil, dataset.CalledAlike(path, name(c))
		}
		out[name(c)] = c
	}
	return out, nil
}

// Feeds returns ErrUnfit if a file's column of that name does not feed a sink: field f
// which, unless found, the file lacks.
func Feeds(path, name string, f dataset.Field, found bool, w *dataset.Sink) error {
	if !found {
		return fmt.Errorf("%w: %s has no column %q, which the files before it have", dataset.ErrUnfit, path, name)
	}
	if err := takes(w, f); err != nil {
		return fmt.Errorf("%w: %s: column %s %w", dataset.ErrUnfit, path, name, err)
	}
	return nil
}

func takes(w *dataset.Sink, f dataset.Field) error {
	text, several := f.DType == graph.String, len(w.Fields()) > 1
	switch {
	case f.Unusable != "":
		return errors.New(f.Unusable)
	case several && f.List:
		return w.OneValue("lists", "columns")
	case several && text:
		return w.OneField("strings", "column")
	case text && w.DType() != graph.String:
		return w.NotNumbers("strings")
	case !text && w.DType() == graph.String:
		return dataset.Mark(fmt.Errorf("holds %s, the graph takes %s: name another column for it", f.DType, w.Wants()), dataset.ErrColumn)
	}
	return nil
}

// unfit is an error of the column's values, of class ErrUnfit.
func (c *Column) unfit(format string, args ...any) error {
	return fmt.Errorf("%w: %s: column %s "+format, append([]any{dataset.ErrUnfit, c.Path, c.Name}, args...)...)
}

// Null is the error of a row of the part that has no value.
func (c *Column) Null(row int) error {
	return c.unfit("has no value (null) in row %d: %s", c.First()+int64(row), dataset.FillIn("rows"))
}

// Empty is the error of a row of the part whose list lacks values.
func (c *Column) Empty(row int) error {
	return c.unfit("has an empty list or a null in row %d: %s", c.First()+int64(row), dataset.FillIn("rows"))
}

// mostText is how many bytes of strings one part may hold: a dictionary makes much of
// little.
const mostText = 2 << 30

// AddText appends a string to the column's part, or returns ErrUnreadable if that holds
// too much.
func AddText[T ~string | ~[]byte](c *Column, text T) error {
	p := c.Part
	if len(p.Data) > mostText-len(text) {
		return fmt.Errorf("%w: %s: column %s holds more than %d GiB of text in one row group or record batch: write smaller ones",
			dataset.ErrUnreadable, c.Path, c.Name, mostText>>30)
	}
	p.Data = append(p.Data, text...)
	p.Ends = append(p.Ends, len(p.Data))
	return nil
}

// Direct reports whether the values of that type are those of the part, as they are.
func (c *Column) Direct(from graph.DType) bool {
	return len(c.Sink.Fields()) == 1 && c.Sink.DType() == from
}

// Writer returns what writes values of a type into the part, whose Data has room for
// them: the first of them is value number at of the column in it. It returns
// ErrUnfit for values that the sink does not take.
func (c *Column) Writer(from graph.DType) (func(at int, values []byte) error, error) {
	to, fields := c.Sink.DType(), len(c.Sink.Fields())
	convert, err := graph.NewConverter(to, from, 1)
	if err != nil {
		return nil, c.unfit("is not read: %w", err)
	}
	check, size, elements := c.Check(from), to.Size(), to.Elements()
	var out []byte
	return func(at int, values []byte) error {
		if err := check(at, values); err != nil {
			return err
		}
		n := len(values) / from.Size()
		if fields == 1 {
			convert(c.Part.Data[at*size:][:n*size], values)
			return nil
		}
		if from != to {
			if len(out) < n*size {
				out = graph.Allocate(n * size)
			}
			convert(out[:n*size], values)
			values = out[:n*size]
		}
		elements.Scatter(c.Part.Data, at*fields+c.Field, fields, values)
		return nil
	}, nil
}

// DecimalWriter is Writer of float64s that decimals were rounded to: integers that
// float64 does not hold are not what the file says.
func (c *Column) DecimalWriter() (func(at int, values []byte) error, error) {
	write, err := c.Writer(graph.Float64)
	if err != nil || c.Sink.DType().IsFloat() {
		return write, err
	}
	return func(at int, values []byte) error {
		for i, v := range graph.View[float64](values) {
			if math.Abs(v) >= 1<<53 {
				return c.unfit("has the value %.0f%s, more digits of a decimal than are read: save it as int64", v, c.place(at+i))
			}
		}
		return write(at, values)
	}, nil
}

// Check returns what finds values of a type that a sink of integers does not take.
// Set.Fit finds numbers that are not finite.
func (c *Column) Check(from graph.DType) func(at int, values []byte) error {
	if c.Sink.DType().IsFloat() {
		return func(int, []byte) error { return nil }
	}
	low, high := c.Sink.Range()
	elements := from.Elements()
	return func(at int, values []byte) error {
		k, v := elements.Outside(values, low, high)
		whole := true
		if from.IsFloat() {
			var wide float64
			k, wide = elements.Unwhole(values, low, high)
			v, whole = strconv.FormatFloat(wide, 'g', -1, 64), wide == math.Trunc(wide)
		}
		switch {
		case k < 0:
			return nil
		case !whole:
			return c.unfit("has the value %s%s, the graph takes %s", v, c.place(at+k), c.Sink.Wants())
		}
		return c.unfit("%w", c.Sink.OutOfRange(v, c.place(at+k)))
	}
}

// place says which row of the file value k of the part is in. Of a list only its
// start may be known so far, so the end of Lengths tells.
func (c *Column) place(k int) string {
	row := k
	if c.Part.Lengths != nil {
		row = 0
		for _, n := range c.Part.Lengths {
			if k -= n; k < 0 {
				break
			}
			row++
		}
	}
	return fmt.Sprintf(" in row %d", c.First()+int64(row))
}
