package arrays_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
)

func TestNumPyStrings(t *testing.T) {
	path := datatest.Npz(t, "s", datatest.NpyHeader("|S3", "False", "(3,)")+"one\x00\x00\x00a\x00b",
		"u", datatest.Npy(t, "<U2", "(3, 1)", []rune("hé日\x00\x00\x00")),
		"r", datatest.NpyHeader("|S1", "False", "(4,)")+"abcd", "r.lengths", datatest.Npy(t, "<i8", "(3,)", []int64{1, 2, 1}))
	s := mustRead(t, path, "s", "u", "r")
	for _, c := range []struct{ want, got any }{
		{[]string{"one", "", "a\x00b"}, datatest.Strings(s.Column("s"))},
		{[]string{"hé", "日", ""}, datatest.Strings(s.Column("u"))},
		{[]int{1}, s.Column("u").Shape()},
		{[]string{"a", "b", "c", "d"}, datatest.Strings(s.Column("r"))},
		{[]int{1, 2, 1}, datatest.Lengths(s.Column("r"))},
		{graph.String, s.Column("s").DType()},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Error(d)
		}
	}
	_, err := arrays.Read([]string{datatest.Npz(t, "s", datatest.NpyHeader("|S3", "False", "(3,)")+"one")}, named("s"))
	datatest.WantError(t, err, dataset.ErrUnreadable, "(s)", "3 bytes of its 9")
}
