package compare

import (
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/record"
)

// Notices returns the notices of runs, each once: what of a person's own training is
// not in the times that are compared, or is there in another way.
func Notices(runs ...*record.Run) []record.Notice {
	var out []record.Notice
	for _, r := range runs {
		if r == nil {
			continue
		}
		for _, n := range r.Graph.Notices {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// noticed doubts two runs of which different things are not in the time; empty where
// they are the same.
func noticed(base, new *record.Run) []string {
	bases, news := lacking(base, new), lacking(new, base)
	switch {
	case len(bases)+len(news) == 0:
		return nil
	case slices.Equal(bases, news):
		return []string{fmt.Sprintf("different notices of what is in the time, about %s", strings.Join(bases, ", "))}
	}
	return []string{fmt.Sprintf("different notices of what is in the time: %s against %s", words(bases), words(news))}
}

// lacking are what the notices of one run are about that the other has not, word for
// word.
func lacking(of, in *record.Run) []string {
	var out []string
	for _, n := range Notices(of) {
		if !slices.Contains(in.Graph.Notices, n) && !slices.Contains(out, n.About) {
			out = append(out, n.About)
		}
	}
	return out
}

func words(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
