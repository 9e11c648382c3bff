package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestText(t *testing.T) {
	r := newRenaming("old", "example.org/new", []string{"cmd", "harness"})
	for _, test := range []struct{ name, text, want string }{
		{"import", `import "old/harness/graph"`, `import "example.org/new/harness/graph"`},
		{"named import", "\tg \"old/harness/graph\"\n", "\tg \"example.org/new/harness/graph\"\n"},
		{"several in one line", "go doc old/cmd/x old/harness", "go doc example.org/new/cmd/x example.org/new/harness"},
		{"first word of a file", "old/harness", "example.org/new/harness"},
		{"go.mod", "module old\n\nrequire old v0.0.0\n", "module example.org/new\n\nrequire example.org/new v0.0.0\n"},
		{"go.mod, in brackets", "require (\n\told v0.0.0 // here\n)", "require (\n\texample.org/new v0.0.0 // here\n)"},
		{"replace", "replace old => ../..", "replace example.org/new => ../.."},
		{"replace, in brackets", "replace (\n\told => ../..\n)", "replace (\n\texample.org/new => ../..\n)"},
		{"flags", "go mod edit -require=old@v0.0.0 -replace=old=/src", "go mod edit -require=example.org/new@v0.0.0 -replace=example.org/new=/src"},
		{"constant", `const module = "old"`, `const module = "example.org/new"`},
		{"in Markdown", "`module old` names it", "`module example.org/new` names it"},

		{"end of another path", `"a.b/old/harness" "../old/cmd" "cold/cmd"`, `"a.b/old/harness" "../old/cmd" "cold/cmd"`},
		{"another folder", "old/graphs old/harnesses", "old/graphs old/harnesses"},
		{"the program", "cd old && bin/old run --module old-fashioned", "cd old && bin/old run --module old-fashioned"},
		{"longer names", "require old/x v1.0.0\nmodule older", "require old/x v1.0.0\nmodule older"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, string(r.text([]byte(test.text)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadPaths(t *testing.T) {
	for _, path := range []string{
		"", "epoch times", "nodot/team", "example.org//x", "/example.org/x", "example.org/x/", "example.org/x/v2",
		"example.org/x.", "https://example.org/x", "gopkg.in/x.v0",
	} {
		if err := check(path); !errors.Is(err, errPath) {
			t.Errorf("%q: %v, want %v", path, err, errPath)
		}
	}
	for _, path := range []string{"example.org/team/epochtime", "github.com/Team/epoch-time", "example.org"} {
		if err := check(path); err != nil {
			t.Error(err)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"example.org/a", "example.org/b"}} {
		if err := run(args); !errors.Is(err, errUsage) {
			t.Errorf("%q: %v, want %v", args, err, errUsage)
		}
	}
}

// A copy of this checkout is renamed, renamed again, and still builds.
func TestRenameCheckout(t *testing.T) {
	root := copyCheckout(t, filepath.Join("..", ".."))
	old, err := modulePath(root)
	if err != nil {
		t.Fatal(err)
	}
	const now = "example.org/team/epochtime"
	changed, err := rename(root, now)
	if err != nil {
		t.Fatal(err)
	}
	if changed < 100 {
		t.Errorf("only %d files changed", changed)
	}
	if again, err := rename(root, now); again != 0 || err != nil {
		t.Errorf("the second time: %d files changed, %v", again, err)
	}
	for _, place := range mentions(t, root, old) {
		t.Errorf("the old path is left in %s", place)
	}
	command(t, root, "go", "build", "-o", os.DevNull, "./cmd/epochtime")
	command(t, root, "go", "vet", "./harness", "./harness/graph", "./internal/renamemodule")
	command(t, root, "go", "test", "./harness") // reads the module's path from its own constant
}

// copyCheckout copies what git would commit, to a repository of its own.
func copyCheckout(t *testing.T, from string) string {
	t.Helper()
	files, err := tracked(from)
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	for _, name := range files {
		if err := copyFile(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			t.Fatal(err)
		}
	}
	command(t, to, "git", "init", "--quiet")
	return to
}

func copyFile(from, to string) error {
	info, err := os.Lstat(from)
	if errors.Is(err, os.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// mentions lists the lines that import the old path, or require it.
func mentions(t *testing.T, root, old string) []string {
	t.Helper()
	path := regexp.QuoteMeta(old)
	left := regexp.MustCompile(`["` + "`" + ` ]` + path + `/(harness|cmd|internal)/|(module|require|replace) ` + path + `\s|=> ` + path + `$`)
	files, err := tracked(root)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range files {
		if ext := filepath.Ext(name); ext != ".go" && ext != ".mod" && ext != ".md" && ext != "" || strings.HasPrefix(name, "internal/renamemodule/") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(data), "\n") {
			if left.MatchString(line) {
				out = append(out, name+": "+line)
			}
		}
	}
	return out
}

func command(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}
