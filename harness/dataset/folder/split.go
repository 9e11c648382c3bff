package folder

import (
	"slices"
	"strings"
	"unicode"
)

// The words by which people name the parts of a data set: the one to train on, the
// longer word first, and the others.
var (
	trainings = []string{"training", "train"}
	others    = []string{"test", "testing", "val", "valid", "validation", "dev", "eval", "evaluation"}
	splits    = slices.Concat(trainings, others)
)

// Training looks for the word in a name, such as "x_train", which says that it is the
// part to train on. base is the name without it, in lower case, and rest are the names
// that the other parts would have. Both are empty if there is none.
func Training(name string) (base string, rest []string) {
	lower := strings.ToLower(name)
	for _, word := range trainings {
		before, after, found := strings.Cut(lower, word)
		if !found {
			continue
		}
		for _, other := range others {
			rest = append(rest, before+other+after)
		}
		return before + after, rest
	}
	return "", nil
}

// Split returns the word in the name of a file or folder that says which part of a
// data set it is, in lower case, as in "train" of "x-train.tfrecord-00000-of-00002";
// "" if there is none.
func Split(name string) string {
	for _, word := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if slices.Contains(splits, word) {
			return word
		}
	}
	return ""
}

// trained is the part of a data set that one trains on.
func trained(parts []string) string {
	i := slices.IndexFunc(parts, func(name string) bool { return slices.Contains(trainings, Split(name)) })
	return parts[max(0, i)]
}

// parts lists the classes that are called like parts of a data set, if there are
// two of them or more: "train" alone may be a vehicle. Longer names, such as
// "training_set", count where all classes have one.
func parts(classes []Class) []string {
	var exact, longer []string
	for _, c := range classes {
		if Split(c.Name) != "" {
			longer = append(longer, c.Name)
		}
		if slices.Contains(splits, strings.ToLower(c.Name)) {
			exact = append(exact, c.Name)
		}
	}
	switch {
	case len(classes) < 2:
		return nil
	case len(longer) == len(classes):
		return longer
	case len(exact) > 1:
		return exact
	}
	return nil
}
