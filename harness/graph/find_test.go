package graph

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// root makes a folder of graphs: b, a and c, of which c is broken, and things
// that are no graphs.
func root(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"b", "a", "c", ".hidden", "empty"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS("testdata/odd")); err != nil {
			t.Fatal(err)
		}
		replace(t, filepath.Join(dir, name, ManifestName), `"name": "odd"`, `"name": "`+name+`"`)
	}
	write(t, filepath.Join(dir, "c", ManifestName), "{")
	write(t, filepath.Join(dir, "README.md"), "text")
	if err := os.Remove(filepath.Join(dir, "empty", ManifestName)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFind(t *testing.T) {
	dir := root(t)
	t.Chdir(filepath.Join(dir, "b", "variables"))
	for _, c := range []struct{ root, arg, want string }{
		{dir, "a", "a"},
		{"../..", "b", "b"},
		{"nowhere", filepath.Join(dir, "a"), "a"},
		{"nowhere", "../../a", "a"},
		{"nowhere", "../../a/", "a"},
		{dir, "..", "b"},
	} {
		m, err := Find(c.root, c.arg)
		if err != nil || m.Name != c.want {
			t.Errorf("Find(%q, %q) = %v, %v; want %s", c.root, c.arg, m, err, c.want)
		}
	}
}

func TestFindNothing(t *testing.T) {
	dir := root(t)
	for _, arg := range []string{"cnn", "", "README.md"} {
		_, err := Find(dir, arg)
		var missing *NotFoundError
		if !errors.As(err, &missing) || missing.Name != arg || !reflect.DeepEqual(missing.Have, []string{"a", "b", "c"}) {
			t.Errorf("Find(%q): %v, want a NotFoundError that has a, b and c", arg, err)
		}
		wantError(t, err, dir, "holds a, b, c")
	}
	for _, empty := range []string{t.TempDir(), filepath.Join(dir, "nowhere")} {
		_, err := Find(empty, "cnn")
		wantError(t, err, `no graph "cnn"`, empty, "epochtime export")
	}
	_, err := Find(filepath.Join(dir, "README.md"), "cnn")
	wantError(t, err, "listing graphs")
}

func TestFindNoGraph(t *testing.T) {
	dir := root(t)
	for _, arg := range []string{"empty", filepath.Join(dir, "nowhere")} {
		if _, err := Find(dir, arg); !errors.Is(err, ErrNoManifest) {
			t.Errorf("Find(%q): %v, want ErrNoManifest", arg, err)
		}
	}
}

func TestList(t *testing.T) {
	dir := root(t)
	found, broken, err := List(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || found[0].Name != "a" || found[1].Name != "b" {
		t.Errorf("found %v, want a and b", found)
	}
	if len(broken) != 1 || !errors.Is(broken[0], ErrDamaged) || !strings.Contains(broken[0].Error(), filepath.Join(dir, "c")) {
		t.Errorf("broken: %v, want c", broken)
	}
}

func TestListNothing(t *testing.T) {
	dir := root(t)
	for _, empty := range []string{t.TempDir(), filepath.Join(dir, "nowhere")} {
		if found, broken, err := List(empty); found != nil || broken != nil || err != nil {
			t.Errorf("List(%s) = %v, %v, %v; want nothing", empty, found, broken, err)
		}
	}
	_, _, err := List(filepath.Join(dir, "README.md"))
	wantError(t, err, "listing graphs", "README.md")
}
