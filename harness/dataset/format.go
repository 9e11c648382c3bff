package dataset

import (
	"io"

	"epochtime/harness/graph"
)

// Format reads one kind of data file. It must be safe for concurrent use.
type Format interface {
	// Name returns what the format is called, as in "CSV".
	Name() string
	// Endings lists how names of its files end, in lower case. It is empty for a
	// format of folders.
	Endings() []string
	// Takes reports whether a source, as in Request.Sources without globs, is of
	// the format.
	Takes(source string) bool
	// Typed reports whether files say what type their columns have. The columns of
	// other files are described as text, which may be numbers.
	Typed() bool
	// Tensors lists tensors that take all that the files hold, as it is.
	Tensors(b *Builder, paths []string) ([]graph.Tensor, error)
	// Read adds a column to b for each of q.Tensors. The paths are what q.Sources
	// stand for. Errors are ErrUnreadable and ErrUnfit.
	Read(b *Builder, q Request, paths []string) error
}

// Table is an open file of rows with named fields.
type Table interface {
	// Fields lists what the file holds.
	Fields() ([]Field, error)
	// Bind says which columns Next and Decode are for.
	Bind(sinks []*Sink) error
	// Next returns the next chunk of the file, or io.EOF. One goroutine calls it.
	Next() (Chunk, error)
	io.Closer
}

// Chunk is a piece of a file that is decoded on its own.
type Chunk interface {
	// Decode returns a part for each sink, or none where the chunk is only some
	// columns of the rows. Goroutines decode chunks side by side.
	Decode() ([]*Part, error)
}

// Tables is the Format of files of rows: their chunks are decoded by several
// goroutines, and files are joined end to end.
type Tables struct {
	Called  string   // what Name returns
	Files   []string // what Endings returns
	Untyped bool     // what Typed does not return

	// Open opens a file.
	Open func(b *Builder, path string) (Table, error)
}

// Name implements Format.
func (f Tables) Name() string { return f.Called }

// Endings implements Format.
func (f Tables) Endings() []string { return f.Files }

// Takes implements Format.
func (f Tables) Takes(source string) bool { return HasEnding(source, f.Files) }

// Typed implements Format.
func (f Tables) Typed() bool { return !f.Untyped }

// Tensors implements Format.
func (f Tables) Tensors(b *Builder, paths []string) ([]graph.Tensor, error) {
	fields, err := f.fields(b, paths)
	var out []graph.Tensor
	for _, field := range fields {
		t := graph.Tensor{Name: field.Name, DType: graph.Float64}
		switch {
		case field.Text || f.Untyped:
			t.DType = graph.String
		case field.Integer:
			t.DType = graph.Int64
		case field.Single:
			t.DType = graph.Float32
		}
		out = append(out, t)
	}
	return out, err
}

// Read implements Format.
func (f Tables) Read(b *Builder, q Request, paths []string) error {
	fields, err := f.fields(b, paths)
	if err != nil {
		return err
	}
	sinks, err := match(q, fields)
	if err != nil {
		return err
	}
	columns, err := b.Columns(sinks, func(add func([]*Part) error) error {
		for _, path := range paths {
			if err := f.decode(b, path, sinks, add); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, s := range sinks {
		if err := b.Add(s.tensor.Name, columns[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f Tables) open(b *Builder, path string) (Table, error) {
	if f.Open == nil {
		return nil, Errorf(ErrUnreadable, nil, "nothing opens %s", path)
	}
	return f.Open(b, path)
}

// fields lists what the first file holds.
func (f Tables) fields(b *Builder, paths []string) ([]Field, error) {
	if len(paths) == 0 {
		return nil, Errorf(ErrUnreadable, nil, "no file was named")
	}
	t, err := f.open(b, paths[0])
	if err != nil {
		return nil, err
	}
	defer t.Close() // it was only read
	return t.Fields()
}

// decode hands the parts of one file to add, in order.
func (f Tables) decode(b *Builder, path string, sinks []*Sink, add func([]*Part) error) error {
	t, err := f.open(b, path)
	if err != nil {
		return err
	}
	defer t.Close() // it was only read
	if err := t.Bind(sinks); err != nil {
		return err
	}
	return inOrder(b.Context(), t.Next, Chunk.Decode, func(parts []*Part) error {
		if len(parts) == 0 {
			return nil
		}
		return add(parts)
	})
}
