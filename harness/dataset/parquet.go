package dataset

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	pq "github.com/apache/arrow-go/v18/parquet"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"epochtime/harness/graph"
)

// parquetFile is an open Parquet file.
type parquetFile struct {
	*pqfile.Reader
	path string
	f    *os.File
}

// parquet opens a Parquet file and reads its footer.
func (r *reader) parquet(path string) (p *parquetFile, err error) {
	f, _, err := r.file(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("%w: %s is damaged: %v", ErrUnreadable, path, broken)
		}
		if err != nil {
			f.Close()
		}
	}()
	rd, err := pqfile.NewParquetReader(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %s is no Parquet file, or is cut short: %w", ErrUnreadable, path, err)
	}
	return &parquetFile{rd, path, f}, nil
}

func (p *parquetFile) close() { _ = p.f.Close() } // it was only read

// rows is how many rows the row groups claim together; 0 where that cannot be.
func (p *parquetFile) rows() int {
	n := 0
	for i := range p.NumRowGroups() {
		group := p.MetaData().RowGroup(i).NumRows()
		if group < 0 || group > int64(maxBytes-n) {
			return 0
		}
		n += int(group)
	}
	return n
}

// columns are the fields of the file, each beside its column's number.
func (p *parquetFile) columns() (fields []field, numbers map[string]int) {
	numbers = make(map[string]int)
	s := p.MetaData().Schema
	for i := range s.NumColumns() {
		c := s.Column(i)
		f := field{name: fieldName(c), list: c.MaxRepetitionLevel() > 0}
		f.text = c.PhysicalType() == pq.Types.ByteArray
		f.whole = slices.Contains([]pq.Type{pq.Types.Int32, pq.Types.Int64, pq.Types.Boolean}, c.PhysicalType())
		f.single = c.PhysicalType() == pq.Types.Float
		fields = append(fields, f)
		numbers[f.name] = i
	}
	return fields, numbers
}

// fieldName is the name of a column as the writer saw it: a list's values have
// names of their own below it.
func fieldName(c *schema.Column) string {
	path := c.ColumnPath()
	if c.MaxRepetitionLevel() == 1 && (len(path) < 3 || len(path) == 3 && path[1] == "list") {
		return path[0]
	}
	return strings.Join(path, ".")
}

func (r *reader) parquetFields(path string) ([]field, error) {
	p, err := r.parquet(path)
	if err != nil {
		return nil, err
	}
	defer p.close()
	fields, _ := p.columns()
	return fields, nil
}

// readParquet reads the wanted columns of files that are laid end to end.
func (r *reader) readParquet(q Request, paths []string) error {
	fields, err := r.parquetFields(paths[0])
	if err != nil {
		return err
	}
	all, err := match(q, fields)
	if err != nil {
		return err
	}
	return r.build(all, func(add func([]*Part) error) error {
		for _, path := range paths {
			if err := r.oneParquet(path, all, add); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *reader) oneParquet(path string, all []*wanted, add func([]*Part) error) error {
	p, err := r.parquet(path)
	if err != nil {
		return err
	}
	defer p.close()
	_, numbers := p.columns()
	jobs := &parquetJobs{file: p, all: all}
	for i, w := range all {
		reserved := new([]byte)
		for k, name := range w.fields {
			n, ok := numbers[name]
			if !ok {
				return fmt.Errorf("%w: %s has no column %q, which the files before it have", ErrUnfit, path, name)
			}
			c := p.MetaData().Schema.Column(n)
			if err := w.takesParquet(c); err != nil {
				return fmt.Errorf("%w: %s: column %s %w", ErrUnfit, path, name, err)
			}
			if k == 0 && c.MaxRepetitionLevel() == 0 && w.held != graph.String {
				*reserved = w.into.reserve(p.rows(), len(w.fields)*w.held.Size())
			}
			jobs.chunks = append(jobs.chunks, parquetChunk{path: path, wanted: w, column: n, field: k, part: i, reserved: reserved})
		}
	}
	return ordered(jobs.next, (*parquetChunk).decode, func(c *parquetChunk) error {
		if !c.last {
			return nil
		}
		return add(c.parts)
	})
}

// takesParquet tells why a column cannot feed the tensor.
func (w *wanted) takesParquet(c *schema.Column) error {
	kind := c.PhysicalType()
	logical := c.LogicalType()
	_, isNumber := logical.(schema.IntLogicalType)
	plain := logical == nil || logical.IsNone() || isNumber || kind == pq.Types.ByteArray
	text := kind == pq.Types.ByteArray
	number := !text && kind != pq.Types.Int96 && kind != pq.Types.FixedLenByteArray
	fraction := kind == pq.Types.Float || kind == pq.Types.Double
	switch {
	case c.MaxRepetitionLevel() > 1:
		return errors.New("holds lists of lists: save them flat, of one length")
	case !plain || !text && !number:
		return fmt.Errorf("is %s (%s): save it as plain numbers or strings", kind, logical)
	case len(w.fields) > 1 && c.MaxRepetitionLevel() > 0:
		return fmt.Errorf("holds lists: of several columns that feed %s each holds one value", w.tensor.Name)
	case len(w.fields) > 1 && text:
		return fmt.Errorf("holds strings: %s takes them from one column only", w.tensor.Name)
	case text && w.held != graph.String:
		return fmt.Errorf("holds strings, the graph takes %s: make them numbers, or export the graph with a StringLookup in preprocess()", w.tensor.DType)
	case number && w.held == graph.String, fraction && w.fractional() == nil:
		return fmt.Errorf("holds %s, the graph takes %s: name another column with --input", kind, w.tensor.DType)
	}
	return nil
}

// parquetJobs lists the column chunks of a file, row group by row group.
type parquetJobs struct {
	file   *parquetFile
	all    []*wanted
	chunks []parquetChunk // of one row group
	group  int
	at     int
	first  int64 // row of the group
	rows   *pqfile.RowGroupReader
	parts  []*Part
}

func (j *parquetJobs) next() (_ *parquetChunk, err error) {
	defer j.file.contain(&err)
	if j.at == len(j.chunks) {
		j.at = 0
		j.group++
		j.first += j.rows.NumRows()
	}
	if j.group == j.file.NumRowGroups() {
		return nil, io.EOF
	}
	if j.at == 0 {
		j.rows = j.file.RowGroup(j.group)
		n := int(j.rows.NumRows())
		if n < 0 || n > maxBytes/8 {
			return nil, fmt.Errorf("%w: %s claims %d rows", ErrUnreadable, j.file.path, n)
		}
		j.parts = nil
		for range j.all {
			j.parts = append(j.parts, &Part{Examples: n})
		}
	}
	c := j.chunks[j.at]
	c.first, c.group, c.parts = j.first, j.rows, j.parts
	c.file = j.file
	c.last = j.at == len(j.chunks)-1
	if err := c.prepare(j.file.MetaData().Schema.Column(c.column)); err != nil {
		return nil, err
	}
	j.at++
	return &c, nil
}

// contain makes an error of a panic, which damaged files lead the library to.
func (p *parquetFile) contain(err *error) {
	if broken := recover(); broken != nil {
		*err = fmt.Errorf("%w: %s is damaged: %v", ErrUnreadable, p.path, broken)
	}
}
