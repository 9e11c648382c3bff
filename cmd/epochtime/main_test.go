package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"epochtime/internal/scripted"
	"epochtime/internal/wallclock"
)

var update = flag.Bool("update", false, "write the expected outputs in testdata/script anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"epochtime": func() {
			wallclock.Unbounded() // the epochs of a scripted worker take no time
			lockFile = func() string { return filepath.Join(os.TempDir(), "epochtime.lock") }
			os.Exit(run())
		},
		"exporting-python": scripted.Python,
	})
}

// TestScripts runs the command transcripts. Each has folders of its own for what
// the program remembers, and a worker that follows a script.
func TestScripts(t *testing.T) {
	workers := buildWorker(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			for name, folder := range map[string]string{"HOME": "home", "XDG_CACHE_HOME": "cache", "TMPDIR": "tmp"} {
				path := filepath.Join(env.WorkDir, folder)
				if err := os.Mkdir(path, 0o755); err != nil {
					return err
				}
				env.Setenv(name, path)
			}
			root, err := filepath.Abs(moduleRoot)
			if err != nil {
				return err
			}
			env.Setenv("MODULE", root)
			env.Setenv("PATH", workers+string(filepath.ListSeparator)+env.Getenv("PATH"))
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else each program waits a second at its end
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": code, "interrupt": interrupted, "signals": signals, "makegraph": makeGraph, "json": checkJSON,
			"gone": gone, "appears": appears, "narrow": narrow, "files": files,
			"printed": printedCommands, "spoil": spoil,
		},
	})
}

// buildWorker builds the worker that follows a script, and returns its folder. Most
// processes of the transcripts are such workers.
func buildWorker(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "epochtime-worker"), "epochtime/internal/scripted/epochtime-worker")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the worker: %v\n%s", err, out)
	}
	return dir
}
