package main

import "strings"

// dataFlags say how 'epochtime data' reads its files.
type dataFlags struct{ inputs []string }

// columns returns the columns that --input names, by input.
func (f *dataFlags) columns() (map[string]string, error) {
	out := map[string]string{}
	for _, item := range f.inputs {
		name, column, _ := strings.Cut(item, "=")
		switch {
		case name == "" || column == "":
			return nil, usagef("--input %q is not NAME=COLUMN, an input of the graph and what feeds it", item)
		case out[name] != "":
			return nil, usagef("--input names %s twice: give all of its columns at once, as in --input %s=%s,%s", name, name, out[name], column)
		}
		out[name] = column
	}
	return out, nil
}
