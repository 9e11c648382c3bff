package dataset

import (
	"fmt"

	pq "github.com/apache/arrow-go/v18/parquet"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"epochtime/harness/graph"
)

// parquetChunk is one column of a row group, and where its values go.
type parquetChunk struct {
	*wanted
	path     string
	file     *parquetFile
	group    *pqfile.RowGroupReader
	column   int // its number in the file
	field    int // of the wanted column's
	part     int
	parts    []*Part // of the row group
	reserved *[]byte // for numbers of the file's row groups to come; empty where memory has no room
	last     bool    // of the row group
	first    int64   // row of the group

	values     int64 // how many there are, in lists too
	def, rep   int16 // levels of a value that is there
	read       int64
	defs, reps []int16
}

// batchValues is how many values are decoded at a time.
const batchValues = 1 << 14

// prepare makes room for the chunk's numbers: the fields of one column share it.
func (c *parquetChunk) prepare(column *schema.Column) error {
	meta, err := c.group.MetaData().ColumnChunk(c.column)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrUnreadable, c.path, err)
	}
	c.values, c.def, c.rep = meta.NumValues(), column.MaxDefinitionLevel(), column.MaxRepetitionLevel()
	p := c.parts[c.part]
	n := int(c.values) * len(c.fields)
	switch {
	case c.values < 0 || n < 0 || n > maxBytes/8 || c.rep == 0 && int(c.values) != p.Examples:
		return fmt.Errorf("%w: %s is damaged: column %s claims %d values in %d rows", ErrUnreadable, c.path, c.fields[c.field], c.values, p.Examples)
	case c.held == graph.String:
		p.Ends = make([]int, 0, c.values)
	case c.field == 0:
		if p.Data, p.Placed = c.place(n * c.held.Size()); !p.Placed {
			p.Data = graph.Allocate(n * c.held.Size())
		}
	}
	if c.rep > 0 {
		p.Lengths = make([]int, 0, p.Examples)
	}
	return nil
}

// place takes the next n bytes of what is reserved for the column.
func (c *parquetChunk) place(n int) ([]byte, bool) {
	if c.rep > 0 || n > len(*c.reserved) {
		return nil, false
	}
	data := (*c.reserved)[:n:n]
	*c.reserved = (*c.reserved)[n:]
	return data, true
}

// decode reads the chunk into its part.
func (c *parquetChunk) decode() (_ *parquetChunk, err error) {
	defer c.file.contain(&err)
	column, err := c.group.Column(c.column)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: column %s: %w", ErrUnreadable, c.path, c.fields[c.field], err)
	}
	defer column.Close()
	if c.def > 0 {
		c.defs = make([]int16, batchValues)
	}
	if c.rep > 0 {
		c.reps = make([]int16, batchValues)
	}
	switch column := column.(type) {
	case *pqfile.Float32ColumnChunkReader:
		err = numbers(c, column.ReadBatch)
	case *pqfile.Float64ColumnChunkReader:
		err = numbers(c, column.ReadBatch)
	case *pqfile.Int32ColumnChunkReader:
		if c.unsigned(column.Descriptor()) {
			err = c.unsignedNumbers(column)
		} else {
			err = numbers(c, column.ReadBatch)
		}
	case *pqfile.Int64ColumnChunkReader:
		err = numbers(c, column.ReadBatch)
	case *pqfile.BooleanColumnChunkReader:
		err = c.booleans(column)
	case *pqfile.ByteArrayColumnChunkReader:
		err = c.texts(column)
	}
	if err == nil && column.Err() != nil {
		err = fmt.Errorf("%w: %s: column %s: %w", ErrUnreadable, c.path, c.fields[c.field], column.Err())
	}
	if p := c.parts[c.part]; err == nil && (c.read != c.values || c.rep > 0 && len(p.Lengths) != p.Examples) {
		err = fmt.Errorf("%w: %s is cut short: column %s has %d values of %d", ErrUnreadable, c.path, c.fields[c.field], c.read, c.values)
	}
	return c, err
}

// unsigned tells whether 32-bit numbers have no sign.
func (*parquetChunk) unsigned(c *schema.Column) bool {
	return c.ConvertedType() == schema.ConvertedTypes.Uint32
}

// reading is ReadBatch of a column.
type reading[S any] func(n int64, values []S, defs, reps []int16) (levels int64, read int, err error)

// batches calls do with the values of the chunk as they are decoded, some at a
// time; at is the number of the first.
func batches[S any](c *parquetChunk, read reading[S], into func(at int) []S, do func(at int, values []S) error) error {
	for c.read < c.values {
		at := int(c.read)
		values := into(at)
		levels, n, err := read(min(batchValues, c.values-c.read), values, c.defs, c.reps)
		if err != nil {
			return fmt.Errorf("%w: %s: column %s: %w", ErrUnreadable, c.path, c.fields[c.field], err)
		}
		if levels == 0 {
			return nil // it is cut short
		}
		if c.rep > 0 || int64(n) != levels { // else no value is missing
			if err := c.levels(int(levels)); err != nil {
				return err
			}
		}
		if err := do(at, values[:n]); err != nil {
			return err
		}
		c.read += levels
	}
	return nil
}

