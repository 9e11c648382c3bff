package arrow

import (
	arrowgo "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"epochtime/harness/graph"
)

// survey puts the values of the column that are there into its part, as they are in
// the file, and counts the others.
func (v *values) survey(batch arrowgo.RecordBatch) error {
	a, absent, err := v.absent(batch)
	if err != nil {
		return err
	}
	for first, end := 0, 0; first < len(absent); first = end {
		for end < len(absent) && absent[end] == absent[first] {
			end++
		}
		if absent[first] {
			v.Part.Examples -= end - first
			v.Part.Missing += end - first
			continue
		}
		if err := v.appendRows(array.NewSlice(a, int64(first), int64(end))); err != nil {
			return err
		}
	}
	return nil
}

// absent follows the numbers of struct members to the values, and says of each row
// whether it lacks one.
func (v *values) absent(batch arrowgo.RecordBatch) (arrowgo.Array, []bool, error) {
	out := make([]bool, batch.NumRows())
	a, path := batch.Column(v.of.path[0]), v.of.path[1:]
	for {
		a = stored(a)
		if a.Len() != len(out) {
			return nil, nil, v.damaged(errLengths)
		}
		if isNull := nullsOf(a); isNull != nil {
			for i := range out {
				out[i] = out[i] || isNull(i)
			}
		}
		if len(path) == 0 {
			return a, out, nil
		}
		a, path = a.(*array.Struct).Field(path[0]), path[1:]
	}
}

func (v *values) appendRows(a arrowgo.Array) error {
	if v.Sink.DType() == graph.String {
		return v.strings(a)
	}
	_, data, err := plain(a)
	if err != nil {
		return v.damaged(err)
	}
	copy(v.Part.Room(len(data)), data)
	return nil
}
