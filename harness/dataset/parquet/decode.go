package parquet

import (
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/columnar"
	"epochtime/harness/graph"
)

// chunk is one column of a row group, and where its values go.
type chunk struct {
	columnar.Column
	*file
	rows     *rowGroup
	column   column
	part     int
	reserved *[]byte // for numbers of row groups to come; empty where memory has no room
	last     bool    // of the row group

	compression compress.Compression

	values     int64 // how many there are, in lists too
	def, rep   int16 // levels of a value that is there
	read       int64
	missing    int64 // of them, that have no value, in a survey
	defs, reps []int16
}

// batchValues is how many values are decoded at a time.
const batchValues = 1 << 14

// damaged is the error of a column that cannot be read: if it is none of what is not
// read here, the file is damaged.
func (c *chunk) damaged(err error) error {
	what := ""
	switch text := err.Error(); {
	case strings.Contains(text, "exceeds configured limit"):
		what = fmt.Sprintf("has a page of more than %d MiB: write it anew in smaller pages", dataset.MaxRecord>>20)
	case strings.Contains(text, "unimplemented encoding"):
		what = "is in an encoding that is not read: write it anew in another"
	case strings.Contains(text, "unimplemented"):
		what = fmt.Sprintf("is compressed by %s, which is not read: write it anew with another compression", c.compression)
	case strings.Contains(text, "decryptor"):
		what = "is encrypted: write it anew without encryption"
	case c.mispacked():
		what = "is damaged, or in pages of version 2 that parquet-cpp wrote before 2.0.0, which are not read: write it anew"
	default:
		return columnar.Damaged(c.path, c.Name, err)
	}
	return fmt.Errorf("%w: %s: column %s %s", dataset.ErrUnreadable, c.path, c.Name, what)
}

// mispacked reports whether pages of version 2 are compressed, even where they deny it.
func (c *chunk) mispacked() bool {
	return c.compression != compress.Codecs.Uncompressed && c.WriterVersion().LessThan(trueVersion)
}

