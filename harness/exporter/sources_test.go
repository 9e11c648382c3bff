package exporter

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"epochtime/internal/scripted"
)

// Whatever an export read, a change of it is found.
func TestSourcesUnchanged(t *testing.T) {
	same := func(string) error { return nil }
	for name, c := range map[string]struct {
		source scripted.Source
		change func(path string) error
		want   bool
	}{
		"a file":        {scripted.Source{Path: "file"}, same, true},
		"another time":  {scripted.Source{Path: "file"}, func(p string) error { return os.Chtimes(p, time.Time{}, time.Unix(1, 0)) }, true},
		"other content": {scripted.Source{Path: "file"}, func(p string) error { return os.WriteFile(p, []byte("TEXT"), 0o644) }, false},
		"a large file":  {scripted.Source{Path: "file", Large: true}, same, true},
		"another size":  {scripted.Source{Path: "file", Large: true}, func(p string) error { return os.Truncate(p, 3) }, false},
		"a later nanosecond": {scripted.Source{Path: "file", Large: true}, func(p string) error {
			info, err := os.Stat(p)
			if err != nil {
				return err
			}
			return os.Chtimes(p, time.Time{}, info.ModTime().Add(time.Nanosecond))
		}, false},
		"a folder in place": {scripted.Source{Path: "file", Large: true}, func(p string) error {
			return errors.Join(os.Remove(p), os.Mkdir(p, 0o755))
		}, false},
		"gone":         {scripted.Source{Path: "file", Large: true}, os.Remove, false},
		"a folder":     {scripted.Source{Path: "folder", Folder: true}, same, true},
		"an empty one": {scripted.Source{Path: "folder/inner", Folder: true}, same, true},
		"other content within": {scripted.Source{Path: "folder", Folder: true}, func(p string) error {
			return os.WriteFile(filepath.Join(p, "a"), []byte("more"), 0o644)
		}, true},
		"a new name": {scripted.Source{Path: "folder", Folder: true}, func(p string) error {
			return os.WriteFile(filepath.Join(p, "c"), nil, 0o644)
		}, false},
		"another name": {scripted.Source{Path: "folder", Folder: true}, func(p string) error {
			return os.Rename(filepath.Join(p, "a"), filepath.Join(p, "z"))
		}, false},
		"no folder": {scripted.Source{Path: "folder", Folder: true}, os.RemoveAll, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.MkdirAll("folder/inner", 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, "folder/a", "")
			write(t, "file", "text")
			if err := os.Chtimes("file", time.Time{}, time.Unix(1_700_000_000, 123_456_000)); err != nil {
				t.Fatal(err)
			}
			if err := scripted.ListSources(sourcesName, []scripted.Source{c.source}); err != nil {
				t.Fatal(err)
			}
			if err := c.change(c.source.Path); err != nil {
				t.Fatal(err)
			}
			if got := sourcesUnchanged(sourcesName); got != c.want {
				t.Errorf("unchanged is %v, want %v", got, c.want)
			}
		})
	}
}

// The hashes are those that Python makes.
func TestListing(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "b"), "")
	write(t, filepath.Join(dir, "a"), "")
	// printf 'a\nb\n' | sha256sum
	const want = "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2"
	if got, err := listing(dir); err != nil || got != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // of no bytes
	if got, err := listing(t.TempDir()); err != nil || got != empty {
		t.Errorf("an empty folder: %s, %v, want %s", got, err, empty)
	}
}
