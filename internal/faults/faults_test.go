//go:build linux

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// pretend returns a campaign of a program that is a shell script.
func pretend(t *testing.T, program string) *campaign {
	t.Helper()
	c := &campaign{dir: t.TempDir()}
	c.program = filepath.Join(c.dir, "epochtime")
	if err := os.WriteFile(c.program, []byte("#!/bin/sh\n"+program+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return c
}

// Each class of finding is found in a program that misbehaves, and none in one that
// does not.
func TestClasses(t *testing.T) {
	for name, test := range map[string]struct {
		program string
		want    []class
	}{
		"behaves":            {`echo no such file >&2; exit 1`, nil},
		"hangs":              {`sleep 600`, []class{hang}},
		"hangs with a child": {`trap "" TERM INT; sleep 600 & sleep 600`, []class{hang}},
		"succeeds":           {`exit 0`, []class{silent}},
		"another exit code":  {`exit 7`, []class{otherwise}},
		"dies by a signal":   {`kill -9 $$`, []class{otherwise}},
		"dumps":              {`printf 'panic: boom\n\ngoroutine 1 [running]:\n' >&2; exit 1`, []class{dump}},
		"dumps and succeeds": {`echo 'fatal error: all goroutines are asleep' >&2`, []class{dump, silent}},
		"leaves a process":   {`sleep 600 & exit 1`, []class{orphan}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := fault{bound: 2 * time.Second, try: func(s *sandbox) { s.want(s.epochtime("run"), 1) }}
			if !slices.Contains(test.want, hang) {
				f.bound = time.Minute
			}
			c := pretend(t, test.program)
			c.grace = time.Second
			r := c.tryOne(f)
			var got []class
			for _, found := range r.findings {
				got = append(got, found.class)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("found %v, want %v", r.findings, test.want)
			}
			if left, err := os.ReadDir(c.dir); err != nil || len(left) != 1 {
				t.Errorf("the sandbox is still there: %v, %v", left, err)
			}
		})
	}
}

// A process of another sandbox is neither found nor ended.
func TestProcessesOfOthers(t *testing.T) {
	c := pretend(t, "exec sleep 600")
	one, err := c.sandbox(fault{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := c.sandbox(fault{})
	if err != nil {
		t.Fatal(err)
	}
	r := one.start()
	one.await(func() bool { return len(one.processes()) > 0 })
	other.killAll()
	if n := len(other.processes()); n != 0 {
		t.Errorf("another sandbox has %d processes, want 0", n)
	}
	if n := len(one.processes()); n == 0 {
		t.Error("the process is gone")
	}
	one.killAll()
	if got := status(r.Cmd, <-r.exit); got != 128+9 {
		t.Errorf("exit status %d, want that of SIGKILL", got)
	}
}

func TestTable(t *testing.T) {
	results := []result{
		{fault: fault{kind: "a"}},
		{fault: fault{kind: "a"}, findings: []finding{{hang, ""}, {hang, ""}, {dump, ""}}},
		{fault: fault{kind: "b"}, left: "no disk"},
		{fault: fault{kind: "b"}, findings: []finding{{lost, ""}}},
	}
	table := tabulate(results)
	for _, row := range []string{"| a | 2 | 1 | 0 | 0 | 0 | 1 | 0 |\n", "| b | 1 | 0 | 1 | 0 | 0 | 0 | 0 |\n", "| **all** | 3 | 1 | 1 | 0 | 0 | 1 | 0 |\n"} {
		if !strings.Contains(table, row) {
			t.Errorf("no row %q in\n%s", row, table)
		}
	}
	path := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(path, []byte("before\n<!-- faults -->\nold\n<!-- end -->\nafter\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := document(path, "new\n"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if want := "before\n<!-- faults -->\n\nnew\n\n<!-- end -->\nafter\n"; err != nil || string(text) != want {
		t.Errorf("the page is %q, want %q", text, want)
	}
}

// Names are unique, so that -run finds a fault again, and the short form is short.
func TestNames(t *testing.T) {
	c := campaign{samples: samples{run: strings.Repeat("x", 20000), ab: strings.Repeat("x", 20000), history: strings.Repeat("x", 8192)}}
	seen := map[string]bool{}
	for _, f := range c.choose(regexp.MustCompile("")) {
		if seen[f.title()] {
			t.Errorf("two faults are named %s", f.title())
		}
		seen[f.title()] = true
	}
	if len(seen) < 600 {
		t.Errorf("%d faults, want 600 or more", len(seen))
	}
	c.short = true
	if n := len(c.choose(regexp.MustCompile(""))); n < 60 || n > 180 {
		t.Errorf("the short form has %d faults", n)
	}
}

// Every line of a good conversation is one that the worker may say: a launch of it
// works, so that what is wrong in a mutation is what was changed.
func TestMutationsDiffer(t *testing.T) {
	said := say(conversation())
	for _, m := range trainMutations() {
		if m.commands == said {
			t.Errorf("%s changes nothing", m.name)
		}
	}
}
