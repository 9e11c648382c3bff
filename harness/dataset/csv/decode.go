package csv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// sink is a column that is decoded, with the places of its fields.
type sink struct {
	*dataset.Sink
	at  []int
	set dataset.TextSetter // nil for strings
}

// chunk is some whole records.
type chunk struct {
	*file
	data []byte
	line int // of its first record
}

// Decode implements dataset.Chunk.
func (c *chunk) Decode() ([]*dataset.Part, error) {
	rd := c.reader(c.data)
	rd.ReuseRecord, rd.FieldsPerRecord = true, len(c.names)
	most := bytes.Count(c.data, newline) + 1
	parts := make([]*dataset.Part, len(c.sinks))
	for k, s := range c.sinks {
		parts[k] = &dataset.Part{}
		if s.set != nil {
			parts[k].Data = graph.Allocate(most * s.bytes())
		}
	}
	for i := 0; ; i++ {
		record, err := rd.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := rd.FieldPos(0)
			return nil, fmt.Errorf("%w: %s line %d has %d fields, the first line names %d",
				dataset.ErrUnreadable, c.path, c.line+line-1, len(record), len(c.names))
		}
		if err != nil {
			return nil, c.wrong(err, c.line)
		}
		for k, s := range c.sinks {
			if field, err := s.record(parts[k], i, record); err != nil {
				line, _ := rd.FieldPos(field)
				return nil, fmt.Errorf("%w: %s line %d: column %s %w", dataset.ErrUnfit, c.path, c.line+line-1, c.names[field], err)
			}
		}
	}
	for k, s := range c.sinks {
		if s.set != nil {
			parts[k].Data = parts[k].Data[:parts[k].Examples*s.bytes()]
		}
	}
	return parts, nil
}

// bytes is the size of an example.
func (s *sink) bytes() int { return len(s.at) * s.DType().Size() }

// record adds record i to a part. It returns the field at fault with an error.
func (s *sink) record(p *dataset.Part, i int, record []string) (int, error) {
	p.Examples++
	for k, at := range s.at {
		if s.set == nil {
			p.Data = append(p.Data, record[at]...)
			p.Ends = append(p.Ends, len(p.Data))
			continue
		}
		if err := s.set(p.Data, i*len(s.at)+k, []byte(record[at])); err != nil {
			return at, err
		}
	}
	return 0, nil
}
