package dataset

import (
	"fmt"

	"epochtime/harness/graph"
)

// Request says which data Open reads, and for which tensors of a graph.
type Request struct {
	Sources   []string          // files, globs, one folder, or NAME=FILE.npy each
	Tensors   []graph.Tensor    // what the data holds: Manifest.DataTensors
	Columns   map[string]string // a tensor's name to its column or array; several columns are A,B,C
	Take      int               // so many examples, drawn at random; 0: all, in order
	Seed      uint64            // of Take
	Text      TextOptions
	ImageSize [2]int // height and width to which images are resized; zero: the graph's
}

// Open reads the data of a graph. What is read follows from the names of the
// sources: .npz and .npy as in Read. Close gives back what was mapped. Errors
// are ErrUnreadable and ErrUnfit.
func Open(q Request) (*Set, error) {
	if q.Take != 0 {
		return nil, fmt.Errorf("%w: drawing %d examples at random is not there yet", ErrUnfit, q.Take)
	}
	arrays := make(map[string]string)
	for _, t := range q.Tensors {
		arrays[t.Name] = t.Name
		if column, ok := q.Columns[t.Name]; ok {
			arrays[t.Name] = column
		}
	}
	return Read(q.Sources, arrays)
}
