package dataset

import "io"

// Format reads one kind of data file. It must be safe for concurrent use.
type Format interface {
	// Name returns what the format is called, as in "CSV".
	Name() string
	// Endings lists how names of its files end, in lower case. It is empty for a
	// format of folders.
	Endings() []string
	// Takes reports whether a source, as in Request.Sources without globs, is of
	// the format by its name or, a folder, by what is in it.
	Takes(source string) bool
	// Holds reports whether a file of another name is of the format: head is how it
	// begins, HeadBytes of it, decompressed.
	Holds(head []byte) bool
	// Fields lists what the files hold. Of q, the tensors do not matter.
	Fields(b *Builder, q Request, paths []string) ([]Field, error)
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
	Called string                 // what Name returns
	Files  []string               // what Endings returns
	Begins func(head []byte) bool // what Holds returns; nil: names alone tell

	// Open opens a file. Of the request, only how to read it matters.
	Open func(b *Builder, q Request, path string) (Table, error)
}

// Name implements Format.
func (f Tables) Name() string { return f.Called }

// Endings implements Format.
func (f Tables) Endings() []string { return f.Files }

// Takes implements Format.
func (f Tables) Takes(source string) bool { return HasEnding(source, f.Files) }

// Holds implements Format.
func (f Tables) Holds(head []byte) bool { return f.Begins != nil && f.Begins(head) }

// Fields implements Format. It lists what the first file holds, and in a survey whether
// the others hold it too.
func (f Tables) Fields(b *Builder, q Request, paths []string) ([]Field, error) {
	fields, err := f.first(b, q, paths)
	if err != nil || !b.Survey() {
		return fields, err
	}
	return f.joined(b, q, fields, paths[1:])
}

// first returns what the first file holds.
func (f Tables) first(b *Builder, q Request, paths []string) ([]Field, error) {
	if len(paths) == 0 {
		return nil, Errorf(ErrUnreadable, nil, "no file was named")
	}
	return f.list(b, q, paths[0])
}

// list returns what a file holds, each name once.
func (f Tables) list(b *Builder, q Request, path string) ([]Field, error) {
	t, err := f.open(b, q, path)
	if err != nil {
		return nil, err
	}
	defer t.Close() // it was only read
	fields, err := t.Fields()
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(fields))
	for _, field := range fields {
		if seen[field.Name] {
			return nil, CalledAlike(path, field.Name)
		}
		seen[field.Name] = true
	}
	return fields, nil
}

// CalledAlike is the error of a file with two columns of one name.
func CalledAlike(path, name string) error {
	return Errorf(ErrUnreadable, nil, "%s has two columns called %q: give each a name of its own", path, name)
}

// Read implements Format.
func (f Tables) Read(b *Builder, q Request, paths []string) error {
	fields, err := f.first(b, q, paths)
	if err != nil {
		return err
	}
	sinks, err := match(q, fields)
	if err != nil {
		return err
	}
	columns, err := b.Columns(sinks, func(add func([]*Part) error) error {
		for _, path := range paths {
			if err := f.decode(b, q, path, sinks, add); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, s := range sinks {
		if columns[i].dtype == "" {
			continue // a survey refused it
		}
		if err := b.Add(s.tensor.Name, columns[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f Tables) open(b *Builder, q Request, path string) (Table, error) {
	if f.Open == nil {
		return nil, Errorf(ErrUnreadable, nil, "nothing opens %s", path)
	}
	return f.Open(b, q, path)
}

// decode hands the parts of one file to add, in order.
func (f Tables) decode(b *Builder, q Request, path string, sinks []*Sink, add func([]*Part) error) error {
	t, err := f.open(b, q, path)
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
