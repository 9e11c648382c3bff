package exporter

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"epochtime/internal/scripted"
)

// asExporter makes this test binary a Python with a scripted exporter.
const asExporter = "EPOCHTIME_TEST_EXPORTER"

func TestMain(m *testing.M) {
	if scripted.Wanted(asExporter) {
		scripted.Exporter()
		return
	}
	os.Setenv(asExporter, "1")
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each exporter waits a second at its end
	os.Exit(m.Run())
}

// scene makes the test's folder the working directory, with an exporter and a model
// file that says text.
func scene(t *testing.T, text string) (Exporter, *Cache) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.Mkdir("pygen", 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, "pygen/__main__.py", "")
	write(t, "model.py", text)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &Cache{Dir: filepath.Join(dir, "cache")}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return Exporter{Home: dir, Python: self}, c
}

// exports returns how often the scripted exporter ran.
func exports(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("export.log")
	if err != nil {
		return 0
	}
	return strings.Count(string(text), "\n")
}

func TestGraphs(t *testing.T) {
	e, c := scene(t, "name mine")
	var events []Event
	locked, unlocked := 0, 0
	c.Watch = func(e Event) { events = append(events, e) }
	c.Lock = func() (func(), error) { locked++; return func() { unlocked++ }, nil }
	m := Model{Spec: "model.py:build", Options: Options{{"jit", ""}}}
	first, err := c.Graphs(t.Context(), e, m)
	if err != nil {
		t.Fatal(err)
	}
	g := first[0]
	if len(events) != 2 || events[0].Graphs != nil || events[1].Graphs[0] != g || events[1].Took <= 0 || events[1].Spec != m.Spec {
		t.Errorf("the events were %+v", events)
	}
	again, err := c.Graphs(t.Context(), e, m)
	if err != nil || again[0].Dir != g.Dir || len(events) != 2 {
		t.Errorf("the second time: %+v, %v, %d events", again, err, len(events))
	}
	if locked != 1 || unlocked != 1 || exports(t) != 1 {
		t.Errorf("locked %d times, unlocked %d times, exported %d times", locked, unlocked, exports(t))
	}
	m.Options = nil
	if other, err := c.Graphs(t.Context(), e, m); err != nil || other[0].Dir == g.Dir {
		t.Errorf("other options: %+v, %v", other, err)
	}
}

