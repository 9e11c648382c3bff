package train_test

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/feed"
	"epochtime/harness/train"
)

// asProgram makes TestQuiet train, as a program does, instead of starting one.
const asProgram = "EPOCHTIME_TEST_AS_PROGRAM"

// TensorFlow is silent in a program that asks for nothing, from its start on; one
// that asks hears it. Its environment stays what it was.
func TestQuiet(t *testing.T) {
	if os.Getenv(asProgram) != "" {
		tr := open(t, "linear-jit", 10, train.Options{Feed: feed.Options{Batch: 10}})
		defer tr.Close()
		if _, err := tr.Epoch(t.Context()); err != nil {
			t.Fatal(err)
		}
		if level, ok := os.LookupEnv("TF_CPP_MIN_LOG_LEVEL"); ok && level != os.Getenv(asProgram) {
			t.Errorf("TF_CPP_MIN_LOG_LEVEL has become %q", level)
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	environ := slices.DeleteFunc(os.Environ(), func(line string) bool { return strings.HasPrefix(line, "TF_CPP_") })
	for level, loud := range map[string]bool{"": false, "0": true} {
		cmd := exec.Command(self, "-test.run=^TestQuiet$")
		cmd.Env = append(slices.Clone(environ), asProgram+"="+level+" ")
		if level != "" {
			cmd.Env = append(slices.Clone(environ), asProgram+"="+level, "TF_CPP_MIN_LOG_LEVEL="+level)
		}
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s%s", err, &stdout, &stderr)
		}
		if loud != strings.Contains(stderr.String(), "XLA service") || !loud && stderr.Len() > 0 {
			t.Errorf("at level %q TensorFlow says:\n%s", level, &stderr)
		}
	}
}
