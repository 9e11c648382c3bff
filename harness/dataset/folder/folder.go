// Package folder lists folders of examples that hold a folder for each class.
package folder

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// labelColumn is the column of classes.
const labelColumn = "label"

// Class is a folder of examples that share a label.
type Class struct {
	Name  string
	Files []string
}

// Classes lists the class folders of dir, sorted, with all files of each, sorted
// too. It skips hidden files, and files beside the class folders that are no
// examples. Examples have one of the endings; any other file in a class folder is
// an error, and so is an empty one.
func Classes(b *dataset.Builder, dir string, endings []string) ([]Class, error) {
	entries, err := b.List(dir)
	if err != nil {
		return nil, err
	}
	wanted := list(endings)
	var out []Class
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case !e.IsDir() && dataset.HasEnding(path, endings):
			return nil, fmt.Errorf("%w: %s is beside the class folders: put the files of each class into a folder of their own", dataset.ErrUnreadable, path)
		case !e.IsDir():
			continue
		}
		c := Class{Name: e.Name()}
		if c.Files, err = examples(b, path, endings); err != nil {
			return nil, err
		}
		if len(c.Files) == 0 {
			return nil, fmt.Errorf("%w: the class folder %s is empty: remove it, or put its %s there", dataset.ErrUnreadable, path, wanted)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: %s holds no class folders: put the %s files of each class into a folder of their own there", dataset.ErrUnreadable, dir, wanted)
	}
	if named := parts(out); named != nil {
		b.Warn("%s: the classes are called %s, which are the parts of a data set: give %s to train on its classes",
			dir, strings.Join(named, " and "), filepath.Join(dir, trained(named)))
	}
	return out, nil
}

// list writes endings as in ".jpg, .png or .gif".
func list(endings []string) string {
	out := ""
	for i, e := range endings {
		switch {
		case i > 0 && i == len(endings)-1:
			out += " or "
		case i > 0:
			out += ", "
		}
		out += e
	}
	return out
}

// examples lists the files of a class folder and of the folders in it.
func examples(b *dataset.Builder, dir string, endings []string) ([]string, error) {
	var out []string
	err := Walk(b, dir, func(path string, info fs.FileInfo) error {
		switch {
		case !dataset.HasEnding(path, endings):
			return fmt.Errorf("%w: %s is in a class folder and is not one of %s: move it away, or save it as one", dataset.ErrUnreadable, path, list(endings))
		case !info.Mode().IsRegular():
			return fmt.Errorf("%w: %s is not a file", dataset.ErrUnreadable, path)
		case info.Size() == 0:
			return fmt.Errorf("%w: %s is empty", dataset.ErrUnreadable, path)
		}
		b.Count(info.Size())
		out = append(out, path)
		return nil
	})
	return out, err
}

// Files lists the examples of all classes, in their order.
func Files(classes []Class) []string {
	var out []string
	for _, c := range classes {
		out = append(out, c.Files...)
	}
	return out
}

// Takes reports whether a tensor can hold labels: a number per example, or a vector
// with 1 at the place of the class.
func Takes(t graph.Tensor) bool { return len(t.Shape) <= 2 && t.DType != graph.String }

// Labels makes the column of the class of each example, numbered from 0, as the
// tensor takes it: a number, or a vector with 1 at its place. dir is for messages.
func Labels(b *dataset.Builder, t graph.Tensor, dir string, classes []Class) (dataset.Column, error) {
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
	case n == 0:
		return dataset.Column{}, fmt.Errorf("%w: %s holds no class folders", dataset.ErrUnfit, dir)
	case n == 1:
		return dataset.Column{}, fmt.Errorf("%w: %s holds one class folder, %s: there is nothing to tell apart%s", dataset.ErrUnfit, dir, classes[0].Name, within(dir, classes[0].Name))
	case knows > 0 && n > knows:
		return dataset.Column{}, dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrClasses},
			"%s holds %d class folders, %s of the graph knows %d classes: export it for %d", dir, n, t.Name, knows, n)
	}
	return numbered(b, t.Name, classes, int(width))
}

// within says what to give instead, where a folder is one part of a data set.
func within(dir, class string) string {
	if Split(class) == "" {
		return ""
	}
	return ": give " + filepath.Join(dir, class) + " to train on its classes"
}

// numbered makes labels of width elements each.
func numbered(b *dataset.Builder, name string, classes []Class, width int) (dataset.Column, error) {
	t := graph.Tensor{Name: name, DType: graph.Int32, Shape: make([]*int64, 1)}
	if width > 1 {
		size := int64(width)
		t.DType, t.Shape = graph.Uint8, append(t.Shape, &size)
	}
	return b.Column(dataset.NewSink(t), func(add func(*dataset.Part) error) error {
		for label, c := range classes {
			for some := range slices.Chunk(c.Files, max(1, dataset.ChunkBytes/width)) {
				if err := add(part(label, len(some), width)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// part holds n examples of one label.
func part(label, n, width int) *dataset.Part {
	p := &dataset.Part{Examples: n}
	if width == 1 {
		numbers := graph.View[int32](p.Room(4 * n))
		for i := range numbers {
			numbers[i] = int32(label)
		}
		return p
	}
	vectors := p.Room(width * n)
	for i := range n {
		vectors[i*width+label] = 1
		p.Lengths = append(p.Lengths, width)
	}
	return p
}
