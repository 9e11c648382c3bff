package dataset

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"

	"epochtime/harness/graph"
)

// csvColumn is what one wanted column needs of each record.
type csvColumn struct {
	*wanted
	at   []int // the places of its fields
	text func(data []byte, i int, s string) error
}

// columns finds the wanted columns in the file.
func (c *csvFile) columns(all []*wanted) ([]*csvColumn, error) {
	var out []*csvColumn
	for _, w := range all {
		column := &csvColumn{wanted: w}
		if w.held != graph.String {
			column.text = w.text()
		}
		for _, name := range w.fields {
			at := slices.Index(c.names, name)
			if at < 0 {
				return nil, fmt.Errorf("%w: %s has no column %q, which the files before it have", ErrUnfit, c.path, name)
			}
			column.at = append(column.at, at)
		}
		out = append(out, column)
	}
	return out, nil
}

// decode reads the records of a chunk.
func (c *csvFile) decode(chunk *csvChunk, columns []*csvColumn) ([]*Part, error) {
	rd := csv.NewReader(bytes.NewReader(chunk.data))
	rd.Comma, rd.ReuseRecord, rd.FieldsPerRecord = c.comma, true, len(c.names)
	most := bytes.Count(chunk.data, newline) + 1
	parts := make([]*Part, len(columns))
	for k, column := range columns {
		parts[k] = &Part{}
		if column.text != nil {
			parts[k].Data = graph.Allocate(most * len(column.at) * column.held.Size())
		}
	}
	for i := 0; ; i++ {
		record, err := rd.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := rd.FieldPos(0)
			return nil, fmt.Errorf("%w: %s line %d has %d fields, the first line names %d", ErrUnreadable, c.path, chunk.line+line-1, len(record), len(c.names))
		}
		if err != nil {
			return nil, c.wrong(err, chunk.line)
		}
		for k, column := range columns {
			if field, err := column.record(parts[k], i, record); err != nil {
				line, _ := rd.FieldPos(field)
				return nil, fmt.Errorf("%w: %s line %d: column %s %w", ErrUnfit, c.path, chunk.line+line-1, c.names[field], err)
			}
		}
	}
	for k, column := range columns {
		if column.text != nil {
			parts[k].Data = parts[k].Data[:parts[k].Examples*len(column.at)*column.held.Size()]
		}
	}
	return parts, nil
}

// record adds record i to a part. With an error comes the field at fault.
func (c *csvColumn) record(p *Part, i int, record []string) (int, error) {
	p.Examples++
	for k, at := range c.at {
		if c.text == nil {
			p.Data = append(p.Data, record[at]...)
			p.Ends = append(p.Ends, len(p.Data))
			continue
		}
		if err := c.text(p.Data, i*len(c.at)+k, record[at]); err != nil {
			return at, err
		}
	}
	return 0, nil
}

func (r *reader) csvFields(path string) ([]field, error) {
	c, err := r.csv(path)
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.fields(), nil
}

// readCSV reads the wanted columns of files that are laid end to end.
func (r *reader) readCSV(q Request, paths []string) error {
	fields, err := r.csvFields(paths[0])
	if err != nil {
		return err
	}
	all, err := match(q, fields)
	if err != nil {
		return err
	}
	return r.build(all, func(add func([]*Part) error) error {
		for _, path := range paths {
			if err := r.oneCSV(path, all, add); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *reader) oneCSV(path string, all []*wanted, add func([]*Part) error) error {
	c, err := r.csv(path)
	if err != nil {
		return err
	}
	defer c.close()
	columns, err := c.columns(all)
	if err != nil {
		return err
	}
	return ordered(c.next, func(chunk *csvChunk) ([]*Part, error) { return c.decode(chunk, columns) }, add)
}

// fields lists the columns. One whose first value is no number is certainly text.
func (c *csvFile) fields() []field {
	rd := csv.NewReader(bytes.NewReader(c.rest))
	rd.Comma = c.comma
	record, err := rd.Read()
	out := make([]field, len(c.names))
	number := (&wanted{held: graph.Float64}).text()
	for i, name := range c.names {
		out[i].name = name
		out[i].text = err == nil && i < len(record) && record[i] != "" && number(graph.Allocate(8), 0, record[i]) != nil
	}
	return out
}

// build makes the columns of the set from the parts that read hands to add, in order.
func (r *reader) build(all []*wanted, read func(add func([]*Part) error) error) error {
	var columns []*building
	for _, w := range all {
		b := r.building(w)
		defer b.close()
		columns = append(columns, b)
	}
	err := read(func(parts []*Part) error {
		for i, p := range parts {
			if err := columns[i].add(p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, b := range columns {
		if b.examples == 0 {
			return fmt.Errorf("%w: %s holds no examples", ErrUnfit, r.set.source)
		}
		a, err := b.finish()
		if err != nil {
			return err
		}
		if err := r.set.addArray(b.column.tensor.Name, a); err != nil {
			return err
		}
	}
	return nil
}
