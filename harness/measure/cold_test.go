package measure

import (
	"errors"
	"strings"
	"testing"

	"epochtime/harness/setting"
)

func TestColdSettings(t *testing.T) {
	for item, wrong := range map[string]string{"": "", "warmup=0": "warmup", "warmup=2": "warmup", "feed=resident": "cold"} {
		c := setting.Defaults()
		c.Cold = true
		if name, value, ok := strings.Cut(item, "="); ok {
			if err := setting.Change(&c, name, value); err != nil {
				t.Fatal(err)
			}
		}
		err := Check(c)
		var e *setting.Error
		if (err == nil) != (wrong == "") || err != nil && (!errors.As(err, &e) || e.Setting != wrong) {
			t.Errorf("%s: %v, want an error of %q", item, err, wrong)
		}
	}
}

// The losses of a pipeline are compared too, unless other data takes its place.
func TestParityOfAPipeline(t *testing.T) {
	g := makeGraph(t, "piped",
		`data={"kind":"pipeline","columns":{}}`,
		`pipeline={"make":"m","rewind":"r","next":"n","components":["x","y"],"fixed":true,"losses":[0.5],"batches":{"steps":3,"examples":80,"shapes":[]}}`)
	c := setting.Defaults()
	if got := kerasLosses(g, c); len(got) != 4 || got[3] != 0.5 {
		t.Errorf("Keras's losses are %v", got)
	}
	if c.Data = []string{"a.npz"}; len(kerasLosses(g, c)) != 3 {
		t.Errorf("with other data, Keras's losses are %v", kerasLosses(g, c))
	}
}
