package exporter

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOptions(t *testing.T) {
	base := Options{{"arg", "width=8"}, {"jit", ""}, {"optimizer", "sgd"}}
	for _, c := range []struct{ key, value, want string }{
		{"arg.depth", "2", "--arg=width=8 --jit --optimizer=sgd --arg=depth=2"},
		{"arg.text", "a=b c", "--arg=width=8 --jit --optimizer=sgd --arg=text=a=b c"},
		{"jit", "false", "--arg=width=8 --optimizer=sgd"},
		{"jit", "1", "--arg=width=8 --optimizer=sgd --jit"},
		{"optimizer", "adam", "--arg=width=8 --jit --optimizer=sgd --optimizer=adam"},
		{"args", "--width 64 'two words'", "--arg=width=8 --jit --optimizer=sgd --script-arg=--width --script-arg=64 --script-arg=two words"},
		{"args", "", "--arg=width=8 --jit --optimizer=sgd"},
		{"args", "'open", ""},
		{"args", "a; b", ""},
		{"script-arg", "a", ""},
		{"jit", "maybe", ""},
		{"classes", "3", ""}, // differs between models, not configurations
		{"arg", "a=1", ""},
		{"arg.", "1", ""},
		{"", "", ""},
	} {
		got, err := base.With(c.key, c.value)
		switch words := strings.Join(got.Words(), " "); {
		case c.want == "" && !errors.Is(err, ErrOption):
			t.Errorf("%s=%s: %v, want ErrOption", c.key, c.value, err)
		case c.want != "" && (err != nil || words != c.want):
			t.Errorf("%s=%s: %q, %v, want %q", c.key, c.value, words, err, c.want)
		}
	}
	if got := strings.Join(base.Words(), " "); got != "--arg=width=8 --jit --optimizer=sgd" {
		t.Errorf("With changed what it was called on: %s", got)
	}
}

// All arguments of a script are replaced.
func TestArguments(t *testing.T) {
	o := Options{{"jit", ""}}.WithArguments([]string{"a", "b"})
	o, err := o.With("args", "c")
	if want := (Options{{"jit", ""}, {"script-arg", "c"}}); err != nil || !cmp.Equal(o, want) {
		t.Errorf("%v, %v, want %v", o, err, want)
	}
}

func TestAddRefusesUnknownOptions(t *testing.T) {
	for _, name := range []string{"", "debug", "out", "--jit"} {
		if got, err := Options(nil).Add(name, "x"); !errors.Is(err, ErrOption) || len(got) != 0 {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
}

// A record keeps options as JSON.
func TestOptionsAsJSON(t *testing.T) {
	want := Options{{"arg", "width=8"}, {"jit", ""}, {"loss", "mse"}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Options
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("from %s (-want +got):\n%s", text, diff)
	}
}

// The table describes options that the Python side has.
func TestTableIsTheExporters(t *testing.T) {
	files, err := filepath.Glob("../../pygen/*.py")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pygen: %v", err)
	}
	var all bytes.Buffer
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, o := range Table() {
		if !bytes.Contains(all.Bytes(), []byte(`"--`+o.Name+`"`)) {
			t.Errorf("pygen has no option --%s", o.Name)
		}
	}
}
