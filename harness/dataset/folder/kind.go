package folder

import (
	"fmt"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Kind is what the files in class folders are. It is the dataset.Format that reads
// them, from a folder that holds a folder for each class.
type Kind struct {
	Called  string                  // what Name returns
	Files   string                  // for messages, in the plural
	Example graph.Tensor            // the column of the files
	Ends    []string                // how their names end, in lower case
	Holder  func(graph.Tensor) bool // reports whether a tensor can hold the files

	// Column makes the column of all files as a tensor takes them.
	Column func(*dataset.Builder, graph.Tensor, dataset.Request, []string) (dataset.Column, error)
}

// Name implements dataset.Format.
func (k Kind) Name() string { return k.Called }

// Endings implements dataset.Format: it is of folders.
func (k Kind) Endings() []string { return nil }

// Takes implements dataset.Format: what is in a folder tells, not its name.
func (k Kind) Takes(string) bool { return false }

// Holds implements dataset.Format.
func (k Kind) Holds([]byte) bool { return false }

// Fields implements dataset.Format. It lists the columns of the files and of their
// classes.
func (k Kind) Fields(*dataset.Builder, dataset.Request, []string) ([]dataset.Field, error) {
	if k.Example.Name == "" {
		return nil, fmt.Errorf("%w: nothing is known of the files in class folders", dataset.ErrUnreadable)
	}
	return []dataset.Field{
		{Name: k.Example.Name, DType: k.Example.DType, Shape: k.Example.Shape},
		{Name: labelColumn, DType: graph.Int64, Shape: make([]*int64, 1)},
	}, nil
}

// Read implements dataset.Format. It adds the columns that a request takes from one folder of class folders.
func (k Kind) Read(b *dataset.Builder, q dataset.Request, paths []string) error {
	if len(paths) != 1 {
		return fmt.Errorf("%w: %d folders of %s were named: one is read at a time", dataset.ErrUnreadable, len(paths), k.Files)
	}
	dir := paths[0]
	feeds, err := dataset.Roles(q, []string{k.Example.Name, labelColumn}, func(t graph.Tensor) string {
		switch {
		case k.Holder != nil && k.Holder(t):
			return k.Example.Name
		case Takes(t):
			return labelColumn
		}
		return ""
	})
	if err != nil {
		return err
	}
	classes, err := Classes(b, dir, k.Ends)
	if err != nil {
		return err
	}
	for _, t := range q.Tensors {
		var c dataset.Column
		if feeds[t.Name] == labelColumn {
			c, err = Labels(b, t, dir, classes)
		} else {
			c, err = k.Column(b, t, q, Files(classes))
		}
		if err != nil {
			if err := b.Refuse(t.Name, err); err != nil {
				return err
			}
			continue
		}
		if err := b.Add(t.Name, c); err != nil {
			return err
		}
	}
	return nil
}
