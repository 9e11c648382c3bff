package slowed

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecording(t *testing.T) {
	for _, want := range []Recording{
		{Command: "trials", About: "m", Sessions: []Session{{"cnn", 0.1, []float64{1, 2}, []float64{1.1, 2.2}}, {"mlp", 0, []float64{3}, []float64{4}}}},
		{Sessions: []Session{}},
	} {
		var out bytes.Buffer
		if err := want.Write(&out); err != nil {
			t.Fatal(err)
		}
		got, err := Read(&out)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	for _, bad := range []string{"", "[]", `{"sessions": [{"base": [1], "new": []}]}`, `{"sessions": [{}]}`} {
		if _, err := Read(strings.NewReader(bad)); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}