// levels finds nulls, and where lists begin.
func (c *parquetChunk) levels(n int) error {
	p := c.parts[c.part]
	for i := range n {
		if c.rep > 0 {
			if c.reps[i] == 0 {
				p.Lengths = append(p.Lengths, 0)
			}
			if len(p.Lengths) == 0 {
				return fmt.Errorf("%w: %s is damaged: column %s begins within a list", ErrUnreadable, c.path, c.fields[c.field])
			}
			p.Lengths[len(p.Lengths)-1]++
		}
		if c.def > 0 && c.defs[i] != c.def {
			row, what := c.first+c.read+int64(i), "has no value (null)"
			if c.rep > 0 {
				row, what = c.first+int64(len(p.Lengths))-1, "has an empty list or a null"
			}
			return fmt.Errorf("%w: %s: column %s %s in row %d: fill it in, or leave such rows out", ErrUnfit, c.path, c.fields[c.field], what, row)
		}
	}
	return nil
}

// element is a number that a column holds, in a file or in memory.
type element interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// numbers decodes numbers: where they already have the type that is wanted, into
// their place.
func numbers[S float32 | float64 | int32 | int64](c *parquetChunk, read reading[S]) error {
	var zero S
	data := c.parts[c.part].Data
	if len(c.fields) == 1 && fmt.Sprintf("%T", zero) == string(c.held) {
		all := graph.View[S](data)
		return batches(c, read, func(at int) []S { return all[at:] }, func(at int, values []S) error { return c.inRange(at, values) })
	}
	buffer := make([]S, batchValues)
	return batches(c, read, func(int) []S { return buffer }, func(at int, values []S) error { return c.spread(at, values) })
}

// inRange finds whole numbers that the graph does not take. Fit finds others
// that are not finite.
func (c *parquetChunk) inRange(at int, values any) error {
	low, high := bounds(graph.Tensor{DType: c.held, Categories: c.tensor.Categories})
	var k int
	var v string
	switch values := values.(type) {
	case []int32:
		k, v = outside(values, low, high)
	case []int64:
		k, v = outside(values, low, high)
	default:
		return nil
	}
	if k < 0 {
		return nil
	}
	row := ""
	if c.rep == 0 {
		row = fmt.Sprintf(" in row %d", c.first+int64(at+k))
	}
	if c.tensor.Categories > 0 {
		return fmt.Errorf("%w: %s: column %s has the value %s%s, the graph knows 0 to %d", ErrUnfit, c.path, c.fields[c.field], v, row, c.tensor.Categories-1)
	}
	return fmt.Errorf("%w: %s: column %s has the value %s%s, which does not fit %s", ErrUnfit, c.path, c.fields[c.field], v, row, c.held)
}

// spread converts values and writes them to the places of the chunk's field.
func (c *parquetChunk) spread(at int, values any) error {
	if err := c.inRange(at, values); err != nil {
		return err
	}
	switch values := values.(type) {
	case []float32:
		spreadTo(c, at, values)
	case []float64:
		spreadTo(c, at, values)
	case []int32:
		spreadTo(c, at, values)
	case []int64:
		spreadTo(c, at, values)
	}
	return nil
}

func spreadTo[S element](c *parquetChunk, at int, values []S) {
	data := c.parts[c.part].Data
	first, stride := at*len(c.fields)+c.field, len(c.fields)
	switch c.held {
	case graph.Float32:
		scatter(graph.View[float32](data), first, stride, values)
	case graph.Float64:
		scatter(graph.View[float64](data), first, stride, values)
	case graph.Int8:
		scatter(graph.View[int8](data), first, stride, values)
	case graph.Uint8, graph.Bool:
		scatter(graph.View[uint8](data), first, stride, values)
	case graph.Int16:
		scatter(graph.View[int16](data), first, stride, values)
	case graph.Uint16:
		scatter(graph.View[uint16](data), first, stride, values)
	case graph.Int32:
		scatter(graph.View[int32](data), first, stride, values)
	case graph.Uint32:
		scatter(graph.View[uint32](data), first, stride, values)
	case graph.Int64:
		scatter(graph.View[int64](data), first, stride, values)
	case graph.Uint64:
		scatter(graph.View[uint64](data), first, stride, values)
	}
}

func scatter[S, D element](to []D, first, stride int, values []S) {
	for i, v := range values {
		to[first+i*stride] = D(v)
	}
}

func (c *parquetChunk) unsignedNumbers(column *pqfile.Int32ColumnChunkReader) error {
	buffer, wide := make([]int32, batchValues), make([]int64, batchValues)
	return batches(c, column.ReadBatch, func(int) []int32 { return buffer }, func(at int, values []int32) error {
		for i, v := range values {
			wide[i] = int64(uint32(v))
		}
		return c.spread(at, wide[:len(values)])
	})
}

func (c *parquetChunk) booleans(column *pqfile.BooleanColumnChunkReader) error {
	buffer, whole := make([]bool, batchValues), make([]int32, batchValues)
	return batches(c, column.ReadBatch, func(int) []bool { return buffer }, func(at int, values []bool) error {
		for i, v := range values {
			whole[i] = 0
			if v {
				whole[i] = 1
			}
		}
		return c.spread(at, whole[:len(values)])
	})
}

// texts copies strings page by page: they lie in the page.
func (c *parquetChunk) texts(column *pqfile.ByteArrayColumnChunkReader) error {
	p := c.parts[c.part]
	buffer := make([]pq.ByteArray, batchValues)
	return batches(c, column.ReadBatchInPage, func(int) []pq.ByteArray { return buffer }, func(_ int, values []pq.ByteArray) error {
		for _, v := range values {
			p.Data = append(p.Data, v...)
			p.Ends = append(p.Ends, len(p.Data))
		}
		return nil
	})
}
