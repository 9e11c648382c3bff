package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/harness/record"
)

// dataFlags say which data is trained on, and how it is read.
type dataFlags struct {
	sources   []string
	inputs    []string
	take      int
	tokens    string
	window    int
	imageSize string
}

func (f *dataFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.sources, "data", nil, "train on `FILE`: .npz, .csv, .tsv, .parquet, .tfrecord, .txt, a glob of these, or a folder of class folders of images; NAME=FILE.npy for each input (repeatable)")
	f.addReading(flags)
	flags.IntVar(&f.take, "take", 0, "`N` examples of --data, drawn at random by --seed (default: all, in order)")
}

// addReading adds the flags that say how data is read.
func (f *dataFlags) addReading(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.inputs, "input", nil, "`NAME=COLUMN` the column or array of the data that feeds an input or target; several columns stand between commas (repeatable)")
	flags.StringVar(&f.tokens, "tokens", "", "`KIND` of tokens that a .txt file is cut into: words, chars or bytes (default: what the graph's categories allow)")
	flags.IntVar(&f.window, "window", 0, "`N` tokens an example of a .txt file has (default: the graph's length)")
	flags.StringVar(&f.imageSize, "image-size", "", "`HxW` to which images are resized, as in 224x224 (default: the graph's)")
}

// check finds wrong values; given tells which flags were given.
func (f *dataFlags) check(given func(name string) bool) error {
	size, err := dataset.ParseImageSize(f.imageSize)
	switch {
	case given("take") && f.take < 1:
		return usagef("--take %d: at least one example is drawn", f.take)
	case given("window") && f.window < 1:
		return usagef("--window %d: an example has at least one token", f.window)
	case given("tokens") && !slices.Contains(dataset.TokenKinds(), f.tokens):
		return usagef("--tokens %q is none of %s", f.tokens, strings.Join(dataset.TokenKinds(), ", "))
	case given("image-size") && (err != nil || size == dataset.ImageSize{}):
		return usagef("--image-size %q is no height and width, as in 224x224", f.imageSize)
	}
	_, err = f.columns()
	return err
}

// columns are the columns that --input names, by input.
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

// fits finds, before anything is launched, what does not go with a graph.
func (f *dataFlags) fits(g *graph.Manifest) error {
	names := make([]string, 0, len(g.Inputs)+len(g.Targets))
	for _, t := range g.DataTensors() {
		names = append(names, t.Name)
	}
	columns, err := f.columns()
	if err != nil {
		return err
	}
	for name := range columns {
		if !slices.Contains(names, name) {
			return usagef("--input %s=…: %s has no such input%s: it has %s", name, g.Name, suggestion(name, names), strings.Join(names, ", "))
		}
	}
	if len(f.sources) > 0 || g.Data.Kind == "file" {
		return nil
	}
	for _, flag := range []struct {
		name  string
		given bool
	}{{"input", len(columns) > 0}, {"take", f.take > 0}, {"tokens", f.tokens != ""}, {"window", f.window > 0}, {"image-size", f.imageSize != ""}} {
		if flag.given {
			return usagef("--%s is about --data, and none is given: %s makes its own", flag.name, g.Name)
		}
	}
	return nil
}

// fill puts the flags into a configuration.
func (f *dataFlags) fill(c *record.Config) (err error) {
	if c.Data, err = sourcePaths(f.sources); err != nil {
		return err
	}
	if c.Inputs, err = f.columns(); len(c.Inputs) == 0 {
		c.Inputs = nil
	}
	c.Take, c.Tokens, c.Window, c.ImageSize = f.take, f.tokens, f.window, f.imageSize
	return err
}

// sourcePaths makes the paths of --data absolute, because the worker may run
// elsewhere, and finds what is missing at once. A glob stays one.
func sourcePaths(sources []string) ([]string, error) {
	var out []string
	for _, s := range sources {
		name, path, named := dataset.SplitSource(s)
		if err := exists(path); err != nil {
			return nil, fmt.Errorf("--data: %w", err)
		}
		whole, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		if named {
			whole = name + "=" + whole
		}
		out = append(out, whole)
	}
	return out, nil
}

// exists tells whether there is a file, or at least one that a glob stands for.
func exists(path string) error {
	_, err := os.Stat(path)
	if err == nil || !strings.ContainsAny(path, "*?[") {
		return err
	}
	switch found, wrong := filepath.Glob(path); {
	case wrong != nil:
		return fmt.Errorf("%s: %w", path, wrong)
	case len(found) == 0:
		return fmt.Errorf("no file is called %s", path)
	}
	return nil
}
