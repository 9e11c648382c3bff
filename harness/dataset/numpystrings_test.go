package dataset

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/graph"
)

func TestNumPyStrings(t *testing.T) {
	path := npzOf(t, "s", append(header("|S3", "False", "(3,)"), "one\x00\x00\x00a\x00b"...),
		"u", npyOf(t, "<U2", "(3, 1)", []rune("hé日\x00\x00\x00")),
		"r", append(header("|S1", "False", "(4,)"), "abcd"...), "r.lengths", npyOf(t, "<i8", "(3,)", []int64{1, 2, 1}))
	s := mustRead(t, path, "s", "u", "r")
	for _, c := range []struct{ want, got any }{
		{[]string{"one", "", "a\x00b"}, stringsOf(s.Column("s"))},
		{[]string{"hé", "日", ""}, stringsOf(s.Column("u"))},
		{[]int{1}, s.Column("u").shape},
		{[]string{"a", "b", "c", "d"}, stringsOf(s.Column("r"))},
		{[]int{0, 1, 3, 4}, s.Column("r").offsets},
		{graph.String, s.Column("s").dtype},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Error(d)
		}
	}
	_, err := Read([]string{npzOf(t, "s", append(header("|S3", "False", "(3,)"), "one"...))}, arrays("s"))
	wantError(t, err, ErrUnreadable, "(s)", "3 bytes of its 9")
}
