package parquet

import (
	"fmt"
	"math"
	"strconv"

	pq "github.com/apache/arrow-go/v18/parquet"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// chunk is one column of a row group, and where its values go.
type chunk struct {
	*file
	*dataset.Sink
	rows     *pqfile.RowGroupReader
	name     string // of the field
	fields   int    // of the sink
	column   int    // its number in the file
	field    int    // its number in the sink
	part     int
	parts    []*dataset.Part // of the row group
	reserved *[]byte         // for numbers of row groups to come; empty where memory has no room
	last     bool            // of the row group
	first    int64           // row of the group

	values     int64 // how many there are, in lists too
	def, rep   int16 // levels of a value that is there
	read       int64
	defs, reps []int16
}

// batchValues is how many values are decoded at a time.
const batchValues = 1 << 14

// damaged is the error of a column that cannot be read.
func (c *chunk) damaged(err error) error {
	return fmt.Errorf("%w: %s: column %s: %w", dataset.ErrUnreadable, c.path, c.name, err)
}

// prepare makes room for the chunk's numbers: the fields of one sink share it.
func (c *chunk) prepare(column *schema.Column) error {
	meta, err := c.rows.MetaData().ColumnChunk(c.column)
	if err != nil {
		return c.damaged(err)
	}
	c.values, c.def, c.rep = meta.NumValues(), column.MaxDefinitionLevel(), column.MaxRepetitionLevel()
	p := c.parts[c.part]
	n := int(c.values) * c.fields
	switch {
	case c.values < 0 || n < 0 || n > dataset.MaxBytes/8 || c.rep == 0 && int(c.values) != p.Examples:
		return fmt.Errorf("%w: %s is damaged: column %s claims %d values in %d rows", dataset.ErrUnreadable, c.path, c.name, c.values, p.Examples)
	case c.DType() == graph.String:
		p.Ends = make([]int, 0, c.values)
	case c.field == 0:
		if p.Data, p.Placed = c.place(n * c.DType().Size()); !p.Placed {
			p.Data = graph.Allocate(n * c.DType().Size())
		}
	}
	if c.rep > 0 {
		p.Lengths = make([]int, 0, p.Examples)
	}
	return nil
}

// place takes the next n bytes of what is reserved for the sink.
func (c *chunk) place(n int) ([]byte, bool) {
	if c.rep > 0 || n > len(*c.reserved) {
		return nil, false
	}
	data := (*c.reserved)[:n:n]
	*c.reserved = (*c.reserved)[n:]
	return data, true
}

// Decode implements dataset.Chunk. The parts of a row group come with its last
// column.
func (c *chunk) Decode() (_ []*dataset.Part, err error) {
	defer c.contain(&err)
	column, err := c.rows.Column(c.column)
	if err != nil {
		return nil, c.damaged(err)
	}
	defer column.Close()
	if c.def > 0 {
		c.defs = make([]int16, batchValues)
	}
	if c.rep > 0 {
		c.reps = make([]int16, batchValues)
	}
	if err := c.decode(column); err != nil {
		return nil, err
	}
	if err := column.Err(); err != nil {
		return nil, c.damaged(err)
	}
	if p := c.parts[c.part]; c.read != c.values || c.rep > 0 && len(p.Lengths) != p.Examples {
		return nil, fmt.Errorf("%w: %s is cut short: column %s has %d values of %d", dataset.ErrUnreadable, c.path, c.name, c.read, c.values)
	}
	if !c.last {
		return nil, nil
	}
	return c.parts, nil
}

func (c *chunk) decode(column pqfile.ColumnChunkReader) error {
	switch column := column.(type) {
	case *pqfile.Float32ColumnChunkReader:
		return numbers(c, column.ReadBatchInPage)
	case *pqfile.Float64ColumnChunkReader:
		return numbers(c, column.ReadBatchInPage)
	case *pqfile.Int32ColumnChunkReader:
		if column.Descriptor().ConvertedType() == schema.ConvertedTypes.Uint32 {
			return integers(c, column.ReadBatchInPage, func(v int32) int64 { return int64(uint32(v)) })
		}
		return numbers(c, column.ReadBatchInPage)
	case *pqfile.Int64ColumnChunkReader:
		return numbers(c, column.ReadBatchInPage)
	case *pqfile.BooleanColumnChunkReader:
		return integers(c, column.ReadBatchInPage, func(v bool) int64 {
			if v {
				return 1
			}
			return 0
		})
	case *pqfile.ByteArrayColumnChunkReader:
		return c.texts(column)
	}
	return nil
}

// reading is ReadBatchInPage of a column. ReadBatch loops for ever in a damaged
// page that has fewer values than it claims.
type reading[S any] func(n int64, values []S, defs, reps []int16) (levels int64, read int, err error)

// batches calls do with the values of the chunk as they are decoded, some at a
// time; at is the number of the first.
func batches[S any](c *chunk, read reading[S], into func(at int) []S, do func(at int, values []S) error) error {
	for c.read < c.values {
		at := int(c.read)
		values := into(at)
		levels, n, err := read(min(batchValues, c.values-c.read), values, c.defs, c.reps)
		if err != nil {
			return c.damaged(err)
		}
		if levels == 0 {
			return nil // the page has fewer values than it claims
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
func (c *chunk) levels(n int) error {
	p := c.parts[c.part]
	for i := range n {
		if c.rep > 0 {
			if c.reps[i] == 0 {
				p.Lengths = append(p.Lengths, 0)
			}
			if len(p.Lengths) == 0 {
				return fmt.Errorf("%w: %s is damaged: column %s begins within a list", dataset.ErrUnreadable, c.path, c.name)
			}
			p.Lengths[len(p.Lengths)-1]++
		}
		if c.def > 0 && c.defs[i] != c.def {
			row, what := c.first+c.read+int64(i), "has no value (null)"
			if c.rep > 0 {
				row, what = c.first+int64(len(p.Lengths))-1, "has an empty list or a null"
			}
			return fmt.Errorf("%w: %s: column %s %s in row %d: fill it in, or leave such rows out", dataset.ErrUnfit, c.path, c.name, what, row)
		}
	}
	return nil
}

// numbers decodes numbers: into their place if they have the sink's type.
func numbers[S float32 | float64 | int32 | int64](c *chunk, read reading[S]) error {
	from := graph.DTypeOf[S]()
	if c.fields == 1 && from == c.DType() {
		all, check := graph.View[S](c.parts[c.part].Data), c.check(from)
		return batches(c, read, func(at int) []S { return all[at:] }, func(at int, values []S) error { return check(at, graph.Bytes(values)) })
	}
	write, err := c.writer(from)
	if err != nil {
		return err
	}
	buffer := make([]S, batchValues)
	return batches(c, read, func(int) []S { return buffer }, func(at int, values []S) error { return write(at, graph.Bytes(values)) })
}

// integers decodes values that as makes integers of.
func integers[S any](c *chunk, read reading[S], as func(S) int64) error {
	write, err := c.writer(graph.Int64)
	if err != nil {
		return err
	}
	buffer, wide := make([]S, batchValues), make([]int64, batchValues)
	return batches(c, read, func(int) []S { return buffer }, func(at int, values []S) error {
		for i, v := range values {
			wide[i] = as(v)
		}
		return write(at, graph.Bytes(wide[:len(values)]))
	})
}

// writer returns what writes numbers of a type to the places of the chunk's field.
func (c *chunk) writer(from graph.DType) (func(at int, values []byte) error, error) {
	convert, err := graph.NewConverter(c.DType(), from, 1)
	if err != nil {
		return nil, c.damaged(err)
	}
	check, to, data := c.check(from), c.DType(), c.parts[c.part].Data
	size, elements := to.Size(), to.Elements()
	out := graph.Allocate(batchValues * size)
	return func(at int, values []byte) error {
		if err := check(at, values); err != nil {
			return err
		}
		n := len(values) / from.Size()
		if c.fields == 1 {
			convert(data[at*size:][:n*size], values)
			return nil
		}
		if from != to {
			convert(out[:n*size], values)
			values = out[:n*size]
		}
		elements.Scatter(data, at*c.fields+c.field, c.fields, values)
		return nil
	}, nil
}

// check returns what finds numbers that a column of integers does not take. Fit
// finds numbers that are not finite.
func (c *chunk) check(d graph.DType) func(at int, values []byte) error {
	if c.DType().IsFloat() {
		return func(int, []byte) error { return nil }
	}
	low, high := c.Range()
	elements := d.Elements()
	return func(at int, values []byte) error {
		k, v := elements.Outside(values, low, high)
		whole := true
		if d.IsFloat() {
			var wide float64
			k, wide = elements.Unwhole(values, low, high)
			v, whole = strconv.FormatFloat(wide, 'g', -1, 64), wide == math.Trunc(wide)
		}
		if k < 0 {
			return nil
		}
		row := ""
		if c.rep == 0 {
			row = fmt.Sprintf(" in row %d", c.first+int64(at+k))
		}
		if !whole {
			return fmt.Errorf("%w: %s: column %s has the value %s%s, the graph takes %s", dataset.ErrUnfit, c.path, c.name, v, row, c.Wants())
		}
		return fmt.Errorf("%w: %s: column %s %w", dataset.ErrUnfit, c.path, c.name, c.OutOfRange(v, row))
	}
}

// texts copies strings, which are in the page.
func (c *chunk) texts(column *pqfile.ByteArrayColumnChunkReader) error {
	p := c.parts[c.part]
	buffer := make([]pq.ByteArray, batchValues)
	return batches(c, column.ReadBatchInPage, func(int) []pq.ByteArray { return buffer }, func(_ int, values []pq.ByteArray) error {
		for _, v := range values {
			p.AddText(v)
		}
		return nil
	})
}
