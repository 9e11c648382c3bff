package tfrecord

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/dataset"
)

// found is what records hold under one name.
type found struct {
	kind kind // of the first that has values
	list bool // one has several values, or none
}

// fields lists what the records hold, by name.
func (c *records) fields() ([]dataset.Field, error) {
	all := make(map[string]*found)
	if err := c.eachFeature(func(name []byte, f feature) error { return add(all, name, f) }); err != nil {
		return nil, err
	}
	if len(all) == 0 { // no record has features
		return nil, unlike(c.path, c.first, nil)
	}
	var out []dataset.Field
	for name, f := range all {
		one := dataset.Field{Name: name, DType: f.kind.dtype(), List: f.list}
		if f.kind == none {
			one.Unusable = fmt.Sprintf("has no value in the first %d records: leave it out, or fill it in", c.count)
		}
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b dataset.Field) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// add notes a feature. It returns errExample.
func add(all map[string]*found, name []byte, f feature) error {
	seen := all[string(name)]
	if seen == nil {
		seen = &found{}
		all[string(name)] = seen
	}
	n, err := f.count()
	if err != nil {
		return err
	}
	if n > 0 && seen.kind == none {
		seen.kind = f.kind
	}
	seen.list = seen.list || n != 1
	return nil
}

// eachFeature calls do with every feature of the records.
func (c *records) eachFeature(do func(name []byte, f feature) error) error {
	return c.each(func(number int, record []byte) error {
		err := eachFeature(record, do)
		if errors.Is(err, errExample) {
			return unlike(c.path, number, record)
		}
		return err
	})
}
