package graph

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// NotFoundError says that a name is no graph under Root. Have lists the names
// that are. It is an fs.ErrNotExist too.
type NotFoundError struct {
	Name, Root string
	Have       []string
}

func (e *NotFoundError) Error() string {
	if e == nil {
		return "no graph"
	}
	if len(e.Have) == 0 {
		return fmt.Sprintf("no graph %q: %s holds no exported graphs: make one with 'epochtime export NAME'", e.Name, e.Root)
	}
	return fmt.Sprintf("no graph %q in %s, which holds %s", e.Name, e.Root, strings.Join(e.Have, ", "))
}

// Is reports whether target is fs.ErrNotExist.
func (e *NotFoundError) Is(target error) bool { return target == fs.ErrNotExist }

// Find opens the graph that arg names: a folder if arg is "." or ".." or has a path
// separator, otherwise a name under root. The error is a *NotFoundError if root has no
// folder of that name, or that of Open.
func Find(root, arg string) (*Manifest, error) {
	if arg == "." || arg == ".." || strings.ContainsRune(filepath.ToSlash(arg), '/') {
		return Open(filepath.Clean(arg))
	}
	dir := filepath.Join(root, arg)
	if arg == "" || !isDir(dir) {
		have, err := names(root)
		if err != nil {
			return nil, err
		}
		return nil, &NotFoundError{Name: arg, Root: root, Have: have}
	}
	return Open(dir)
}

// List opens every graph under root, by name. Folders that cannot be read are
// returned as errors beside the rest. A root that does not exist holds none.
func List(root string) ([]*Manifest, []error, error) {
	all, err := names(root)
	if err != nil {
		return nil, nil, err
	}
	var found []*Manifest
	var broken []error
	for _, name := range all {
		m, err := Open(filepath.Join(root, name))
		if err != nil {
			broken = append(broken, err)
			continue
		}
		found = append(found, m)
	}
	return found, broken, nil
}

func names(root string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing graphs: %w", err)
	}
	var out []string
	for _, e := range entries {
		dir := filepath.Join(root, e.Name())
		if strings.HasPrefix(e.Name(), ".") || !isDir(dir) {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, ManifestName)); err == nil {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
