package arrays

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/idx"
	"epochtime/harness/dataset/numpy"
	"epochtime/harness/graph"
)

// What the sources are.
const (
	archives = iota // .npz files, joined end to end
	named           // NAME=FILE each
	lone            // a file of one array, which goes by its stem
)

// catalog is all arrays of the sources.
type catalog struct {
	b     *dataset.Builder
	kind  int
	files []file
}

// file is one source: an archive, or an array of that name.
type file struct {
	path    string
	name    string
	archive *numpy.Archive
}

// lengthsSuffix ends the name of the array that cuts another into sequences.
const lengthsSuffix = ".lengths"

// open looks at the sources. The caller closes the catalog.
func open(b *dataset.Builder, paths []string) (*catalog, error) {
	if len(paths) == 0 {
		return nil, dataset.Errorf(dataset.ErrUnreadable, nil, "no file was named")
	}
	c := &catalog{b: b}
	unnamed := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { _, _, named := dataset.SplitSource(p); return named })
	packed := slices.DeleteFunc(slices.Clone(unnamed), func(p string) bool { return !isArchive(b, p) })
	switch {
	case len(packed) == len(paths):
		return c, c.openArchives(paths)
	case len(paths) == 1 && len(unnamed) == 1:
		c.kind, c.files = lone, []file{{path: paths[0], name: stem(paths[0])}}
		return c, nil
	case len(unnamed) > 0:
		return nil, dataset.Errorf(dataset.ErrUnreadable, []error{dataset.ErrArray}, "of several sources each is NAME=FILE.npy, which %q is not", unnamed[0])
	}
	c.kind = named
	for _, source := range paths {
		name, path, _ := dataset.SplitSource(source)
		if slices.Contains(c.names(), name) {
			return nil, dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrArray}, "two files are given for %q", name)
		}
		c.files = append(c.files, file{path: path, name: name})
	}
	return c, nil
}

func (c *catalog) openArchives(paths []string) error {
	for _, path := range paths {
		a, err := numpy.OpenArchive(c.b, path)
		if err != nil {
			c.close()
			return err
		}
		c.files = append(c.files, file{path: path, archive: a})
	}
	return nil
}

// close closes archives, which were only read.
func (c *catalog) close() {
	for _, f := range c.files {
		_ = f.archive.Close()
	}
}

// isArchive reports whether a file is an .npz archive by its name or by what it holds.
func isArchive(b *dataset.Builder, path string) bool {
	if dataset.HasEnding(path, []string{".npz"}) {
		return true
	}
	_, head, closer, err := b.OpenBody(path)
	if err != nil {
		return false // it is an error where it is read
	}
	defer closer.Close() // it was only read
	return numpy.IsArchive(head)
}

// endings are the parts of an array file's name that do not name it.
var endings = regexp.MustCompile(`(?i)(\.npy|\.idx|[.-]idx\d+-\w+)$`)

// stem is what a file of one array calls it.
func stem(path string) string {
	name := filepath.Base(path)
	if s := endings.ReplaceAllString(dataset.Unpacked(name), ""); s != "" {
		return s
	}
	return name
}

// names lists the arrays, sorted.
func (c *catalog) names() []string {
	var out []string
	for _, f := range c.files {
		if f.archive == nil {
			out = append(out, f.name)
			continue
		}
		return f.names() // others are joined to those of the first
	}
	slices.Sort(out)
	return out
}

// names lists the arrays of an archive, without those that hold lengths of others.
func (f *file) names() []string {
	all := f.archive.Names()
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool {
		base, is := strings.CutSuffix(name, lengthsSuffix)
		return is && slices.Contains(all, base)
	})
}

// of lists the files that the array of that name is in, end to end.
func (c *catalog) of(name string) []file {
	if c.kind == archives {
		return c.files
	}
	return slices.DeleteFunc(slices.Clone(c.files), func(f file) bool { return f.name != name })
}

// field describes an array. What keeps it from being fed is an error of a lone one,
// which has nothing else to show.
func (c *catalog) field(name string) (dataset.Field, error) {
	out := dataset.Field{Name: name}
	f := c.of(name)[0]
	a, err := f.open(c.b, name)
	var bad *headError
	switch {
	case errors.As(err, &bad) && c.kind != lone:
		out.Unusable = strings.TrimPrefix(bad.err.Error(), "it ")
		return out, nil
	case err != nil:
		return out, err
	}
	defer a.Close() // it was only read
	out.DType, out.Shape = a.dtype, make([]*int64, 1)
	for _, n := range a.shape[1:] {
		size := int64(n)
		out.Shape = append(out.Shape, &size)
	}
	if f.archive != nil && slices.Contains(f.archive.Names(), name+lengthsSuffix) {
		out.List, out.Shape = true, slices.Insert(out.Shape, 1, nil)
	}
	return out, nil
}

// array is an array whose head was read.
type array struct {
	dtype graph.DType
	shape []int
	read  func() (dataset.Column, error)
	io.Closer
}

// headError: the head of an array says that it is damaged or of no use.
type headError struct {
	where string
	err   error
}

func (e *headError) Error() string {
	return fmt.Sprintf("%v: %s: %v", dataset.ErrUnreadable, e.where, e.err)
}
func (e *headError) Unwrap() []error { return []error{dataset.ErrUnreadable, e.err} }

// open reads the head of an array, which the caller closes.
func (f *file) open(b *dataset.Builder, name string) (*array, error) {
	if f.archive != nil {
		where := f.path + " (" + name + ")"
		body, closer, err := f.archive.Body(name)
		if err != nil {
			return nil, err
		}
		if body == nil {
			return nil, f.without(name)
		}
		return head(b, where, body, closer, false)
	}
	body, start, closer, err := b.OpenBody(f.path)
	if err != nil {
		return nil, err
	}
	isIdx := !numpy.Begins(start) && (idx.Begins(start) || !dataset.HasEnding(dataset.Unpacked(f.path), []string{".npy"}) && dataset.HasEnding(f.path, dataset.ArrayEndings()))
	return head(b, f.path, body, closer, isIdx)
}

func head(b *dataset.Builder, where string, body *dataset.Body, closer io.Closer, isIdx bool) (*array, error) {
	var err error
	out := &array{Closer: closer}
	if isIdx {
		var a *idx.Array
		if a, err = idx.Head(body); err == nil {
			out.dtype, out.shape, out.read = a.DType, a.Shape, func() (dataset.Column, error) { return a.Column(b, where, body) }
		}
	} else {
		var a *numpy.Array
		if a, err = numpy.Head(body); err == nil {
			out.dtype, out.shape, out.read = a.DType, a.Shape, func() (dataset.Column, error) { return a.Column(b, where, body) }
		}
	}
	if err != nil {
		_ = closer.Close() // it was only read
		return nil, &headError{where, err}
	}
	return out, nil
}

// without is the error of an array that the file does not hold.
func (f *file) without(name string) error {
	return dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrColumn}, "%s", f.lacks(name))
}

// lacks says that the file does not hold an array, and what it holds.
func (f *file) lacks(name string) string {
	holds := f.name
	if f.archive != nil {
		holds = strings.Join(f.names(), ", ")
	}
	return fmt.Sprintf("%s has no array %q; it holds %s", f.path, name, cmp.Or(holds, "nothing"))
}
