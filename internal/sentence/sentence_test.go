package sentence

import (
	"slices"
	"testing"
)

func TestList(t *testing.T) {
	for want, words := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := List(words); got != want {
			t.Errorf("%q: %q", words, got)
		}
	}
}

func TestJoin(t *testing.T) {
	parts := []string{"", "a", "", "b"}
	if got := Join("; ", parts...); got != "a; b" || parts[1] != "a" || parts[3] != "b" {
		t.Errorf("%q, and the parts are %q", got, parts)
	}
	if got := Join("; "); got != "" {
		t.Errorf("nothing is joined to %q", got)
	}
}

func TestAdd(t *testing.T) {
	var list []string
	for _, word := range []string{"b", "a", "b", ""} {
		list = Add(list, word)
	}
	if want := []string{"b", "a", ""}; !slices.Equal(list, want) {
		t.Errorf("%q, want %q", list, want)
	}
}
