package measure

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"epochtime/harness/exporter"
	"epochtime/harness/launch"
	"epochtime/harness/record"
	"epochtime/harness/runtimes"
)

// A check is remembered for the program that was started, whatever name was given, and
// for the library that it was told to load.
func TestParityKeySeesWhatIsStarted(t *testing.T) {
	g := makeGraph(t, "cnn")
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	worker := func(program, library string) *launch.Worker {
		w := &launch.Worker{Argv: []string{program}}
		if library != "" {
			w.Base = map[string]string{runtimes.SearchPath: library + string(os.PathListSeparator) + "/more"}
		}
		return w
	}
	program, other := write("a/epochtime-worker", ""), write("b/epochtime-worker", "")
	library := filepath.Dir(write("tensorflow/"+exporter.Library, ""))
	key := func(w Launcher) string { return parityKey(w, g, record.Config{Worker: []string{"tf220"}}) }

	first := key(worker(program, ""))
	if key(worker(program, "")) != first {
		t.Error("the same worker has another key")
	}
	if key(worker(other, "")) == first {
		t.Error("another program of the same name has the same key")
	}
	if key(worker(program, dir)) != first {
		t.Error("a folder without a library has another key")
	}
	with := key(worker(program, library))
	if with == first || key(worker(program, library)) != with {
		t.Error("a library does not count")
	}
	write("tensorflow/"+exporter.Library, "another")
	if key(worker(program, library)) == with {
		t.Error("another library has the same key")
	}
	write("a/epochtime-worker", "built anew")
	if key(worker(program, "")) == first {
		t.Error("a program that was built anew has the same key")
	}
}
