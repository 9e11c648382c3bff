// Package files opens data files of every format that is read.
package files

import (
	"cmp"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/dataset/arrow"
	"epochtime/harness/dataset/csv"
	"epochtime/harness/dataset/images"
	"epochtime/harness/dataset/jsonl"
	"epochtime/harness/dataset/parquet"
	"epochtime/harness/dataset/text"
	"epochtime/harness/dataset/tfrecord"
)

// formats lists every format that is read. The first that takes a source is used.
var formats = []dataset.Format{
	text.Folders, images.Format, arrays.Format, csv.Format, parquet.Format, arrow.Format, tfrecord.Format, jsonl.Format, text.Format,
}

// Formats returns every format that is read.
func Formats() []dataset.Format { return slices.Clone(formats) }

// Open reads the data of a graph. Tables and records are decoded at once, up to
// q.Room bytes into memory and what exceeds that into a scratch file; arrays are
// mapped where they are. The caller closes the set. Errors are dataset.ErrUnreadable
// and dataset.ErrUnfit, and that of ctx once it is done; a missing file is
// fs.ErrNotExist too.
func Open(ctx context.Context, q dataset.Request) (*dataset.Set, error) {
	ctx = cmp.Or(ctx, context.Background())
	format, paths, err := find(q.Sources)
	if err != nil {
		return nil, err
	}
	b := dataset.NewBuilder(ctx, strings.Join(q.Sources, ", "), q.Room)
	err = format.Read(b, q, paths)
	if err == nil && q.Take != 0 {
		err = b.Draw(q.Take, q.Seed)
	}
	return finish(ctx, b, q.Samples, err)
}

// finish returns the set that was built, unless there was an error.
func finish(ctx context.Context, b *dataset.Builder, samples int, err error) (*dataset.Set, error) {
	s := b.Set()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = s.Take(samples)
	}
	if err == nil {
		return s, nil
	}
	_ = s.Close() // the set is of no use
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, err
}

// find expands the globs in sources and finds the format that all of them have.
func find(sources []string) (dataset.Format, []string, error) {
	if len(sources) == 0 {
		return nil, nil, dataset.Errorf(dataset.ErrUnreadable, nil, "no file was named")
	}
	var paths []string
	for _, source := range sources {
		found, err := glob(source)
		if err != nil {
			return nil, nil, err
		}
		paths = append(paths, found...)
	}
	var format dataset.Format
	for i, path := range paths {
		f, err := formatOf(path)
		if err != nil && i > 0 && empty(path) {
			continue // a shard without examples
		}
		if err != nil {
			return nil, nil, err
		}
		if i > 0 && f.Name() != format.Name() {
			return nil, nil, dataset.Errorf(dataset.ErrUnreadable, nil, "%s holds %s and %s holds %s: give files of one kind",
				paths[0], format.Name(), path, f.Name())
		}
		format = f
	}
	return format, paths, nil
}

func formatOf(path string) (dataset.Format, error) {
	for _, f := range formats {
		if f.Takes(path) {
			return f, nil
		}
	}
	head, err := head(path)
	if err != nil {
		return nil, dataset.Errorf(dataset.ErrUnreadable, nil, "%w", err)
	}
	for _, f := range formats {
		if f.Holds(head) {
			return f, nil
		}
	}
	return nil, dataset.Errorf(dataset.ErrUnreadable, nil, "%s is of no kind that is read here: %s, or a folder of class folders",
		path, strings.Join(endings(), ", "))
}

func empty(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// head returns how a file begins, decompressed. What cannot be decompressed begins
// like nothing.
func head(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	in, err := dataset.Decompress(f)
	if err != nil {
		return nil, nil
	}
	defer in.Close()
	head := make([]byte, dataset.HeadBytes)
	n, _ := io.ReadFull(in, head)
	return head[:n], nil
}

// endings lists how the names of files that are read end.
func endings() []string {
	var out []string
	for _, f := range formats {
		out = append(out, f.Endings()...)
	}
	return out
}

// glob lists what a source names: itself if it exists.
func glob(source string) ([]string, error) {
	if _, err := os.Stat(source); err == nil || !strings.ContainsAny(source, "*?[") {
		return []string{source}, nil
	}
	found, err := filepath.Glob(source)
	switch {
	case err != nil:
		return nil, dataset.Errorf(dataset.ErrUnreadable, nil, "the pattern %s: %w", source, err)
	case len(found) == 0:
		return nil, dataset.Errorf(dataset.ErrUnreadable, []error{fs.ErrNotExist}, "no file matches %s", source)
	}
	slices.Sort(found)
	return found, nil
}
