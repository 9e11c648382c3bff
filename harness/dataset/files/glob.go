package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/dataset"
)

// glob lists what a source names: itself if it exists, or files that hold something.
func glob(source string) ([]string, error) {
	if _, err := os.Stat(source); err == nil || !strings.ContainsAny(source, "*?[") {
		return []string{source}, nil
	}
	found, err := filepath.Glob(source)
	if err != nil {
		return nil, dataset.Errorf(dataset.ErrUnreadable, nil, "the pattern %s: %w", source, err)
	}
	found = slices.DeleteFunc(found, func(path string) bool { return hidden(source, path) })
	if len(found) == 0 {
		return nil, dataset.Errorf(dataset.ErrUnreadable, []error{fs.ErrNotExist}, "no file matches %s", source)
	}
	slices.Sort(found)
	return withoutEmpty(found), nil
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

// warnOfJoined warns of a pattern that takes several parts of a data set, such as train
// and test.
func warnOfJoined(b *dataset.Builder, pattern string, found []string) {
	outside, _, _ := strings.Cut(pattern, "*")
	outside = filepath.Dir(outside)
	var words []string
	for _, path := range found {
		if word := splitOf(outside, path); word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	if len(found) > 1 && len(words) > 1 {
		b.Warn("%s joins parts of a data set, %s: name one of them to train on it alone", pattern, strings.Join(words, " and "))
	}
}
