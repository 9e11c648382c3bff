package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/gofrs/flock"
	"github.com/rogpeppe/go-internal/testscript"

	"epochtime/harness/record"
	"epochtime/internal/scripted"
)

// code N COMMAND…: the command ends with exit status N.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND…")
	}
	checkStatus(ts, args[0], ts.Exec(args[1], args[2:]...))
}

func checkStatus(ts *testscript.TestScript, want string, err error) {
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != want {
		ts.Fatalf("exit status %d, want %s", got, want)
	}
}

// interrupted FILE N COMMAND…: once the file is there, the command gets SIGINT,
// and ends with exit status N. Its outputs are in the files out and err.
func interrupted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt FILE N COMMAND…")
	}
	signalled(ts, append([]string{"INT:" + args[0]}, args[1:]...))
}

// named are the signals that scripts send.
var named = map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": syscall.SIGKILL}

// signals SIGNAL:FILE,… N COMMAND…: the command gets each signal once its file is
// there, and ends with exit status N, -1 by a signal. Its outputs are in the files out
// and err.
func signals(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: signals SIGNAL:FILE,… N COMMAND…")
	}
	signalled(ts, args)
}

func signalled(ts *testscript.TestScript, args []string) {
	program, err := exec.LookPath(args[2])
	ts.Check(err)
	cmd := exec.Command(program, args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "XDG_CACHE_HOME", "TMPDIR", "GORACE", "EPOCHTIME_PYTHON", scripted.ScriptVariable} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	stdout, err := os.Create(ts.MkAbs("out"))
	ts.Check(err)
	defer stdout.Close()
	stderr, err := os.Create(ts.MkAbs("err"))
	ts.Check(err)
	defer stderr.Close()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	ts.Check(cmd.Start())
	for _, item := range strings.Split(args[0], ",") {
		name, file, _ := strings.Cut(item, ":")
		ready := poll(func() bool { return reached(ts.MkAbs(file)) })
		if !ready {
			_ = cmd.Process.Kill() // the test has failed
			_ = cmd.Wait()
			ts.Fatalf("%s never appeared\n%s", file, ts.ReadFile("err"))
		}
		ts.Check(cmd.Process.Signal(named[name]))
	}
	err = cmd.Wait()
	checkStatus(ts, args[1], err)
}

// pipes are the pipes that commands of the scripts read, to which nobody writes.
var pipes []*os.File

// reached reports whether a file is there, or a pipe is being read.
func reached(path string) bool {
	info, err := os.Stat(path)
	if err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		return err == nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	pipes = append(pipes, f) // its end would end the reading
	return true
}

// poll asks again and again whether something is so, for long enough that only
// what never will be is given up.
func poll(so func() bool) bool {
	for range 3000 {
		if so() {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// gone FILE: the process that held the file locked has ended.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gone FILE")
	}
	ts.ReadFile(args[0]) // it was there
	l := flock.New(ts.MkAbs(args[0]))
	if !poll(func() bool { got, err := l.TryLock(); return got && err == nil }) {
		ts.Fatalf("the process that holds %s still lives", args[0])
	}
	ts.Check(l.Unlock())
}

// appears FILE: it does so within reasonable time.
func appears(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: appears FILE")
	}
	if !poll(func() bool { _, err := os.Stat(ts.MkAbs(args[0])); return err == nil }) {
		ts.Fatalf("%s never appeared", args[0])
	}
}

// json FILE [PATH=VALUE…]: the file holds these values, and if it is a record it is a
// whole one. A path is dotted, as in runs.0.launches.len, where len counts.
func checkJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: json FILE [PATH=VALUE…]")
	}
	text := ts.ReadFile(args[0])
	var all any
	ts.Check(json.Unmarshal([]byte(text), &all))
	if at(all, []string{"plan", "kind"}) != "missing" {
		if _, err := record.Read(strings.NewReader(text)); err != nil {
			ts.Fatalf("%s: %v\n%s", args[0], err, text)
		}
	}
	for _, item := range args[1:] {
		path, want, _ := strings.Cut(item, "=")
		if got := at(all, strings.Split(path, ".")); got != want {
			ts.Fatalf("%s: %s is %s, want %s", args[0], path, got, want)
		}
	}
}

// at is the value at a path, as text.
func at(value any, path []string) string {
	for _, key := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			if key == "len" {
				return strconv.Itoa(len(v))
			}
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(v) {
				return "missing"
			}
			value = v[i]
		default:
			return "missing"
		}
	}
	return fmt.Sprint(value)
}

// narrow FILE: no line is wider than 80 columns.
func narrow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: narrow FILE")
	}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			ts.Fatalf("%d columns: %s", n, line)
		}
	}
}

// files DIR [NAME…]: the folder holds exactly these files.
func files(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: files DIR [NAME…]")
	}
	var got []string
	root := ts.MkAbs(args[0])
	ts.Check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(root, path)
			got = append(got, filepath.ToSlash(name))
		}
		return err
	}))
	want := slices.Sorted(slices.Values(args[1:]))
	if !slices.Equal(got, want) {
		ts.Fatalf("%s holds %q, want %q", args[0], got, want)
	}
}

// spoil remove|flip PATTERN…: removes what matches, or flips one bit in the middle of
// each file that does.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: spoil remove|flip PATTERN…")
	}
	for _, pattern := range args[1:] {
		found, err := filepath.Glob(ts.MkAbs(pattern))
		ts.Check(err)
		if len(found) == 0 {
			ts.Fatalf("nothing matches %s", pattern)
		}
		for _, path := range found {
			if args[0] == "remove" {
				ts.Check(os.RemoveAll(path))
				continue
			}
			text, err := os.ReadFile(path)
			ts.Check(err)
			text[len(text)/2] ^= 1
			ts.Check(os.WriteFile(path, text, 0o755))
		}
	}
}
