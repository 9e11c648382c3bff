// Package csv reads CSV and TSV files, whose first line names the columns.
package csv

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Format reads CSV files, and TSV files, which have tabs in place of commas. Both
// may be compressed.
var Format = dataset.Tables{
	Called: "CSV", Files: dataset.Packed(".csv", ".tsv"),
	Open: func(b *dataset.Builder, q dataset.Request, path string) (dataset.Table, error) {
		return open(b, q, path)
	},
}

// file is a CSV file whose header has been read.
type file struct {
	blocks
	names []string
	first []string // values of the first record; nil if there is none
	index int      // how many columns have no name before the first that has one
	sinks []*sink
	runs  []run
}

// open opens a CSV file and reads its header.
func open(b *dataset.Builder, q dataset.Request, path string) (*file, error) {
	f := &file{blocks: blocks{path: path, comma: ',', most: dataset.MaxRecord, line: 1}}
	if strings.Contains(strings.ToLower(filepath.Base(path)), ".tsv") {
		f.comma = '\t'
	}
	var err error
	if f.from, err = b.OpenStream(path); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil {
		f.size = info.Size()
	}
	if err = f.encoding(); err == nil {
		err = f.header(q.Header)
	}
	if err != nil {
		_ = f.Close() // what is wrong with it is known
		return nil, err
	}
	return f, nil
}

// Fields implements dataset.Table. A column whose first value is no number is
// certainly text.
func (f *file) Fields() ([]dataset.Field, error) {
	out := make([]dataset.Field, len(f.names))
	for i, name := range f.names {
		out[i].Name, out[i].RowNumbers = name, f.numbersRows(i)
		if i < len(f.first) && !dataset.IsMissing([]byte(f.first[i])) {
			if _, _, err := dataset.ParseNumber([]byte(f.first[i])); err != nil {
				out[i].DType = graph.String
			}
		}
	}
	return out, nil
}

// Bind implements dataset.Table.
func (f *file) Bind(sinks []*dataset.Sink) error {
	places := make(map[string]int, len(f.names))
	for i, name := range f.names {
		places[name] = i
	}
	for _, s := range sinks {
		one := newSink(s)
		for _, name := range s.Fields() {
			at, there := places[name]
			if !there {
				return fmt.Errorf("%w: %s has no column %q, which the files before it have", dataset.ErrUnfit, f.path, name)
			}
			one.at = append(one.at, at)
		}
		f.sinks = append(f.sinks, one)
	}
	f.runs = plan(len(f.names), f.sinks)
	return nil
}

// Next implements dataset.Table. It cuts off the next records, about
// dataset.ChunkBytes of them.
func (f *file) Next() (dataset.Chunk, error) {
	b, err := f.next()
	if err != nil {
		return nil, err
	}
	return &chunk{f, b}, nil
}
