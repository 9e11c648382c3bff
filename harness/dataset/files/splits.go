package files

import (
	"path/filepath"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/folder"
)

// oneSplit is an error if the names of files, or of the folders that they are in, tell
// parts of a data set apart, such as train and test. It offers each.
func oneSplit(dir string, files []string) error {
	parts := map[string][]string{}
	var words []string
	for _, path := range files {
		word := splitOf(dir, path)
		if parts[word] == nil {
			words = append(words, word)
		}
		parts[word] = append(parts[word], path)
	}
	if len(words) < 2 {
		return nil
	}
	var offers []string
	for _, word := range words {
		offers = append(offers, naming(dir, word, parts[word], files))
	}
	return severalSplits(dir, offers)
}

// splitOf returns which part of a data set a file is in, by the first name on the way to
// it that tells.
func splitOf(dir, path string) string {
	within, _ := filepath.Rel(dir, path) // it is within
	for part := range strings.SplitSeq(filepath.ToSlash(within), "/") {
		if word := folder.Split(part); word != "" {
			return word
		}
	}
	return ""
}

// naming returns a source that names just the part of the files: the folder that holds
// it, a glob, or a file and how many more.
func naming(dir, word string, part, all []string) string {
	if len(part) == 1 {
		return part[0]
	}
	within, _ := filepath.Rel(dir, part[0]) // it is within
	for outer := filepath.Dir(within); outer != "."; outer = filepath.Dir(outer) {
		inside := filepath.Join(dir, outer) + string(filepath.Separator)
		if only(part, all, func(path string) bool { return strings.HasPrefix(path, inside) }) {
			return filepath.Join(dir, outer)
		}
	}
	if i := strings.Index(strings.ToLower(filepath.Base(part[0])), word); i >= 0 && word != "" {
		base := filepath.Base(part[0])
		glob := filepath.Join(filepath.Dir(part[0]), "*"+base[i:i+len(word)]+"*")
		if only(part, all, func(path string) bool { ok, _ := filepath.Match(glob, path); return ok }) {
			return glob
		}
	}
	return part[0] + " and those like it"
}

// only reports whether names matches the part of all files, and nothing else.
func only(part, all []string, names func(string) bool) bool {
	matched := slices.DeleteFunc(slices.Clone(all), func(path string) bool { return !names(path) })
	return slices.Equal(matched, part)
}

// severalSplits is the error of a folder of several parts of a data set.
func severalSplits(dir string, parts []string) error {
	quoted := make([]string, len(parts))
	for i, part := range parts {
		quoted[i] = shellescape.Quote(part)
	}
	return dataset.Errorf(dataset.ErrUnreadable, nil, "%s holds several parts of a data set, which are not joined: give one of %s", dir, strings.Join(quoted, ", "))
}
