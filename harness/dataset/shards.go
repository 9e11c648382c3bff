package dataset

import (
	"fmt"

	"epochtime/harness/graph"
)

// joined are the fields of the first file as all files together hold them. What keeps a
// field from being joined makes it alone unusable: a run may need only the others.
func (f Tables) joined(b *Builder, q Request, first []Field, paths []string) ([]Field, error) {
	for _, path := range paths {
		if err := b.Context().Err(); err != nil {
			return nil, err
		}
		more, err := f.list(b, q, path)
		if err != nil {
			continue // reading it says so, unless it only has no examples
		}
		byName := make(map[string]Field, len(more))
		for _, field := range more {
			byName[field.Name] = field
		}
		for i := range first {
			next, found := byName[first[i].Name]
			first[i].join(path, next, found)
		}
	}
	return first, nil
}

// join adds what the file of that path holds under the field's name, if that is found.
func (f *Field) join(path string, next Field, found bool) {
	switch text := next.DType == graph.String; {
	case f.Unusable != "":
	case !found:
		f.Unusable = fmt.Sprintf("is not in %s: write it into every file, or leave those without it out", path)
	case next.Unusable != "":
		f.Unusable = fmt.Sprintf("of %s %s", path, next.Unusable)
	case f.DType == "" || next.DType == "":
	case text != (f.DType == graph.String):
		f.Unusable = fmt.Sprintf("is %s in %s, and %s before: write it alike in every file", next.DType, path, f.DType)
	case f.DType != next.DType:
		f.DType = wider(f.DType, next.DType)
	}
}

// wider is the type of numbers of two types. As of a column in one file, float64 has
// what int64 does not hold.
func wider(a, b graph.DType) graph.DType {
	for _, t := range []graph.DType{a, b} {
		switch t {
		case graph.Uint64, graph.Float16, graph.Float32, graph.Float64:
			return graph.Float64
		}
	}
	return graph.Int64
}
