package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Limits of what is read.
const (
	// ChunkBytes is how much of a file one goroutine decodes at a time.
	ChunkBytes = 1 << 20
	// MaxRecord is the largest record of a file.
	MaxRecord = 256 << 20
	// MaxBytes is the largest column. It stops a mistyped number of examples, or a
	// damaged file, before the machine runs out of memory.
	MaxBytes = 1 << 38

	defaultRoom = 256 << 20
)

// Builder makes a set from files. It opens them, remembers what they were, and
// keeps to the memory it was given: what exceeds that goes to a scratch file,
// which is mapped. A nil or zero Builder has no room and reads all the same.
type Builder struct {
	ctx  context.Context
	set  *Set
	room int // bytes that may still be kept in memory

	survey  bool
	rows    int              // in a survey: examples of the columns, also of those that are refused
	refused map[string]error // in a survey: columns of no use, and why
}

// NewBuilder returns a builder of a set that messages call source. It may keep
// room bytes in memory; 0 stands for 256 MiB. Its readers fail once ctx is done.
func NewBuilder(ctx context.Context, source string, room int) *Builder {
	if room == 0 {
		room = defaultRoom
	}
	return &Builder{ctx: ctx, set: &Set{source: source}, room: room}
}

// NewSurvey returns a builder of a set that is only described: each column stands
// for itself. One that cannot be read is refused alone, and columns may have
// different numbers of examples.
func NewSurvey(ctx context.Context, source string, room int) *Builder {
	b := NewBuilder(ctx, source, room)
	b.survey, b.refused = true, make(map[string]error)
	return b
}

// Survey reports whether columns are only described.
func (b *Builder) Survey() bool { return b != nil && b.survey }

// Refuse returns err, which keeps the column of that name from being read. A survey
// notes it and returns nil, unless reading ends for it: if the context is done.
func (b *Builder) Refuse(name string, err error) error {
	if err == nil || b == nil || !b.survey || b.Context().Err() != nil {
		return err
	}
	if b.refused[name] == nil {
		b.refused[name] = err
	}
	return nil
}

// Refused returns why a survey refused the column of that name, or nil.
func (b *Builder) Refused(name string) error {
	if b == nil {
		return nil
	}
	return b.refused[name]
}

// Surveyed returns the number of examples of the columns that Columns built or, in a
// survey, refused.
func (b *Builder) Surveyed() int {
	if b == nil {
		return 0
	}
	return b.rows
}

// Warn notes what may not be meant in the data, as Set.Warnings returns it.
func (b *Builder) Warn(format string, args ...any) {
	if b != nil {
		s := b.building()
		s.warnings = append(s.warnings, fmt.Sprintf(format, args...))
	}
}

// Context returns the context that the builder reads under.
func (b *Builder) Context() context.Context {
	if b == nil || b.ctx == nil {
		return context.Background()
	}
	return b.ctx
}

// building returns the set that is being made.
func (b *Builder) building() *Set {
	if b.set == nil {
		b.set = &Set{}
	}
	return b.set
}

var errNoBuilder = fmt.Errorf("%w: the builder is nil", ErrUnreadable)

// Source names the set in messages.
func (b *Builder) Source() string {
	if b == nil {
		return ""
	}
	return b.building().source
}

// Open opens a file and describes it. The set remembers it as it is, if it is a regular
// file.
func (b *Builder) Open(path string) (*os.File, fs.FileInfo, error) {
	if b == nil {
		return nil, nil, errNoBuilder
	}
	if err := CheckFile(path); err != nil {
		return nil, nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if info.Mode().IsRegular() {
		b.remember(path, info)
	}
	return f, info, nil
}

// CheckFile returns ErrUnreadable for a pipe or device: data is read more than once,
// and to open a pipe waits for who writes to it.
func CheckFile(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return Errorf(ErrUnreadable, nil, "%s is a pipe or device, and data is read more than once: write it to a file", path)
	}
	return nil
}

func (b *Builder) remember(path string, info fs.FileInfo) {
	s := b.building()
	if !slices.ContainsFunc(s.files, func(f *file) bool { return f.path == path }) {
		s.files = append(s.files, &file{path, info})
	}
}

// OpenStream opens a file to be read from its start to its end, decompressed if
// it is compressed, whatever its name is.
func (b *Builder) OpenStream(path string) (io.ReadCloser, error) {
	f, _, err := b.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := Decompress(f)
	if err != nil {
		f.Close()
		return nil, ReadError(path, err)
	}
	return decompressed{r, f}, nil
}

// decompressed closes the file below a decompressor too.
type decompressed struct {
	io.ReadCloser
	f *os.File
}

func (d decompressed) Close() error { return errors.Join(d.ReadCloser.Close(), d.f.Close()) }

// Reader returns a reader of r that fails once the builder's context is done.
func (b *Builder) Reader(r io.Reader) io.Reader {
	if r == nil {
		r = strings.NewReader("")
	}
	return interruptible{b.Context(), r}
}

