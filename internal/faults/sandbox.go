//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"epochtime/internal/testgraph"
)

// sandbox is the folder of one fault, with all that its programs remember and leave.
type sandbox struct {
	*campaign
	dir      string
	mark     string // in the environment of every process of the fault
	bound    time.Duration
	limits   string // shell commands before the program, such as ulimit -n 8
	nobody   bool   // commands run as a user without rights
	stdout   string // file for the standard output of commands; empty: it is kept
	findings []finding
	left     string
	undo     []func() error
}

// marker is the variable that holds a sandbox's mark.
const marker = "EPOCHTIME_FAULT"

func (c *campaign) sandbox(f fault) (*sandbox, error) {
	c.mu.Lock()
	c.number++
	n := c.number
	c.mu.Unlock()
	s := &sandbox{campaign: c, dir: filepath.Join(c.dir, strconv.Itoa(n)), bound: f.bound}
	s.mark = s.dir
	if s.bound == 0 {
		s.bound = defaultBound
	}
	var err error
	for _, name := range []string{"", "home", "tmp", "graphs"} {
		err = errors.Join(err, os.Mkdir(filepath.Join(s.dir, name), 0o755))
	}
	return s, errors.Join(err, testgraph.Write(s.path("graphs/one")), testgraph.Write(s.path("graphs/two")))
}

func (s *sandbox) close() error {
	var err error
	for _, undo := range slices.Backward(s.undo) {
		err = errors.Join(err, undo())
	}
	if s.keep && len(s.findings) > 0 {
		s.mu.Lock()
		s.retained = true
		s.mu.Unlock()
		s.note(s.findings[0].class, "its folder is %s", s.dir)
		return err
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

func (s *sandbox) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

// put writes a file of the sandbox.
func (s *sandbox) put(name, text string) string {
	if err := os.WriteFile(s.path(name), []byte(text), 0o644); err != nil {
		s.note(otherwise, "the fault could not be made: %v", err)
	}
	return s.path(name)
}

// get reads a file of the sandbox; it is empty if there is none.
func (s *sandbox) get(name string) string {
	text, err := os.ReadFile(s.path(name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.note(otherwise, "%v", err)
	}
	return string(text)
}

// must notes an error of making the fault.
func (s *sandbox) must(err error) {
	if err != nil {
		s.note(otherwise, "the fault could not be made: %v", err)
	}
}

func (s *sandbox) environment() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.path("home"), "XDG_CACHE_HOME=" + s.path("home/cache"), "XDG_DATA_HOME=" + s.path("home/data"),
		"TMPDIR=" + s.path("tmp"), "EPOCHTIME_DB=" + s.path("history.db"), "EPOCHTIME_GRAPHS=" + s.path("graphs"), marker + "=" + s.mark,
	}
}

// ended is how a command ended.
type ended struct {
	what           string
	code           int // 128 and the number of the signal that ended it; -1: it hung
	stdout, stderr string
}

// started is a command that runs.
type started struct {
	*exec.Cmd
	s        *sandbox
	out, err *os.File
	exit     chan error
}

// start starts the program with these arguments.
func (s *sandbox) start(args ...string) *started {
	argv := append([]string{s.program}, args...)
	if s.limits != "" {
		argv = append([]string{"sh", "-c", s.limits + `; exec "$@"`, "sh"}, argv...)
	}
	r := &started{Cmd: exec.Command(argv[0], argv[1:]...), s: s, exit: make(chan error, 1)}
	r.Dir, r.Env = s.dir, s.environment()
	r.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if s.nobody {
		r.SysProcAttr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
	}
	var err error
	if r.err, err = os.CreateTemp(s.dir, "stderr-"); err == nil {
		r.out, err = s.output()
	}
	s.must(err)
	r.Stdout, r.Stderr = r.out, r.err
	if err := r.Start(); err != nil {
		r.exit <- err
		return r
	}
	go func() { r.exit <- r.Cmd.Wait() }()
	return r
}

func (s *sandbox) output() (*os.File, error) {
	if s.stdout != "" {
		return os.OpenFile(s.stdout, os.O_WRONLY, 0)
	}
	return os.CreateTemp(s.dir, "stdout-")
}

// end waits for a command, and notes if it hung, left processes or dumped.
func (r *started) end() ended {
	out := ended{what: strings.Join(r.Args[slices.Index(r.Args, r.s.program):], " "), code: -1}
	out.what = fmt.Sprintf("%.90s", strings.ReplaceAll(strings.ReplaceAll(out.what, r.s.dir+"/", ""), r.s.campaign.dir+"/", ""))
	select {
	case err := <-r.exit:
		out.code = status(r.Cmd, err)
		if left := r.s.remaining(r.s.grace); len(left) > 0 {
			r.s.note(orphan, "%s left %s", out.what, strings.Join(left, ", "))
		}
	case <-time.After(r.s.bound):
		r.s.note(hang, "%s did not end in %v", out.what, r.s.bound)
	}
	r.s.killAll()
	if out.code < 0 {
		<-r.exit
	}
	out.stderr = readBack(r.err)
	if r.s.stdout == "" {
		out.stdout = readBack(r.out)
	} else {
		r.out.Close()
	}
	if at := dumped.FindString(out.stderr); at != "" {
		r.s.note(dump, "%s: %s", out.what, at)
	}
	return out
}

// epochtime runs the program to its end.
func (s *sandbox) epochtime(args ...string) ended { return s.start(args...).end() }

// dumped matches the first line of what Go's runtime prints when it gives up.
var dumped = regexp.MustCompile(`(?m)^(panic: |fatal error: |runtime: |goroutine \d+ \[|SIG[A-Z]+: |unexpected fault address).*`)

func status(cmd *exec.Cmd, err error) int {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 127
	}
	if w := cmd.ProcessState.Sys().(syscall.WaitStatus); w.Signaled() {
		return 128 + int(w.Signal())
	}
	return cmd.ProcessState.ExitCode()
}

func readBack(f *os.File) string {
	defer f.Close()
	text, err := os.ReadFile(f.Name())
	if err != nil {
		return ""
	}
	return string(bytes.ToValidUTF8(text, []byte("?")))
}

// want notes a finding unless the command ended with one of these exit codes. A
// success that is not wanted is a silent one.
func (s *sandbox) want(e ended, codes ...int) bool {
	if e.code < 0 || slices.Contains(codes, e.code) { // a hang has been noted
		return e.code >= 0
	}
	c := otherwise
	if e.code == 0 {
		c = silent
	}
	s.note(c, "%s: exit code %d, want one of %v; stderr: %s", e.what, e.code, codes, firstLine(e.stderr))
	return false
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return fmt.Sprintf("%.200s", line)
}
