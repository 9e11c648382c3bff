package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// errPath marks a path that a module cannot have.
var errPath = errors.New("not a path for this module")

// rename gives the module in root the path now, and returns how many files it
// changed. go.mod is written last, so a rename that was cut off is completed by
// running it again. Errors of the path are errPath.
func rename(root, now string) (int, error) {
	old, err := modulePath(root)
	if err != nil {
		return 0, err
	}
	if now == old {
		return 0, nil
	}
	if err := check(now); err != nil {
		return 0, err
	}
	files, err := tracked(root)
	if err != nil {
		return 0, err
	}
	// The root's go.mod decides which path is the old one.
	files = append(slices.DeleteFunc(files, func(name string) bool { return name == "go.mod" }), "go.mod")
	r := newRenaming(old, now, folders(files))
	changed := 0
	for _, name := range files {
		did, err := r.file(filepath.Join(root, name))
		if err != nil {
			return changed, err
		}
		if did {
			changed++
		}
	}
	return changed, nil
}

// check refuses what the go command refuses, and a major version in the path:
// no version of this module has one.
func check(now string) error {
	if err := module.CheckPath(now); err != nil {
		return fmt.Errorf("%w: %w", errPath, err)
	}
	if _, major, _ := module.SplitPathVersion(now); major != "" {
		return fmt.Errorf("%w: %q ends in a major version; leave out %s", errPath, now, major)
	}
	return nil
}

func modulePath(root string) (string, error) {
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("cannot read the module's path: %w", err)
	}
	path := modfile.ModulePath(data)
	if path == "" {
		return "", errors.New("go.mod has no module line")
	}
	return path, nil
}

// tracked lists the files of the checkout, without what git ignores.
func tracked(root string) ([]string, error) {
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot list the files of this checkout (git ls-files): %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 }), nil
}

// folders are the folders at the root that hold Go packages, as patterns.
func folders(files []string) []string {
	found := map[string]bool{}
	for _, name := range files {
		if folder, _, below := strings.Cut(name, "/"); below && strings.HasSuffix(name, ".go") {
			found[regexp.QuoteMeta(folder)] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// renaming replaces one module path by another in text.
type renaming struct {
	now   string
	forms []*regexp.Regexp // each has the old path in its second group
}

func newRenaming(old, now string, folders []string) *renaming {
	path := "(" + regexp.QuoteMeta(old) + ")"
	return &renaming{now: now, forms: []*regexp.Regexp{
		// An import path, in Go and in text; not the end of a longer path.
		regexp.MustCompile(`(^|[^\w./~@-])` + path + `(/(?:` + strings.Join(folders, "|") + `)\b)`),
		// Lines of go.mod, and the same in text and as flags of go mod edit.
		regexp.MustCompile(`(\b(?:module|require|replace)[ \t=]+)` + path + `([^\w./-]|$)`),
		regexp.MustCompile(`(?m)(^[ \t]+)` + path + `([ \t]+(?:v\d|=>))`),
		// The constant of harness/imports_test.go.
		regexp.MustCompile(`(\bmodule[ \t]*=[ \t]*")` + path + `(")`),
	}}
}

func (r *renaming) text(data []byte) []byte {
	for _, form := range r.forms {
		data = form.ReplaceAllFunc(data, func(match []byte) []byte {
			at := form.FindSubmatchIndex(match)
			return slices.Concat(match[:at[4]], []byte(r.now), match[at[5]:])
		})
	}
	return data
}

// file renames the module in one file and reports whether that changed it.
// Links, binary files and files that are gone are left alone.
func (r *renaming) file(name string) (bool, error) {
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return false, err
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return false, nil
	}
	renamed := r.text(data)
	if bytes.Equal(renamed, data) {
		return false, nil
	}
	if filepath.Ext(name) == ".go" { // the order of imports may be another
		if renamed, err = format.Source(renamed); err != nil {
			return false, fmt.Errorf("%s: %w", name, err)
		}
	}
	return true, os.WriteFile(name, renamed, info.Mode().Perm())
}
