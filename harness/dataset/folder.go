package dataset

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/graph"
)

// class is a folder of examples that share a label.
type class struct {
	name  string
	files []string
}

// Files that systems put into folders, and nobody means.
var ignored = []string{"Thumbs.db", "desktop.ini"}

// classes lists the class folders of dir, sorted, with all files of each, sorted
// too. Hidden files are skipped, and so are files beside the class folders. ending
// tells whether a file can be an example; any other in a class is an error.
func (r *reader) classes(dir string, ending func(path string) bool, wanted string) ([]class, error) {
	entries, err := r.list(dir)
	if err != nil {
		return nil, err
	}
	var out []class
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case !e.IsDir() && ending(path):
			return nil, fmt.Errorf("%w: %s lies beside the class folders: put each class's files into a folder of their own", ErrUnreadable, path)
		case !e.IsDir():
			continue
		}
		c := class{name: e.Name()}
		if c.files, err = r.examples(path, ending, wanted); err != nil {
			return nil, err
		}
		if len(c.files) == 0 {
			return nil, fmt.Errorf("%w: the class folder %s is empty: remove it, or put its %s there", ErrUnreadable, path, wanted)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: %s holds no class folders, which hold %s", ErrUnreadable, dir, wanted)
	}
	return out, nil
}

// examples lists the files of a class folder and of the folders in it.
func (r *reader) examples(dir string, ending func(string) bool, wanted string) ([]string, error) {
	entries, err := r.list(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			more, err := r.examples(path, ending, wanted)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		case !ending(path):
			return nil, fmt.Errorf("%w: %s is in a class folder and is not one of %s: move it away", ErrUnreadable, path, wanted)
		case !e.Mode().IsRegular():
			return nil, fmt.Errorf("%w: %s is not a file", ErrUnreadable, path)
		case e.Size() == 0:
			return nil, fmt.Errorf("%w: %s is empty", ErrUnreadable, path)
		default:
			out = append(out, path)
		}
	}
	return out, nil
}

// list returns what a folder holds, sorted, links followed, without what is
// hidden. A file that comes or goes changes the folder, which the set remembers.
func (r *reader) list(dir string) ([]fs.FileInfo, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	r.set.files = append(r.set.files, &file{dir, info})
	var out []fs.FileInfo
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || slices.Contains(ignored, e.Name()) {
			continue
		}
		info, err := e.Info()
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			info, err = os.Stat(filepath.Join(dir, e.Name()))
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		out = append(out, named{info, e.Name()})
	}
	return out, nil
}

// named is a file's info under the name of the link that led to it.
type named struct {
	fs.FileInfo
	name string
}

func (n named) Name() string { return n.name }

// hasEnding makes a test of a file's name, capitals or not.
func hasEnding(endings []string) func(string) bool {
	return func(path string) bool { return slices.Contains(endings, strings.ToLower(filepath.Ext(path))) }
}

// labels makes the column of each example's class, numbered from 0, for what a
// graph takes as label: a number, or a vector with 1 at its place.
func labels(t graph.Tensor, dir string, classes []class) (*Column, error) {
	n := int64(len(classes))
	width := int64(1)
	if len(t.Shape) == 2 && t.Shape[1] != nil {
		width = *t.Shape[1]
	}
	knows := t.Categories
	switch {
	case width > 1:
		knows = width
	case knows == 0 && t.DType.IsFloat():
		knows = 2 // one number tells two classes apart
	}
	switch {
	case n == 1:
		return nil, fmt.Errorf("%w: %s holds one class folder, %s: there is nothing to tell apart", ErrUnfit, dir, classes[0].name)
	case knows > 0 && n > knows:
		return nil, fmt.Errorf("%w: %s holds %d class folders, %s of the graph knows %d classes: export it for %d (--classes %d)",
			ErrUnfit, dir, n, t.Name, knows, n, n)
	}
	out := &Column{dtype: graph.Int32}
	if width > 1 {
		out.dtype, out.shape = graph.Uint8, []int{int(width)}
	}
	for _, c := range classes {
		out.examples += len(c.files)
	}
	out.data = graph.Allocate(out.examples * out.RowBytes())
	fillLabels(out, classes, int(width))
	return out, nil
}

func fillLabels(a *Column, classes []class, width int) {
	numbers, row := graph.View[int32](a.data), 0
	for label, c := range classes {
		for range c.files {
			if width > 1 {
				a.data[row*width+label] = 1
			} else {
				numbers[row] = int32(label)
			}
			row++
		}
	}
}

// roles says what each tensor is fed with, of the columns that a source has:
// what --input says, otherwise what guess says; "" if neither does.
func roles(q Request, columns []string, guess func(graph.Tensor) string) (map[string]string, error) {
	out := make(map[string]string)
	used := make(map[string]string)
	for _, t := range q.Tensors {
		role := q.Columns[t.Name]
		if !slices.Contains(columns, role) {
			if role != "" && role != t.Name {
				return nil, fmt.Errorf("%w: %s holds no column %q for %s: it gives %s",
					ErrUnfit, strings.Join(q.Sources, ", "), role, t.Name, strings.Join(columns, " and "))
			}
			role = guess(t)
			if other := used[role]; other != "" && role != "" {
				return nil, unclear(q, columns, fmt.Sprintf("%s and %s of the graph could both be the %s", other, t.Name, role))
			}
		}
		if role == "" {
			return nil, unclear(q, columns, fmt.Sprintf("nothing in it feeds %s of the graph (%s %s)", t.Name, formatFree(t.Shape[1:]), t.DType))
		}
		out[t.Name] = role
		used[role] = t.Name
	}
	return out, nil
}

// unclear is the error of columns that nobody has assigned.
func unclear(q Request, columns []string, what string) error {
	return fmt.Errorf("%w: %s gives %s, and %s: name what feeds it, as in --input %s=%s",
		ErrUnfit, strings.Join(q.Sources, ", "), strings.Join(columns, " and "), what, q.Tensors[0].Name, columns[0])
}