// prepare makes room for the chunk's numbers: the fields of one sink share it.
func (c *chunk) prepare() error {
	meta, err := c.rows.MetaData().ColumnChunk(c.column.leaf)
	if err != nil {
		return c.damaged(err)
	}
	leaf := c.MetaData().Schema.Column(c.column.leaf)
	c.compression = meta.Compression()
	c.values, c.def, c.rep = meta.NumValues(), leaf.MaxDefinitionLevel(), leaf.MaxRepetitionLevel()
	p, size := c.Part, c.Sink.DType().Size()
	switch {
	case c.values < 0 || c.rep == 0 && int(c.values) != p.Examples:
		return c.damaged(fmt.Errorf("it claims %d values in %d rows", c.values, p.Examples))
	case c.values > c.largest/int64(size):
		return fmt.Errorf("%w: %s: column %s claims %d values in a row group, too many for a file of this size: write it anew in smaller row groups",
			dataset.ErrUnreadable, c.path, c.Name, c.values)
	case c.Sink.DType() == graph.String:
		p.Ends = make([]int, 0, c.values)
	case c.Field == 0:
		n := int(c.values) * len(c.Sink.Fields()) * size
		if p.Data, p.Placed = c.place(n); !p.Placed {
			p.Data = graph.Allocate(n)
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
func (c *chunk) Decode() ([]*dataset.Part, error) {
	if !c.rows.refused(c) {
		if err := c.rows.refuse(c, c.whole()); err != nil {
			return nil, err
		}
	}
	if err := c.ctx.Err(); err != nil || !c.last {
		return nil, err
	}
	return c.rows.parts, nil
}

// whole decodes the chunk.
func (c *chunk) whole() (err error) {
	defer columnar.Contain(&err, c.damaged)
	pages, err := c.rows.GetColumnPageReader(c.column.leaf)
	if err != nil {
		return c.damaged(err)
	}
	leaf := c.MetaData().Schema.Column(c.column.leaf)
	checked := &pageReader{PageReader: pages, column: leaf, values: c.values, packed: c.mispacked()}
	//lint:ignore SA1019 there is no other way to look at pages before they are decoded
	column := pqfile.NewColumnReader(leaf, checked, memory.DefaultAllocator, c.BufferPool())
	defer column.Close() // it was only read
	if c.def > 0 {
		c.defs = make([]int16, batchValues)
	}
	if c.rep > 0 {
		c.reps = make([]int16, batchValues)
	}
	if err := c.decode(column); err != nil {
		return err
	}
	if err := column.Err(); err != nil {
		return c.damaged(err)
	}
	if c.missing > 0 && c.Sink.DType() != graph.String { // then it has no other field
		c.Part.Data = c.Part.Data[:c.Part.Examples*c.Sink.DType().Size()]
	}
	if p := c.Part; c.read != c.values || c.rep > 0 && len(p.Lengths) != p.Examples {
		return c.damaged(fmt.Errorf("it has %d values of %d", c.read, c.values))
	}
	return nil
}

func (c *chunk) decode(column pqfile.ColumnChunkReader) error {
	switch column := column.(type) {
	case *pqfile.Float32ColumnChunkReader:
		return numbers(c, graph.Float32, column.ReadBatchInPage)
	case *pqfile.Float64ColumnChunkReader:
		return numbers(c, graph.Float64, column.ReadBatchInPage)
	case *pqfile.BooleanColumnChunkReader:
		return numbers(c, graph.Bool, column.ReadBatchInPage)
	case *pqfile.Int32ColumnChunkReader:
		if d, ok := c.decimal(); ok {
			return decimals(c, column.ReadBatchInPage, func(v int32) float64 { return columnar.Decimal(int64(v), d.GetScale()) })
		}
		if c.column.DType == graph.Uint32 {
			return numbers(c, graph.Uint32, column.ReadBatchInPage)
		}
		return numbers(c, graph.Int32, column.ReadBatchInPage)
	case *pqfile.Int64ColumnChunkReader:
		if d, ok := c.decimal(); ok {
			return decimals(c, column.ReadBatchInPage, func(v int64) float64 { return columnar.Decimal(v, d.GetScale()) })
		}
		if c.column.DType == graph.Uint64 {
			return numbers(c, graph.Uint64, column.ReadBatchInPage)
		}
		return numbers(c, graph.Int64, column.ReadBatchInPage)
	case *pqfile.ByteArrayColumnChunkReader:
		return blobs(c, column.ReadBatchInPage)
	case *pqfile.FixedLenByteArrayColumnChunkReader:
		if c.column.DType == graph.Float16 {
			return halves(c, column.ReadBatchInPage)
		}
		return blobs(c, column.ReadBatchInPage)
	}
	return c.damaged(fmt.Errorf("its values are %T", column))
}

// decimal returns the type of a column of decimals.
func (c *chunk) decimal() (arrow.DecimalType, bool) {
	d, ok := c.column.holds.(arrow.DecimalType)
	return d, ok
}

// reading is ReadBatchInPage of a column. ReadBatch loops for ever in a damaged
// page that has fewer values than it claims.
type reading[S any] func(n int64, values []S, defs, reps []int16) (levels int64, read int, err error)

// batches calls do with the values of the chunk as they are decoded, some at a
// time; at is the number of the first.
func batches[S any](c *chunk, read reading[S], into func(at int) []S, do func(at int, values []S) error) error {
	for c.read < c.values {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		at := int(c.read - c.missing)
		values := into(at)
		levels, n, err := read(min(batchValues, c.values-c.read), values, c.defs, c.reps)
		if err != nil {
			return c.damaged(err)
		}
		if levels == 0 {
			return nil // the page has fewer values than it claims
		}
		missing := c.missing
		if c.rep > 0 || int64(n) != levels { // else no value is missing
			if err := c.levels(int(levels)); err != nil {
				return err
			}
		}
		if int64(n) != levels-(c.missing-missing) {
			return c.damaged(fmt.Errorf("a page has %d values of %d", n, levels))
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
	p := c.Part
	for i := range n {
		if c.rep > 0 {
			if c.reps[i] == 0 {
				p.Lengths = append(p.Lengths, 0)
			}
			if len(p.Lengths) == 0 {
				return c.damaged(errors.New("it begins within a list"))
			}
			p.Lengths[len(p.Lengths)-1]++
		}
		switch {
		case c.def == 0 || c.defs[i] == c.def:
		case c.rep > 0:
			return c.Empty(len(p.Lengths) - 1)
		case c.Sink.Surveys():
			p.Skip()
			c.missing++
		default:
			return c.Null(int(c.read) + i)
		}
	}
	return nil
}

// numbers decodes numbers of a type: into their place if they have the sink's.
func numbers[S float32 | float64 | int32 | int64 | bool](c *chunk, from graph.DType, read reading[S]) error {
	if c.Direct(from) {
		all, check := graph.View[S](c.Part.Data), c.Check(from)
		return batches(c, read, func(at int) []S { return all[at:] }, func(at int, values []S) error { return check(at, graph.Bytes(values)) })
	}
	write, err := c.Writer(from)
	if err != nil {
		return err
	}
	buffer := make([]S, batchValues)
	return batches(c, read, func(int) []S { return buffer }, func(at int, values []S) error { return write(at, graph.Bytes(values)) })
}

// decimals decodes what as makes numbers of.
func decimals[S any](c *chunk, read reading[S], as func(S) float64) error {
	write, err := c.DecimalWriter()
	if err != nil {
		return err
	}
	buffer, wide := make([]S, batchValues), make([]float64, batchValues)
	return batches(c, read, func(int) []S { return buffer }, func(at int, values []S) error {
		for i, v := range values {
			wide[i] = as(v)
		}
		return write(at, graph.Bytes(wide[:len(values)]))
	})
}

// halves decodes numbers of half precision, which are bytes in a Parquet file.
func halves(c *chunk, read reading[pq.FixedLenByteArray]) error {
	write, err := c.Writer(graph.Float16)
	if err != nil {
		return err
	}
	buffer, joined := make([]pq.FixedLenByteArray, batchValues), graph.Allocate(2*batchValues)
	return batches(c, read, func(int) []pq.FixedLenByteArray { return buffer }, func(at int, values []pq.FixedLenByteArray) error {
		for i, v := range values {
			copy(joined[2*i:2*i+2], v)
		}
		return write(at, joined[:2*len(values)])
	})
}

// blobs copies strings, which are in the page, or makes numbers of decimals in them.
func blobs[S pq.ByteArray | pq.FixedLenByteArray](c *chunk, read reading[S]) error {
	if d, ok := c.decimal(); ok {
		return decimals(c, read, func(v S) float64 { return columnar.BigDecimal(v, d.GetScale()) })
	}
	buffer := make([]S, batchValues)
	return batches(c, read, func(int) []S { return buffer }, func(_ int, values []S) error {
		for _, v := range values {
			if err := columnar.AddText(&c.Column, v); err != nil {
				return err
			}
		}
		return nil
	})
}
