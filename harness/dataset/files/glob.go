package files

import (
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/dataset"
)

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
