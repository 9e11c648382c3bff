package main

import (
	"flag"
	"os"
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
		"epochtime-worker": scripted.Main,
		"exporting-python": scripted.Exporter,
	})
}

// TestScripts runs the command transcripts. Each has folders of its own for what
// the program remembers, and a worker that follows a script.
func TestScripts(t *testing.T) {
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
