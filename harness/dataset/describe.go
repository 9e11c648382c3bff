package dataset

import (
	"archive/zip"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/graph"
)

// Description says what data files hold.
type Description struct {
	Sources  []string            `json:"sources"`
	Kind     string              `json:"kind"` // CSV, Parquet, TFRecord, NumPy arrays, images or text
	Examples int                 `json:"examples"`
	Bytes    int64               `json:"bytes"` // of the files
	Columns  []ColumnDescription `json:"columns"`
}

// ColumnDescription says what one column holds.
type ColumnDescription struct {
	Name     string      `json:"name"`
	DType    graph.DType `json:"dtype"`
	Shape    []int       `json:"shape"`              // of an example, or of one row of a sequence
	Lengths  []int       `json:"lengths,omitempty"`  // shortest and longest sequence
	Low      *float64    `json:"low,omitempty"`      // smallest value
	High     *float64    `json:"high,omitempty"`     // largest value
	Distinct int         `json:"distinct,omitempty"` // different strings; MostDistinct: that many or more
}

// MostDistinct is up to where different strings are counted.
const MostDistinct = 1 << 20

// Describe reads files whole and says what they hold. Errors are ErrUnreadable
// and ErrUnfit.
func Describe(sources []string) (*Description, error) {
	paths, kind, err := expand(sources)
	if err != nil {
		return nil, err
	}
	r := newReader(sources, unpackBytes)
	d := &Description{Sources: paths, Kind: string(kind)}
	s, err := r.whole(paths, kind)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for _, f := range s.files {
		d.Bytes += f.info.Size()
	}
	d.Examples = s.examples
	for i := range s.columns {
		var c ColumnDescription
		if err := s.Guard(func() { c = describe(s.columns[i], kind == csvFiles) }); err != nil {
			return nil, err
		}
		d.Columns = append(d.Columns, c)
	}
	return d, nil
}

// whole reads all columns that the files hold.
func (r *reader) whole(paths []string, kind fileKind) (*Set, error) {
	q := Request{Sources: paths}
	var fields []field
	var err error
	switch kind {
	case numpyFiles:
		arrays, err := storedArrays(paths)
		if err != nil {
			return nil, err
		}
		return r.read(paths, arrays)
	case csvFiles:
		fields, err = r.csvFields(paths[0])
	case parquetFiles:
		fields, err = r.parquetFields(paths[0])
	case recordFiles:
		fields, err = r.features(paths[0])
	case textFiles:
		fields = []field{{name: "text", text: true}}
	case imageFiles:
		fields = []field{{name: "image", list: true}, {name: "label", whole: true}}
		if holdsTexts(paths[0]) {
			fields[0] = field{name: "text", text: true}
		}
	}
	if err != nil {
		return nil, err
	}
	r.set.files = nil // they were opened to see the columns only
	for _, f := range fields {
		q.Tensors = append(q.Tensors, f.tensor(kind))
	}
	return r.request(q)
}

// tensor takes what a field holds as it is.
func (f field) tensor(kind fileKind) graph.Tensor {
	t := graph.Tensor{Name: f.name, DType: graph.Float64}
	switch {
	case kind == imageFiles && f.list:
		t.DType, t.Shape = graph.Float32, make([]*int64, 4)
	case f.text || kind == csvFiles:
		t.DType = graph.String
	case f.whole:
		t.DType = graph.Int64
	case f.single:
		t.DType = graph.Float32
	}
	if kind == textFiles || kind == imageFiles && !f.list {
		t.Shape = make([]*int64, 1)
	}
	return t
}

// storedArrays lists the arrays of NumPy files.
func storedArrays(paths []string) (map[string]string, error) {
	out := make(map[string]string)
	for _, path := range paths {
		if name, _, named := SplitSource(path); named {
			out[name] = name
			continue
		}
		z, err := zip.OpenReader(path)
		if err != nil {
			return nil, fmt.Errorf("%w: %s is not an .npz file, or is cut short: %w", ErrUnreadable, path, err)
		}
		defer z.Close()
		for _, m := range z.File {
			name := strings.TrimSuffix(m.Name, ".npy")
			out[name] = name
		}
	}
	for name := range out {
		if base, is := strings.CutSuffix(name, ".lengths"); is && out[base] != "" {
			delete(out, name)
		}
	}
	return out, nil
}

// describe sums a column up; typed says that its strings may be numbers.
func describe(c *Column, typed bool) ColumnDescription {
	d := ColumnDescription{Name: c.name, DType: c.dtype, Shape: append([]int{}, c.shape...)}
	if c.Ragged() {
		d.Lengths = []int{c.Length(0), c.Length(0)}
		for i := range len(c.offsets) - 1 {
			d.Lengths[0], d.Lengths[1] = min(d.Lengths[0], c.Length(i)), max(d.Lengths[1], c.Length(i))
		}
	}
	switch {
	case c.files != nil:
	case c.bounds == nil:
		d.numbers(c)
	case !typed || !d.written(c):
		d.strings(c)
	}
	return d
}

// numbers finds the smallest and the largest value.
func (d *ColumnDescription) numbers(c *Column) {
	get, err := getter(c.dtype)
	if err != nil {
		return
	}
	size := c.dtype.Size()
	for at := 0; at < len(c.data); at += fitBytes {
		part := c.bytes(at, min(at+fitBytes, len(c.data)))
		for i := 0; i < len(part); i += size {
			d.include(get(part[i:]))
		}
	}
}

func (d *ColumnDescription) include(v float64) {
	if d.Low == nil {
		low, high := v, v
		d.Low, d.High = &low, &high
		return
	}
	*d.Low, *d.High = min(*d.Low, v), max(*d.High, v)
}

// written takes a column of text for numbers, if all of it is: whole numbers, or
// others.
func (d *ColumnDescription) written(c *Column) bool {
	kind := graph.Int64
	for k := range len(c.bounds) - 1 {
		text := string(c.Text(k))
		if i := slices.Index(truths, text); i >= 0 {
			d.include(float64(i % 2))
			continue
		}
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			kind = graph.Float64
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			d.Low, d.High = nil, nil
			return false
		}
		d.include(v)
	}
	d.DType = kind
	return true
}

// strings counts the different strings.
func (d *ColumnDescription) strings(c *Column) {
	seen := make(map[string]struct{})
	for k := range len(c.bounds) - 1 {
		seen[string(c.Text(k))] = struct{}{}
		if len(seen) == MostDistinct {
			break
		}
	}
	d.Distinct = len(seen)
}
