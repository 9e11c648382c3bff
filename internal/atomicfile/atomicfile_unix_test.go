//go:build unix

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestLinkStays(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "data", "file"), filepath.Join(dir, "link")
	if err := os.Mkdir(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(file, []byte("before")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, []byte("after")); err != nil {
		t.Fatal(err)
	}
	holds(t, file, "after")
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link has become %v (%v)", info.Mode(), err)
	}
}

// A link to nothing is followed too, however it is written.
func TestLinkToNothing(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o755); err != nil {
		t.Fatal(err)
	}
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	if err := errors.Join(os.Symlink("second", first), os.Symlink(filepath.Join("data", "file"), second)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Check(first), WriteFile(first, []byte("text"))); err != nil {
		t.Fatal(err)
	}
	holds(t, filepath.Join(data, "file"), "text")
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(loop, nil); err == nil {
		t.Error("a link to itself is written to")
	}
}

func TestReplacedFileKeepsPermissions(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o022))
	for _, mode := range []fs.FileMode{0o600, 0o664, 0o640, 0o666} {
		path := filepath.Join(t.TempDir(), "record.json")
		if err := errors.Join(os.WriteFile(path, nil, 0o644), os.Chmod(path, mode), WriteFile(path, []byte("text"))); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("permissions are %v (%v), want %v", info.Mode(), err, mode)
		}
	}
}

// What may not be written is not replaced, and neither is what is no file.
func TestNotReplaced(t *testing.T) {
	dir := t.TempDir()
	protected, pipe, folder := filepath.Join(dir, "protected"), filepath.Join(dir, "pipe"), filepath.Join(dir, "folder")
	if err := errors.Join(os.WriteFile(protected, []byte("mine"), 0o444), syscall.Mkfifo(pipe, 0o666), os.Mkdir(folder, 0o777)); err != nil {
		t.Fatal(err)
	}
	asOther(t, dir)
	for path, want := range map[string]error{protected: fs.ErrPermission, pipe: ErrNotRegular, folder: ErrNotRegular} {
		for doing, err := range map[string]error{"checking": Check(path), "writing": WriteFile(path, []byte("text"))} {
			if !errors.Is(err, want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s %s: %v, want %v", doing, path, err, want)
			}
		}
	}
	if text, err := os.ReadFile(protected); string(text) != "mine" {
		t.Errorf("the protected file holds %q, %v", text, err)
	}
}

// asOther makes a test that root runs another user's, whom permissions stop, until it
// ends. That user can use the folder.
func asOther(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	for p := dir; strings.HasPrefix(p, os.TempDir()+"/"); p = filepath.Dir(p) {
		if err := os.Chmod(p, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	const nobody = 65534
	if err := syscall.Setresuid(-1, nobody, -1); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setresuid(-1, 0, -1); err != nil {
			t.Fatal(err)
		}
	})
}

// What a killed program has left is removed by the next one that writes the same
// file, and nothing else is.
func TestAbandoned(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "record.json")
	stays := []string{".record.json.1234567", ".record.json.123456789", ".record.json.1234567G", ".record.jsonx.12345678", "record.json.12345678", ".other.12345678", "..12345678"}
	for _, name := range append(stays, ".record.json.12345678", ".record.json.deadbeef") {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("record.json", filepath.Join(dir, ".record.json.00000000")); err != nil {
		t.Fatal(err)
	}
	stays = append(stays, ".record.json.00000000", "record.json")
	err := Write(path, func(f *os.File) error { // another one writes at the same time
		if err := Check(path); err != nil {
			return err
		}
		_, err := f.WriteString("whole")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	slices.Sort(stays)
	if !slices.Equal(left, stays) {
		t.Errorf("there are %q, want %q", left, stays)
	}
	if text, err := os.ReadFile(path); string(text) != "whole" {
		t.Errorf("the file holds %q, %v", text, err)
	}
}

func TestUmask(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	for umask, want := range map[int]fs.FileMode{0o022: 0o644, 0o027: 0o640, 0o077: 0o600, 0o002: 0o664} {
		syscall.Umask(umask)
		path := filepath.Join(t.TempDir(), "record.json")
		if err := WriteFile(path, nil); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("umask %03o: permissions are %03o, want %03o", umask, got, want)
		}
	}
}
