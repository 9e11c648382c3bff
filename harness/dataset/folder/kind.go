package folder

import (
	"fmt"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Kind is what the files in class folders are. It reads them for a dataset.Format.
type Kind struct {
	Files   string       // for messages, in the plural
	Example graph.Tensor // the column of the files
	Endings []string
	Takes   func(graph.Tensor) bool // reports whether a tensor can hold the files

	// Column makes the column of all files as a tensor takes them.
	Column func(*dataset.Builder, graph.Tensor, dataset.Request, []string) (dataset.Column, error)
}

// Fields returns the columns of the files and of their classes.
func (k Kind) Fields() []dataset.Field {
	return []dataset.Field{
		{Name: k.Example.Name, DType: k.Example.DType, Shape: k.Example.Shape},
		{Name: LabelColumn, DType: graph.Int64, Shape: make([]*int64, 1)},
	}
}

// Read adds the columns that a request takes from one folder of class folders.
func (k Kind) Read(b *dataset.Builder, q dataset.Request, paths []string) error {
	if len(paths) != 1 {
		return fmt.Errorf("%w: %d folders of %s were named: one is read at a time", dataset.ErrUnreadable, len(paths), k.Files)
	}
	dir := paths[0]
	feeds, err := dataset.Roles(q, []string{k.Example.Name, LabelColumn}, func(t graph.Tensor) string {
		switch {
		case k.Takes(t):
			return k.Example.Name
		case Takes(t):
			return LabelColumn
		}
		return ""
	})
	if err != nil {
		return err
	}
	classes, err := Classes(b, dir, k.Endings)
	if err != nil {
		return err
	}
	for _, t := range q.Tensors {
		var c dataset.Column
		if feeds[t.Name] == LabelColumn {
			c, err = Labels(b, t, dir, classes)
		} else {
			c, err = k.Column(b, t, q, Files(classes))
		}
		if err != nil {
			return err
		}
		if err := b.Add(t.Name, c); err != nil {
			return err
		}
	}
	return nil
}
