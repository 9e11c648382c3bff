package dataset

import (
	"errors"
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
	Room      int    // bytes that may be decoded into memory before a scratch file takes over; 0: 256 MiB
}

func (q Request) room() int {
	if q.Room == 0 {
		return unpackBytes
	}
	return q.Room
}

// Open reads the data of a graph. What is read follows from the sources: NumPy
// files as in Read, CSV, Parquet and TFRecord files, a folder of images or plain
// text. Tables and records are decoded at once, up to Room bytes into memory, what
// is more into a scratch file. Close gives back what was mapped. Errors are
// ErrUnreadable and ErrUnfit.
func Open(q Request) (*Set, error) {
	if len(q.Sources) == 0 {
		return nil, fmt.Errorf("%w: no file was named", ErrUnreadable)
	}
	s, err := newReader(q.Sources, q.room()).request(q)
	if err != nil || q.Take == 0 {
		return s, err
	}
	drawn, err := newReader(q.Sources, q.room()).draw(s, q.Take, q.Seed)
	return drawn, errors.Join(err, s.Close())
}

func (r *reader) request(q Request) (*Set, error) {
	paths, kind, err := expand(q.Sources)
	if err != nil {
		return nil, err
	}
	var read func(Request, []string) error
	switch kind {
	case numpyFiles:
		return r.read(paths, q.arrays())
	case imageFiles:
		if len(paths) > 1 {
			return nil, fmt.Errorf("%w: %s: one folder of images is read at a time", ErrUnreadable, paths[1])
		}
		return readImages(paths[0], q)
	case textFiles:
		return readText(paths, q)
	case csvFiles:
		read = r.readCSV
	case parquetFiles:
		read = r.readParquet
	case recordFiles:
		read = r.readRecords
	default:
		return nil, fmt.Errorf("%w: %s is not read yet", ErrUnreadable, kind)
	}
	if err := read(q, paths); err != nil {
		_ = r.set.Close() // the set is of no use
		return nil, err
	}
	return r.set, nil
}

// arrays are the names of the arrays for all tensors.
func (q *Request) arrays() map[string]string {
	out := make(map[string]string)
	for _, t := range q.Tensors {
		out[t.Name] = t.Name
		if name, ok := q.Columns[t.Name]; ok {
			out[t.Name] = name
		}
	}
	return out
}
