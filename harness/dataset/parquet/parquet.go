// Package parquet reads Parquet files of numbers, strings and lists of them.
package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	pq "github.com/apache/arrow-go/v18/parquet"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Format reads Parquet files.
var Format = dataset.Tables{
	Called: "Parquet", Files: []string{".parquet"},
	Begins: func(head []byte) bool { return bytes.HasPrefix(head, []byte("PAR1")) },
	Open:   func(b *dataset.Builder, _ dataset.Request, path string) (dataset.Table, error) { return open(b, path) },
}

// file is an open Parquet file. It lists the column chunks of its row groups, one
// after the other.
type file struct {
	*pqfile.Reader
	path string
	f    *os.File

	sinks  int     // columns that are decoded
	chunks []chunk // of one row group
	group  int
	at     int
	first  int64 // row of the group
	rows   *pqfile.RowGroupReader
	parts  []*dataset.Part
}

// open opens a Parquet file and reads its footer.
func open(b *dataset.Builder, path string) (p *file, err error) {
	f, _, err := b.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("%w: %s is damaged: %v", dataset.ErrUnreadable, path, broken)
		}
		if err != nil {
			f.Close()
		}
	}()
	rd, err := pqfile.NewParquetReader(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %s is not a Parquet file, or is cut short: %w", dataset.ErrUnreadable, path, err)
	}
	return &file{Reader: rd, path: path, f: f}, nil
}

// Close implements dataset.Table.
func (p *file) Close() error { return p.f.Close() }

// count returns how many rows the row groups claim together, or 0 if that cannot be.
func (p *file) count() int {
	n := 0
	for i := range p.NumRowGroups() {
		group := p.MetaData().RowGroup(i).NumRows()
		if group < 0 || group > int64(dataset.MaxBytes-n) {
			return 0
		}
		n += int(group)
	}
	return n
}

// Fields implements dataset.Table.
func (p *file) Fields() (fields []dataset.Field, err error) {
	defer p.contain(&err)
	s := p.MetaData().Schema
	for i := range s.NumColumns() {
		c := s.Column(i)
		fields = append(fields, dataset.Field{Name: fieldName(c), List: c.MaxRepetitionLevel() > 0, DType: types[c.PhysicalType()]})
	}
	return fields, nil
}

// types are the element types that hold all values of a physical one.
var types = map[pq.Type]graph.DType{
	pq.Types.Boolean: graph.Bool, pq.Types.Int32: graph.Int32, pq.Types.Int64: graph.Int64,
	pq.Types.Float: graph.Float32, pq.Types.Double: graph.Float64, pq.Types.ByteArray: graph.String,
}

// fieldName is the name of a column as the writer saw it: the values of a list have
// names of their own below it.
func fieldName(c *schema.Column) string {
	path := c.ColumnPath()
	if c.MaxRepetitionLevel() == 1 && (len(path) < 3 || len(path) == 3 && path[1] == "list") {
		return path[0]
	}
	return strings.Join(path, ".")
}

// Bind implements dataset.Table.
func (p *file) Bind(sinks []*dataset.Sink) (err error) {
	defer p.contain(&err)
	s := p.MetaData().Schema
	numbers := make(map[string]int)
	for i := range s.NumColumns() {
		numbers[fieldName(s.Column(i))] = i
	}
	p.sinks = len(sinks)
	for i, w := range sinks {
		reserved := new([]byte)
		for k, name := range w.Fields() {
			n, ok := numbers[name]
			if !ok {
				return fmt.Errorf("%w: %s has no column %q, which the files before it have", dataset.ErrUnfit, p.path, name)
			}
			c := s.Column(n)
			if err := takes(w, c); err != nil {
				return fmt.Errorf("%w: %s: column %s %w", dataset.ErrUnfit, p.path, name, err)
			}
			if k == 0 && c.MaxRepetitionLevel() == 0 && w.DType() != graph.String {
				*reserved = w.Reserve(p.count())
			}
			p.chunks = append(p.chunks, chunk{file: p, Sink: w, name: name, fields: len(w.Fields()), column: n, field: k, part: i, reserved: reserved})
		}
	}
	return nil
}

// takes says why a column cannot feed the tensor.
func takes(w *dataset.Sink, c *schema.Column) error {
	kind := c.PhysicalType()
	logical := c.LogicalType()
	_, isNumber := logical.(schema.IntLogicalType)
	plain := logical == nil || logical.IsNone() || isNumber || kind == pq.Types.ByteArray
	text := kind == pq.Types.ByteArray
	number := !text && kind != pq.Types.Int96 && kind != pq.Types.FixedLenByteArray
	several := len(w.Fields()) > 1
	switch {
	case c.MaxRepetitionLevel() > 1:
		return errors.New("holds lists of lists: save them flat, of one length")
	case !plain || !text && !number:
		return fmt.Errorf("is %s (%s): save it as plain numbers or strings", kind, logical)
	case several && c.MaxRepetitionLevel() > 0:
		return fmt.Errorf("holds lists: of several columns that feed %s each holds one value", w.Name())
	case several && text:
		return fmt.Errorf("holds strings: %s takes them from one column only", w.Name())
	case text && w.DType() != graph.String:
		return fmt.Errorf("holds strings, the graph takes %s: make them numbers, or export the graph with a StringLookup in preprocess()", w.Wants())
	case number && w.DType() == graph.String:
		return dataset.Mark(fmt.Errorf("holds %s, the graph takes %s: name another column for it", kind, w.Wants()), dataset.ErrColumn)
	}
	return nil
}

// Next implements dataset.Table.
func (p *file) Next() (_ dataset.Chunk, err error) {
	defer p.contain(&err)
	if p.at == len(p.chunks) {
		p.at = 0
		p.group++
		p.first += p.rows.NumRows()
	}
	if p.group == p.NumRowGroups() {
		return nil, io.EOF
	}
	if p.at == 0 {
		p.rows = p.RowGroup(p.group)
		n := int(p.rows.NumRows())
		if n < 0 || n > dataset.MaxBytes/8 {
			return nil, fmt.Errorf("%w: %s claims %d rows", dataset.ErrUnreadable, p.path, n)
		}
		p.parts = nil
		for range p.sinks {
			p.parts = append(p.parts, &dataset.Part{Examples: n})
		}
	}
	c := p.chunks[p.at]
	c.first, c.rows, c.parts = p.first, p.rows, p.parts
	c.last = p.at == len(p.chunks)-1
	if err := c.prepare(p.MetaData().Schema.Column(c.column)); err != nil {
		return nil, err
	}
	p.at++
	return &c, nil
}

// contain makes an error of a panic, which damaged files lead the library to.
func (p *file) contain(err *error) {
	if broken := recover(); broken != nil {
		*err = fmt.Errorf("%w: %s is damaged: %v", dataset.ErrUnreadable, p.path, broken)
	}
}
