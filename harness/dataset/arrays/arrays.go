// Package arrays reads files of arrays: NumPy's .npy and .npz, and idx. What is in a
// file as a column holds it gets mapped, so it takes memory only while it is used.
package arrays

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/idx"
	"epochtime/harness/dataset/numpy"
	"epochtime/harness/graph"
)

// Format reads .npz archives, NAME=FILE for each input and target, or one file of
// one array.
var Format dataset.Format = format{}

type format struct{}

// Name implements dataset.Format.
func (format) Name() string { return "arrays" }

// Endings implements dataset.Format.
func (format) Endings() []string { return append([]string{".npz"}, dataset.ArrayEndings()...) }

// Takes implements dataset.Format. NAME=FILE is an array, whatever the file is called.
func (f format) Takes(source string) bool {
	_, _, named := dataset.SplitSource(source)
	return named || dataset.HasEnding(source, f.Endings())
}

// Holds implements dataset.Format.
func (format) Holds(head []byte) bool {
	return numpy.IsArchive(head) || numpy.Begins(head) || idx.Holds(head)
}

// Fields implements dataset.Format. Of arrays that are joined, it looks at the first.
func (format) Fields(b *dataset.Builder, _ dataset.Request, paths []string) ([]dataset.Field, error) {
	c, err := open(b, paths)
	if err != nil {
		return nil, err
	}
	defer c.close()
	var out []dataset.Field
	for _, name := range c.names() {
		field, err := c.field(name)
		if err != nil {
			return nil, err
		}
		out = append(out, field)
	}
	return out, nil
}

// Read implements dataset.Format.
func (format) Read(b *dataset.Builder, q dataset.Request, paths []string) error {
	return read(b, paths, q.Tensors, q.Columns)
}

// Read opens the arrays that feed a graph. sources are .npz files, or one NAME=FILE
// for each input and target; arrays maps an input's name to the name of its array.
// Up to 256 MiB are unpacked into memory, and what exceeds that into a scratch file
// in the user's cache folder. The caller closes the set. Errors are
// dataset.ErrUnreadable and dataset.ErrUnfit.
func Read(sources []string, arrays map[string]string) (*dataset.Set, error) {
	b := dataset.NewBuilder(context.Background(), strings.Join(sources, ", "), 0)
	var tensors []graph.Tensor
	columns := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		tensors = append(tensors, graph.Tensor{Name: name})
		if arrays[name] != name {
			columns[name] = arrays[name]
		}
	}
	if err := read(b, sources, tensors, columns); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b.Set(), nil
}

// read adds a column for each tensor: the array that columns names for it or, where
// it names none, the one of its own name.
func read(b *dataset.Builder, paths []string, tensors []graph.Tensor, columns map[string]string) error {
	c, err := open(b, paths)
	if err != nil {
		return err
	}
	defer c.close()
	arrays, err := c.match(tensors, columns)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		column, err := c.column(arrays[name])
		if err == nil {
			err = b.Add(name, column)
		} else if c.kind != lone { // which has nothing else to show
			err = b.Refuse(name, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// match says which array each tensor is fed.
func (c *catalog) match(tensors []graph.Tensor, columns map[string]string) (map[string]string, error) {
	holds, out := c.names(), make(map[string]string)
	for _, t := range tensors {
		name, given := columns[t.Name]
		if !given {
			name = t.Name
			if c.kind == lone && len(tensors) == 1 {
				name = holds[0]
			}
		}
		out[t.Name] = name
	}
	used := slices.Collect(maps.Values(out))
	for _, name := range holds {
		if c.kind == named && !slices.Contains(used, name) && !c.b.Survey() {
			return nil, dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrArray}, "the graph has no input or target %q left to feed", name)
		}
	}
	for _, t := range tensors {
		if name := out[t.Name]; !slices.Contains(holds, name) {
			_, given := columns[t.Name]
			var offered map[string]string
			if len(columns) == 0 {
				offered = offer(tensors, holds)
			}
			return nil, c.missing(name, given, offered)
		}
	}
	return out, nil
}

// missing is the error of an array that is not there.
func (c *catalog) missing(name string, given bool, offered map[string]string) error {
	switch {
	case c.kind == named:
		return dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrArray}, "no %s=FILE.npy was given", name)
	case c.kind == lone && !given:
		a, err := c.files[0].open(c.b, c.files[0].name)
		if err != nil {
			return err
		}
		_ = a.Close() // it was only read
		path := c.files[0].path
		return dataset.Errorf(dataset.ErrUnreadable, []error{dataset.ErrArray},
			"%s holds one array: name the input or target that each file feeds, as in x=%s and y=LABELS.npy", path, path)
	}
	if offered == nil {
		return c.files[0].without(name)
	}
	var pairs []string
	for _, tensor := range slices.Sorted(maps.Keys(offered)) {
		pairs = append(pairs, offered[tensor]+" for "+tensor)
	}
	return &dataset.Offer{Columns: offered, Err: dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrColumn}, "%s: its training examples are %s",
		c.files[0].lacks(name), strings.Join(pairs, " and "))}
}