// A script has a graph for each phase, which are kept together.
func TestPhases(t *testing.T) {
	e, c := scene(t, "phase fit 12\nphase fit 41\nphase train_on_batch 50")
	m := Model{Spec: "model.py"}
	for range 2 {
		found, err := c.Graphs(t.Context(), e, m)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, g := range found {
			got = append(got, g.Name+": "+g.Script.Place())
		}
		if want := []string{"model-1: fit at line 12", "model-2: fit at line 41", "model-3: train_on_batch at line 50"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if exports(t) != 1 {
		t.Errorf("exported %d times", exports(t))
	}
	found, _ := c.Graphs(t.Context(), e, m)
	if err := os.RemoveAll(found[1].Dir); err != nil {
		t.Fatal(err)
	}
	if again, err := c.Graphs(t.Context(), e, m); err != nil || len(again) != 3 || exports(t) != 2 {
		t.Errorf("without its second phase: %d graphs, %v, exported %d times", len(again), err, exports(t))
	}
}

func TestGraphsErrors(t *testing.T) {
	busy := errors.New("busy")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	exit := func(code int) func(error) bool {
		return func(err error) bool {
			var e *exec.ExitError
			return errors.As(err, &e) && e.ExitCode() == code
		}
	}
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	for name, c := range map[string]struct {
		text   string
		ctx    context.Context
		change func(*Exporter, *Cache, *Model)
		want   func(error) bool
	}{
		"no file":  {change: func(_ *Exporter, _ *Cache, m *Model) { m.Spec = "nowhere.py" }, want: is(ErrModel)},
		"no model": {change: func(_ *Exporter, _ *Cache, m *Model) { m.Spec = "" }, want: is(ErrModel)},
		"arguments": {change: func(_ *Exporter, _ *Cache, m *Model) {
			m.Spec, m.Options = "model.py:build", m.Options.WithArguments([]string{"a"})
		}, want: is(ErrOption)},
		"built in":    {change: func(_ *Exporter, _ *Cache, m *Model) { m.Spec = "cnn" }, want: is(ErrModel)},
		"no exporter": {change: func(e *Exporter, _ *Cache, _ *Model) { *e = Exporter{} }, want: is(ErrNoExporter)},
		"no Python":   {change: func(e *Exporter, _ *Cache, _ *Model) { e.Python = "" }, want: is(ErrNoPython)},
		"no cache":    {change: func(_ *Exporter, c *Cache, _ *Model) { c.Dir = "model.py/cache" }, want: is(ErrCache)},
		"locked": {change: func(_ *Exporter, c *Cache, _ *Model) {
			c.Lock = func() (func(), error) { return nil, busy }
		}, want: is(busy)},
		"ended": {ctx: ended, want: is(context.Canceled)},
		"fails": {text: "fail 3 no", want: exit(3)},
		"none":  {text: "none", want: func(err error) bool { return strings.Contains(err.Error(), "the exporter made no graph") }},
	} {
		t.Run(name, func(t *testing.T) {
			e, cache := scene(t, c.text)
			m := Model{Spec: "model.py"}
			if c.change != nil {
				c.change(&e, cache, &m)
			}
			ctx := c.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			g, err := cache.Graphs(ctx, e, m)
			if err == nil || g != nil || !c.want(err) {
				t.Fatalf("Graphs returns %v, %v", g, err)
			}
			if left, _ := os.ReadDir(cache.Dir); len(left) > 0 {
				t.Errorf("the cache holds %v", left)
			}
		})
	}
}

// What the exporter says on stderr goes to the caller's writer.
func TestGraphsStderr(t *testing.T) {
	e, c := scene(t, "fail 1 line 3 is wrong")
	var said strings.Builder
	c.Stderr = &said
	if _, err := c.Graphs(t.Context(), e, Model{Spec: "model.py"}); err == nil {
		t.Fatal("it worked")
	}
	if !strings.Contains(said.String(), "line 3 is wrong") {
		t.Errorf("stderr was %q", said.String())
	}
}

func TestCloseTwice(t *testing.T) {
	e, c := scene(t, "")
	if _, err := c.Graphs(t.Context(), e, Model{Spec: "model.py"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Graphs(t.Context(), e, Model{Spec: "model.py"}); err != nil {
		t.Errorf("after Close: %v", err)
	}
}

// A change of anything that changes the graph changes its key; a change of how
// TensorFlow logs does not.
func TestKey(t *testing.T) {
	e, _ := scene(t, "")
	m := Model{Spec: "model.py:build", Options: Options{{"arg", "a=1"}}}
	key := func() string {
		t.Helper()
		k, err := e.key(m)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	for _, name := range []string{"TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND", "XLA_FLAGS", "TF_ENABLE_ONEDNN_OPTS", "PYTHONPATH", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES"} {
		t.Setenv(name, "")
		os.Unsetenv(name) // Setenv puts it back
	}
	plain := key()
	for name, changes := range map[string]bool{
		"TF_CPP_MIN_LOG_LEVEL": false, "TF_CPP_VMODULE": false, "PATH_OF_MINE": false,
		"OMP_NUM_THREADS": true, "CUDA_VISIBLE_DEVICES": true, "KERAS_BACKEND": true, "XLA_FLAGS": true, "TF_ENABLE_ONEDNN_OPTS": true, "PYTHONPATH": true,
	} {
		t.Setenv(name, "1")
		if got := key() != plain; got != changes {
			t.Errorf("%s changes the key: %v, want %v", name, got, changes)
		}
		os.Unsetenv(name)
	}
	if m.Debug = true; key() != plain {
		t.Error("showing tracebacks changes the key")
	}
	if m.Spec = filepath.Join(e.Home, "model.py") + ":build"; key() != plain {
		t.Error("the same file by another path has another key")
	}
	m.Options = append(m.Options, Value{"arg", "b=1"})
	if key() == plain {
		t.Error("another argument has the same key")
	}
	m.Options = m.Options[:1].WithArguments([]string{"--width", "64"})
	words := key()
	if m.Options = m.Options.WithArguments([]string{"--width 64"}); words == plain || key() == words {
		t.Error("other arguments of a script have the same key")
	}
	m.Options = m.Options[:1]
	t.Chdir(t.TempDir()) // m is named by a whole path
	if key() == plain {
		t.Error("another folder has the same key")
	}
	t.Chdir(e.Home)
	write(t, "pygen/step.py", "changed = True")
	if key() == plain {
		t.Error("another exporter has the same key")
	}
}

func TestHome(t *testing.T) {
	for name, c := range map[string]struct{ pygen, want string }{
		"checkout":  {"prefix/pygen", "prefix"},
		"installed": {"prefix/share/epochtime/pygen", "prefix/share/epochtime"},
		"beside":    {"prefix/bin/pygen", ""},
		"nowhere":   {"elsewhere/pygen", ""},
	} {
		t.Run(name, func(t *testing.T) {
			root, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			program := filepath.Join(root, "prefix", "bin", "epochtime")
			for _, path := range []string{program, filepath.Join(root, c.pygen, "__main__.py")} {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				write(t, path, "")
			}
			got, err := firstHome(placesFor(program))
			if c.want == "" {
				if !errors.Is(err, ErrNoExporter) {
					t.Errorf("the exporter is in %q, %v", got, err)
				}
				return
			}
			if want := filepath.Join(root, c.want); got != want || err != nil {
				t.Errorf("the exporter is in %q, %v, want %s", got, err, want)
			}
		})
	}
}

func TestFind(t *testing.T) {
	e, _ := scene(t, "")
	t.Setenv("EPOCHTIME_PYTHON", "")
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("PATH", "")
	if _, err := Find(""); !errors.Is(err, ErrNoPython) {
		t.Errorf("without a Python: %v", err)
	}
	if _, err := Find("./nowhere"); !errors.Is(err, ErrNoPython) {
		t.Errorf("a Python that is missing: %v", err)
	}
	if got, err := Find(e.Python); err != nil || got.Python != e.Python {
		t.Errorf("a named Python: %+v, %v", got, err)
	}
	t.Setenv("EPOCHTIME_PYTHON", e.Python)
	if got, err := Find(""); err != nil || got.Python != e.Python {
		t.Errorf("a Python of the environment: %+v, %v", got, err)
	}
	if err := os.RemoveAll("pygen"); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(""); !errors.Is(err, ErrNoExporter) {
		t.Errorf("without an exporter: %v", err)
	}
}

func TestCommand(t *testing.T) {
	e := Exporter{Home: "/home", Python: "python3"}
	t.Setenv("PYTHONPATH", "/more")
	c := e.Command(t.Context(), "export", "cnn")
	if want := []string{"python3", "-m", "pygen", "export", "cnn"}; !slices.Equal(c.Args, want) {
		t.Errorf("the command is %q, want %q", c.Args, want)
	}
	if want := "PYTHONPATH=/home" + string(os.PathListSeparator) + "/more"; !slices.Contains(c.Env, want) {
		t.Errorf("its environment lacks %s", want)
	}
	c = Exporter{}.Command(t.Context())
	c.Stderr = io.Discard
	if err := c.Run(); err == nil {
		t.Error("a zero Exporter runs")
	}
}

func TestBuiltIn(t *testing.T) {
	got, err := builtIn(fstest.MapFS{
		"pygen/models/cnn.py": {}, "pygen/models/__init__.py": {}, "pygen/models/rnn.py": {}, "pygen/models/notes.txt": {},
	})
	if want := []string{"cnn", "rnn"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("built-in models: %q, %v, want %q", got, err, want)
	}
}
