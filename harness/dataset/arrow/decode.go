package arrow

import (
	"errors"
	"fmt"
	"slices"

	arrowgo "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/columnar"
	"epochtime/harness/graph"
)

// chunk is a record batch.
type chunk struct {
	*file
	rows, first int64 // how many, and the first of them
	load        loader
}

// Decode implements dataset.Chunk.
func (c *chunk) Decode() ([]*dataset.Part, error) {
	batch, err := c.load()
	if err != nil || c.rows == 0 {
		return nil, err
	}
	if batch.NumRows() != c.rows {
		return nil, c.damaged(errLengths)
	}
	var parts []*dataset.Part
	for range c.sinks {
		parts = append(parts, &dataset.Part{Examples: int(c.rows)})
	}
	for _, b := range c.bound {
		p := parts[b.part]
		if p.Refused != nil {
			continue
		}
		v := &values{of: b.column, Column: columnar.Column{
			Path: c.path, Name: b.Name, Sink: b.sink, Field: b.field, Part: p, First: func() int64 { return c.first },
		}}
		if p.Refused = v.read(batch); errors.Is(p.Refused, columnar.ErrDamaged) {
			return nil, p.Refused
		}
	}
	return parts, nil
}

// values are those of one column of a batch.
type values struct {
	columnar.Column
	of column
}

var errLengths = errors.New("its parts differ in length")

// read puts the column of a batch into its part.
func (v *values) read(batch arrowgo.RecordBatch) (err error) {
	defer columnar.Contain(&err, v.damaged)
	if v.Sink.Surveys() && !v.of.list {
		return v.survey(batch)
	}
	a, err := v.member(batch.Column(v.of.path[0]), v.of.path[1:], int(batch.NumRows()), v.Null)
	if err != nil {
		return err
	}
	if v.of.list {
		if a, err = v.lists(a); err != nil {
			return err
		}
	}
	if v.Sink.DType() == graph.String {
		return v.strings(a)
	}
	return v.numbers(a)
}

// member follows the numbers of struct members to an array of n values. It returns
// what null says of the first one that is missing.
func (v *values) member(a arrowgo.Array, path []int, n int, null func(int) error) (arrowgo.Array, error) {
	for {
		a = stored(a)
		if a.Len() != n {
			return nil, v.damaged(errLengths)
		}
		if k := firstNull(a); k >= 0 {
			return nil, null(k)
		}
		if len(path) == 0 {
			return a, nil
		}
		a, path = a.(*array.Struct).Field(path[0]), path[1:]
	}
}

func (v *values) damaged(err error) error { return columnar.Damaged(v.Path, v.Name, err) }

// stored returns what an extension array is made of.
func stored(a arrowgo.Array) arrowgo.Array {
	if extension, ok := a.(array.ExtensionArray); ok {
		return stored(extension.Storage())
	}
	return a
}

// firstNull returns the number of the first value that is missing, or -1.
func firstNull(a arrowgo.Array) int {
	isNull := nullsOf(a)
	if isNull == nil {
		return -1
	}
	for i := range a.Len() {
		if isNull(i) {
			return i
		}
	}
	return -1
}

// nullsOf returns what tells whether a value is missing, or nil where none is. A value
// of a dictionary may be missing there.
func nullsOf(a arrowgo.Array) func(i int) bool {
	var entries arrowgo.Array
	d, encoded := a.(*array.Dictionary)
	if encoded {
		entries = stored(d.Dictionary())
	}
	hollow := encoded && entries.NullN() > 0
	if a.NullN() == 0 && !hollow {
		return nil
	}
	return func(i int) bool { return a.IsNull(i) || hollow && entries.IsNull(d.GetValueIndex(i)) }
}

// lists notes the lengths of the lists in an array, and returns the array of what is
// in them.
func (v *values) lists(a arrowgo.Array) (arrowgo.Array, error) {
	l, ok := a.(array.ListLike)
	if !ok {
		return nil, v.damaged(errors.New("it holds no lists"))
	}
	lengths := make([]int, a.Len())
	first, _ := l.ValueOffsets(0)
	end := first
	for i := range lengths {
		from, to := l.ValueOffsets(i)
		switch {
		case from != end || to < from || to > int64(l.ListValues().Len()):
			return nil, v.damaged(errors.New("its lists overlap"))
		case to == from:
			return nil, v.Empty(i)
		}
		lengths[i], end = int(to-from), to
	}
	v.Part.Lengths = lengths
	return v.member(array.NewSlice(l.ListValues(), first, end), v.of.below, int(end-first), v.emptyAt)
}

// emptyAt is the error of a list that lacks value k of the part.
func (v *values) emptyAt(k int) error {
	row := 0
	for row < len(v.Part.Lengths)-1 && k >= v.Part.Lengths[row] {
		k -= v.Part.Lengths[row]
		row++
	}
	return v.Empty(row)
}

// numbers puts numbers into the part: as they are in the file if that is possible.
func (v *values) numbers(a arrowgo.Array) error {
	from, data, err := plain(a)
	if err != nil {
		return v.damaged(err)
	}
	if v.Direct(from) {
		v.Part.Data = data
		return v.Check(from)(0, data)
	}
	if v.Field == 0 {
		v.Part.Data = graph.Allocate(a.Len() * len(v.Sink.Fields()) * v.Sink.DType().Size())
	}
	write, err := v.Writer(from)
	if _, decimal := decimalOf(a); decimal {
		write, err = v.DecimalWriter()
	}
	if err != nil {
		return err
	}
	return write(0, data)
}

// strings copies the strings of an array into the part.
func (v *values) strings(a arrowgo.Array) error {
	add, err := v.adder(a)
	if err != nil {
		return v.damaged(err)
	}
	v.Part.Ends = slices.Grow(v.Part.Ends, a.Len())
	for i := range a.Len() {
		if err := add(i); err != nil {
			return err
		}
	}
	return nil
}

// adder returns what adds string i of an array to the part.
func (v *values) adder(a arrowgo.Array) (func(i int) error, error) {
	switch a := a.(type) {
	case array.StringLike:
		return func(i int) error { return columnar.AddText(&v.Column, a.Value(i)) }, nil
	case interface{ Value(i int) []byte }: // bytes of any kind
		return func(i int) error { return columnar.AddText(&v.Column, a.Value(i)) }, nil
	case *array.Dictionary:
		add, err := v.adder(stored(a.Dictionary()))
		return func(i int) error { return add(a.GetValueIndex(i)) }, err
	}
	return nil, fmt.Errorf("it holds %s", a.DataType())
}
