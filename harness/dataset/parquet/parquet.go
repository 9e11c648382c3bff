// Package parquet reads Parquet files of numbers, strings and lists of them.
package parquet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	pq "github.com/apache/arrow-go/v18/parquet"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/columnar"
	"epochtime/harness/graph"
)

// Format reads Parquet files.
var Format = dataset.Tables{
	Called: "Parquet", Files: []string{".parquet"},
	Begins: begins,
	Open:   func(b *dataset.Builder, _ dataset.Request, path string) (dataset.Table, error) { return open(b, path) },
}

// How files begin: plain ones, and those whose footer is encrypted.
var magics = [][]byte{[]byte("PAR1"), []byte("PARE")}

func begins(head []byte) bool {
	return slices.ContainsFunc(magics, func(m []byte) bool { return bytes.HasPrefix(head, m) })
}

// file is an open Parquet file. It lists the column chunks of its row groups, one
// after the other.
type file struct {
	*pqfile.Reader
	ctx     context.Context
	path    string
	f       *os.File
	largest int64 // how many bytes the file may claim for one thing
	columns []column

	sinks  int     // columns that are decoded
	chunks []chunk // of one row group
	group  int
	at     int
	first  int64 // row of the group
	rows   *rowGroup
}

// open opens a Parquet file and reads its footer.
func open(b *dataset.Builder, path string) (p *file, err error) {
	f, info, err := b.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
			err = unknownType(path, err)
		}
	}()
	defer columnar.Contain(&err, func(cause error) error { return columnar.Damaged(path, "", cause) })
	start := make([]byte, len(magics[0]))
	if _, err := f.ReadAt(start, 0); err == nil && !begins(start) && !dataset.HasEnding(path, []string{".parquet"}) {
		return nil, columnar.Compressed(path, "a Parquet file") // it was recognised decompressed
	}
	limits := pq.NewReaderProperties(columnar.NewAllocator(info.Size()))
	limits.MaxCompressedPageSize, limits.MaxUncompressedPageSize = dataset.MaxRecord, dataset.MaxRecord
	limits.BufferedStreamEnabled = true // else a column's whole size is allocated, as the footer claims it
	rd, err := pqfile.NewParquetReader(f, pqfile.WithReadProps(limits))
	if err != nil {
		return nil, notParquet(path, err)
	}
	p = &file{Reader: rd, ctx: b.Context(), path: path, f: f, largest: columnar.Largest(info.Size())}
	p.columns = columnsOf(rd.MetaData().Schema)
	return p, nil
}

// trueVersion is the first version of parquet-cpp that says truly whether a page of
// version 2 is compressed.
var trueVersion = metadata.NewAppVersionExplicit("parquet-cpp", 2, 0, 0)

// notParquet is the error of a file whose footer cannot be read.
func notParquet(path string, err error) error {
	if strings.Contains(err.Error(), "decryption") {
		return fmt.Errorf("%w: %s is encrypted: write it anew without encryption", dataset.ErrUnreadable, path)
	}
	return columnar.Not(path, "a Parquet file", err)
}

// unknownType returns what err means if the library does not know a type in the
// footer: it gives up the whole file then.
func unknownType(path string, err error) error {
	if !strings.Contains(err.Error(), "invalid logical type") {
		return err
	}
	return fmt.Errorf("%w: %s has a column of a logical type that is not known here: write it anew without that type", dataset.ErrUnreadable, path)
}

// damaged is the error of a file that cannot be read.
func (p *file) damaged(err error) error { return columnar.Damaged(p.path, "", err) }

// Close implements dataset.Table.
func (p *file) Close() error { return p.f.Close() }

// Fields implements dataset.Table.
func (p *file) Fields() ([]dataset.Field, error) {
	var fields []dataset.Field
	for _, c := range p.columns {
		fields = append(fields, c.Field)
	}
	return fields, nil
}

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

// Bind implements dataset.Table.
func (p *file) Bind(sinks []*dataset.Sink) (err error) {
	defer columnar.Contain(&err, p.damaged)
	byName, err := columnar.ByName(p.path, p.columns, func(c column) string { return c.Name })
	if err != nil {
		return err
	}
	p.sinks = len(sinks)
	for i, w := range sinks {
		reserved := new([]byte)
		for k, name := range w.Fields() {
			c, ok := byName[name]
			if err := columnar.Feeds(p.path, name, c.Field, ok, w); err != nil {
				return err
			}
			if k == 0 && !c.List && w.DType() != graph.String {
				*reserved = w.Reserve(p.count())
			}
			p.chunks = append(p.chunks, chunk{
				Column: columnar.Column{Path: p.path, Name: name, Sink: w, Field: k},
				file:   p, column: c, part: i, reserved: reserved,
			})
		}
	}
	return nil
}

// Next implements dataset.Table.
func (p *file) Next() (_ dataset.Chunk, err error) {
	defer columnar.Contain(&err, p.damaged)
	if p.at == len(p.chunks) {
		p.at = 0
		p.group++
		p.first += p.rows.NumRows()
	}
	if p.group == p.NumRowGroups() {
		return nil, io.EOF
	}
	if p.at == 0 {
		if p.rows, err = p.rowGroup(p.group); err != nil {
			return nil, err
		}
	}
	c, first := p.chunks[p.at], p.first
	c.First = func() int64 { return first }
	c.rows, c.Part = p.rows, p.rows.parts[c.part]
	c.last = p.at == len(p.chunks)-1
	if err := c.rows.refuse(&c, c.prepare()); err != nil {
		return nil, err
	}
	p.at++
	return &c, nil
}
