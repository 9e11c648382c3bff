package arrays

import (
	"maps"
	"slices"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/folder"
	"epochtime/harness/graph"
)

// offer finds the arrays of training examples that feed each tensor, in an archive
// that holds others beside them: x_train and y_train where there are x_test and
// y_test. It returns nil if any is in doubt.
func offer(tensors []graph.Tensor, names []string) map[string]string {
	bases := make(map[string]string) // of training arrays, by what is left of their names
	for _, name := range names {
		if base, is := training(name, names); is {
			bases[base] = name
		}
	}
	out := make(map[string]string)
	give := func(tensor, base string) {
		out[tensor] = bases[base]
		delete(bases, base)
	}
	for _, t := range tensors {
		if _, is := bases[strings.ToLower(t.Name)]; is {
			give(t.Name, strings.ToLower(t.Name))
		}
	}
	open := slices.DeleteFunc(slices.Clone(tensors), func(t graph.Tensor) bool { return out[t.Name] != "" })
	labels := slices.DeleteFunc(slices.Collect(maps.Keys(bases)), func(base string) bool { return !dataset.LabelName(base) })
	if n := len(open); n > 0 && len(tensors) == 2 && open[n-1].Name == tensors[1].Name && len(labels) == 1 {
		give(open[n-1].Name, labels[0]) // the target comes last
		open = open[:n-1]
	}
	if len(open) == 1 && len(bases) == 1 {
		for base := range bases {
			give(open[0].Name, base)
		}
	}
	if len(tensors) == 0 || len(out) < len(tensors) {
		return nil
	}
	return out
}

// training reports whether an array holds training examples: there is another of
// its name, with another part's word in it. base is the name without the word.
func training(name string, names []string) (base string, is bool) {
	base, rest := folder.Training(name)
	is = slices.ContainsFunc(names, func(n string) bool { return slices.Contains(rest, strings.ToLower(n)) })
	return strings.Trim(base, "_-./ "), is
}
