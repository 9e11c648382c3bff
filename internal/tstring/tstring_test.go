package tstring

import (
	"strings"
	"testing"
)

func TestStringsInABuffer(t *testing.T) {
	words := []string{"", "short", strings.Repeat("a", 22), strings.Repeat("b", 23), "größer\x00 than a record itself", strings.Repeat("c", 5000), ""}
	size := len(words) * Size
	for _, w := range words {
		size += Room(len(w))
	}
	buffer := make([]byte, size)
	for range 2 { // the second time over what the first has left
		at := len(words) * Size
		for k, w := range words {
			at = Put(buffer, k, at, []byte(w))
		}
		if at != size {
			t.Errorf("%d bytes were used, not %d", at, size)
		}
		for k, want := range words {
			if got := Get(buffer, k); got != want {
				t.Errorf("string %d is %q, want %q", k, got, want)
			}
		}
	}
}