type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// ignored are files that systems put into folders, and nobody means.
var ignored = []string{"Thumbs.db", "desktop.ini"}

// List returns the files and folders in a folder, sorted, with links followed and
// without hidden ones. A file that comes or goes later changes the folder, which
// the set remembers.
func (b *Builder) List(dir string) ([]fs.FileInfo, error) {
	if b == nil {
		return nil, errNoBuilder
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	b.remember(dir, info)
	var out []fs.FileInfo
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || slices.Contains(ignored, e.Name()) {
			continue
		}
		info, err := e.Info()
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			info, err = os.Stat(filepath.Join(dir, e.Name()))
		}
		if err == nil {
			err = b.Context().Err()
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		out = append(out, renamed{info, e.Name()})
	}
	return out, nil
}

// renamed is a file's info under the name of the link that led to it.
type renamed struct {
	fs.FileInfo
	name string
}

func (r renamed) Name() string { return r.name }

// Count adds to the size of the files that the set was read from, for files that
// it does not remember one by one.
func (b *Builder) Count(bytes int64) {
	if b != nil {
		b.building().listed += bytes
	}
}

// Add appends a column under that name. It returns ErrUnfit as New does.
func (b *Builder) Add(name string, c Column) error {
	if b == nil {
		return errNoBuilder
	}
	c.name = name
	if b.survey && b.building().Column(name) == nil {
		return b.building().append(c)
	}
	return b.building().add(c)
}

// Guard runs read, which reads mapped columns, as Set.Guard does.
func (b *Builder) Guard(read func()) error {
	if b == nil {
		return (*Set)(nil).Guard(read)
	}
	return b.building().Guard(read)
}

// Columns makes a column for each sink of the parts that read hands to add, in
// order: one for each sink in every call. Examples of one length get the shape of
// the sink's tensor; others become sequences. A column that a survey refuses is zero.
func (b *Builder) Columns(sinks []*Sink, read func(add func([]*Part) error) error) ([]Column, error) {
	return b.columns(sinks, b.Refuse, read)
}

// Column is Columns of one sink. That the column is refused is an error in a survey too.
func (b *Builder) Column(s *Sink, read func(add func(*Part) error) error) (Column, error) {
	if read == nil {
		return Column{}, errNoColumns
	}
	refuse := func(_ string, err error) error { return err }
	columns, err := b.columns([]*Sink{s}, refuse, func(add func([]*Part) error) error {
		return read(func(p *Part) error { return add([]*Part{p}) })
	})
	if err != nil {
		return Column{}, err
	}
	return columns[0], nil
}

var errNoColumns = fmt.Errorf("%w: no columns to build", ErrUnreadable)

// columns is Columns, in which refuse returns nil where the column of that name is
// refused alone.
func (b *Builder) columns(sinks []*Sink, refuse func(name string, err error) error, read func(add func([]*Part) error) error) ([]Column, error) {
	if b == nil || read == nil || slices.Contains(sinks, nil) {
		return nil, errNoColumns
	}
	var columns []*growing // nil where one is refused
	for _, s := range sinks {
		g := b.growing(s)
		defer func() { g.close() }()
		columns = append(columns, g)
	}
	rows := 0
	defer func() { b.rows = max(b.rows, rows) }()
	err := read(func(parts []*Part) error {
		if len(parts) != len(columns) || slices.Contains(parts, nil) {
			return fmt.Errorf("%w: %d parts came for %d columns", ErrUnreadable, len(parts), len(columns))
		}
		if err := b.Context().Err(); err != nil {
			return err
		}
		n := 0
		for _, p := range parts {
			n = max(n, p.Examples+p.Missing)
		}
		rows += n
		for i, p := range parts {
			if columns[i] == nil {
				continue
			}
			if err := columns[i].add(p); err != nil {
				columns[i].close()
				columns[i] = nil
				if err := refuse(sinks[i].Name(), err); err != nil {
					return err
				}
			}
			p.recycle()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b.finished(columns, refuse)
}

// finished returns the columns that were built. One that is refused is zero.
func (b *Builder) finished(columns []*growing, refuse func(name string, err error) error) ([]Column, error) {
	out := make([]Column, len(columns))
	for i, g := range columns {
		switch {
		case g == nil:
			continue
		case g.examples == 0 && g.missing > 0:
			err := fmt.Errorf("%w: has no value in any of %d examples: fill it in", ErrUnfit, g.missing)
			if err = refuse(g.sink.Name(), err); err != nil {
				return nil, err
			}
			continue
		case g.examples == 0:
			return nil, noExamples(b.Source())
		}
		var err error
		if out[i], err = g.finish(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Set returns the set that was built, which the caller closes. The builder is
// empty afterwards, with the room that is left.
func (b *Builder) Set() *Set {
	if b == nil {
		return &Set{}
	}
	s := b.building()
	b.set = &Set{source: s.source}
	return s
}

// Close gives back what a set that is of no use holds.
func (b *Builder) Close() error {
	if b == nil {
		return nil
	}
	return b.building().Close()
}
