package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"strconv"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/files"
	"epochtime/harness/graph"
	"epochtime/internal/flaghint"
)

// contents is what is read of a file.
type contents struct {
	Kind    string   `json:"kind,omitempty"`    // the name of the format
	Refused string   `json:"refused,omitempty"` // why nothing is read, and what to do
	Columns []column `json:"columns,omitempty"`
}

// column holds the values of a column end to end.
type column struct {
	Name    string      `json:"name"`
	DType   graph.DType `json:"dtype,omitempty"`
	Refused string      `json:"refused,omitempty"` // why it is not read, and what to do
	Lengths []int       `json:"lengths,omitempty"` // values of each row
	Each    int         `json:"each,omitempty"`    // values of every row, without lengths
	Rows    int         `json:"rows"`
	Numbers string      `json:"numbers,omitempty"` // in decimal, apart by blanks
	Texts   [][]byte    `json:"texts,omitempty"`
}

// read reads the columns that a description of the file calls usable, as a launch
// does.
func read(ctx context.Context, path string) contents {
	d, err := files.Describe(ctx, dataset.Request{Sources: []string{path}})
	if err != nil {
		return contents{Refused: reason(err)}
	}
	out := contents{Kind: d.Kind, Columns: make([]column, len(d.Columns))}
	for i, c := range d.Columns {
		out.Columns[i] = readColumn(ctx, path, c)
	}
	return out
}

// reason is an error as the programs show it.
func reason(err error) string {
	text := err.Error()
	if flag := flaghint.For(err); flag != "" {
		text += ": " + flag
	}
	return text
}

// readColumn reads one column as its description says it is.
func readColumn(ctx context.Context, path string, d files.ColumnDescription) column {
	if d.Unusable != "" {
		return column{Name: d.Name, Refused: d.Unusable}
	}
	out := column{Name: d.Name, DType: d.DType}
	tensor := graph.Tensor{Name: d.Name, DType: d.DType}
	set, err := files.Open(ctx, dataset.Request{Sources: []string{path}, Tensors: []graph.Tensor{tensor}})
	if err != nil {
		return column{Name: d.Name, Refused: reason(err)}
	}
	defer set.Close() // it was only read
	if lost := set.Guard(func() { out.fill(set.Column(d.Name)) }); lost != nil {
		return column{Name: d.Name, Refused: reason(lost)}
	}
	return out
}

// fill takes the values of a column.
func (c *column) fill(from *dataset.Column) {
	c.DType, c.Rows, c.Each = from.DType(), from.Examples(), graph.Count(from.Shape())
	if from.Ragged() {
		for i := range from.Examples() {
			c.Lengths = append(c.Lengths, from.Length(i)*c.Each)
		}
	}
	if from.DType() == graph.String {
		for k := range from.Strings() {
			c.Texts = append(c.Texts, append([]byte{}, from.Text(k)...)) // JSON has null for nil
		}
		return
	}
	c.Numbers = decimals(from.Rows(0, from.Examples()), from.DType())
}

// decimals writes numbers such that each reads back as the same one. Those of 64 bits
// would not all survive as float64.
func decimals(data []byte, d graph.DType) string {
	elements, b := d.Elements(), make([]byte, 0, len(data))
	if elements == nil {
		return ""
	}
	for i := range len(data) / cmp.Or(d.Size(), 1) {
		switch {
		case d == graph.Int64:
			b = strconv.AppendInt(b, int64(word(data, i)), 10)
		case d == graph.Uint64:
			b = strconv.AppendUint(b, word(data, i), 10)
		case d.IsFloat():
			b = strconv.AppendFloat(b, elements.Get(data, i), 'g', -1, 64)
		default:
			b = strconv.AppendInt(b, int64(elements.Get(data, i)), 10)
		}
		b = append(b, ' ')
	}
	return strings.TrimSpace(string(b))
}

// word is the 64 bits of number i.
func word(data []byte, i int) uint64 { return binary.LittleEndian.Uint64(data[8*i:]) }
