package dataset

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// fileKind is a kind of data file.
type fileKind string

const (
	numpyFiles   fileKind = "NumPy arrays"
	csvFiles     fileKind = "CSV"
	parquetFiles fileKind = "Parquet"
	recordFiles  fileKind = "TFRecord"
	imageFiles   fileKind = "images"
	textFiles    fileKind = "text"
)

// kinds are the endings of file names, without .gz.
var kinds = map[string]fileKind{
	".npz": numpyFiles, ".npy": numpyFiles, ".csv": csvFiles, ".tsv": csvFiles, ".parquet": parquetFiles,
	".tfrecord": recordFiles, ".tfrecords": recordFiles, ".txt": textFiles,
}

// kindOf tells a source's kind from what it is called.
func kindOf(path string) (fileKind, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return imageFiles, nil
	}
	if _, file, named := SplitSource(path); named && strings.HasSuffix(file, ".npy") {
		return numpyFiles, nil
	}
	name, zipped := strings.CutSuffix(strings.ToLower(path), ".gz")
	k, known := kinds[filepath.Ext(name)]
	if !known || zipped && k != csvFiles && k != recordFiles {
		return "", fmt.Errorf("%w: %s is of no kind that is read here: .npz, .npy, .csv, .tsv, .parquet, .tfrecord, .txt, "+
			"or a folder of images (.csv, .tsv and .tfrecord also with .gz)", ErrUnreadable, path)
	}
	return k, nil
}

// expand replaces globs by what they match, in order of the names. All sources
// are of one kind.
func expand(sources []string) ([]string, fileKind, error) {
	var paths []string
	for _, source := range sources {
		found, err := glob(source)
		if err != nil {
			return nil, "", err
		}
		paths = append(paths, found...)
	}
	var all fileKind
	for i, path := range paths {
		k, err := kindOf(path)
		if err != nil {
			return nil, "", err
		}
		if i > 0 && k != all {
			return nil, "", fmt.Errorf("%w: %s holds %s and %s holds %s: give files of one kind", ErrUnreadable, paths[0], all, path, k)
		}
		all = k
	}
	return paths, all, nil
}

// glob lists what a source names: itself if it is there.
func glob(source string) ([]string, error) {
	if _, err := os.Stat(source); err == nil || !strings.ContainsAny(source, "*?[") {
		return []string{source}, nil
	}
	found, err := filepath.Glob(source)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: the pattern %s: %w", ErrUnreadable, source, err)
	case len(found) == 0:
		return nil, fmt.Errorf("%w: no file matches %s", ErrUnreadable, source)
	}
	slices.Sort(found)
	return found, nil
}
