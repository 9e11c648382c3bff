// Package files opens data files of every format that is read.
package files

import (
	"cmp"
	"context"
	"io"
	"os"
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
	b := dataset.NewBuilder(ctx, strings.Join(q.Sources, ", "), q.Room)
	format, paths, err := find(b, q)
	if err == nil {
		err = format.Read(b, q, paths)
	}
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

// find expands the globs and folders of tables in sources, and finds the format that
// all of them have.
func find(b *dataset.Builder, q dataset.Request) (dataset.Format, []string, error) {
	if len(q.Sources) == 0 {
		return nil, nil, dataset.Errorf(dataset.ErrUnreadable, nil, "no file was named")
	}
	var paths []string
	for _, source := range q.Sources {
		found, err := dataset.Expand(source)
		if err != nil {
			return nil, nil, err
		}
		warnOfJoined(b, source, found)
		paths = append(paths, found...)
	}
	var format dataset.Format
	var out []string
	for _, path := range paths {
		f, found, err := formatOf(b, q, path)
		if err != nil {
			return nil, nil, err
		}
		if format != nil && f.Name() != format.Name() {
			return nil, nil, dataset.Errorf(dataset.ErrUnreadable, nil, "%s holds %s and %s holds %s: give files of one kind",
				paths[0], format.Name(), path, f.Name())
		}
		format, out = f, append(out, found...)
	}
	return format, out, nil
}

// formatOf finds the format of a file or folder, and the files that it stands for.
func formatOf(b *dataset.Builder, q dataset.Request, path string) (dataset.Format, []string, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return formatOfFolder(b, path)
	}
	if q.Text.Tokens == dataset.Bytes && text.Format.Takes(path) {
		return text.Format, []string{path}, nil // whatever is in it
	}
	f, err := formatOfFile(path)
	return f, []string{path}, err
}

// formatOfFile finds the format of a file: by its name, unless it begins as only files
// of another format do, then by how it begins.
func formatOfFile(path string) (dataset.Format, error) {
	if err := dataset.CheckFile(path); err != nil {
		return nil, err
	}
	var named dataset.Format
	if i := slices.IndexFunc(formats, func(f dataset.Format) bool { return f.Takes(path) }); i >= 0 {
		named = formats[i]
	}
	head, err := head(path)
	if err != nil && named == nil {
		return nil, dataset.Errorf(dataset.ErrUnreadable, nil, "%w", err)
	}
	other := foreignByMagic(head)
	switch {
	case named != nil && (other == nil || other.text || other.wraps && named.Holds(head)):
		return named, nil // whoever reads it says what is wrong
	case other != nil && !other.text:
		return nil, other.refusal(path)
	}
	for _, f := range formats {
		if f.Holds(head) {
			return f, nil
		}
	}
	if other = cmp.Or(other, foreignByName(path)); other != nil {
		return nil, other.refusal(path)
	}
	return nil, unknown(path, head)
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
