package dataset

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Expand returns what a source names, given without a name before it: itself if it exists,
// or the files that match a pattern, in order, without empty ones. The error is
// ErrUnreadable, and fs.ErrNotExist too where nothing matches.
func Expand(source string) ([]string, error) {
	if source == "" {
		return nil, Errorf(ErrUnreadable, nil, "no file was named")
	}
	if _, err := os.Stat(source); err == nil || !strings.ContainsAny(source, "*?[") {
		return []string{source}, nil
	}
	found, err := filepath.Glob(source)
	if err != nil {
		return nil, Errorf(ErrUnreadable, nil, "the pattern %s: %w", source, err)
	}
	found = slices.DeleteFunc(found, func(path string) bool { return hidden(source, path) })
	if len(found) == 0 {
		return nil, Errorf(ErrUnreadable, []error{fs.ErrNotExist}, "no file matches %s", source)
	}
	slices.Sort(found)
	return WithoutEmpty(found), nil
}

// hidden reports whether a path has a name that begins with a dot where the pattern that
// it matches has none: shells do not take it either. macOS leaves such files in archives.
func hidden(pattern, path string) bool {
	wanted, names := strings.Split(filepath.ToSlash(pattern), "/"), strings.Split(filepath.ToSlash(path), "/")
	for i := 1; i <= min(len(wanted), len(names)); i++ { // from the end: Glob shortens "./"
		if strings.HasPrefix(names[len(names)-i], ".") && !strings.HasPrefix(wanted[len(wanted)-i], ".") {
			return true
		}
	}
	return false
}

// WithoutEmpty leaves out shards that hold nothing, where others hold something.
func WithoutEmpty(files []string) []string {
	empty := func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && info.Mode().IsRegular() && info.Size() == 0
	}
	if filled := slices.DeleteFunc(slices.Clone(files), empty); len(filled) > 0 {
		return filled
	}
	return files
}
