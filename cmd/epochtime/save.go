package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"epochtime/harness/record"
)

// target is where a result goes: a file that is replaced whole, or a stream that
// is written once.
type target struct {
	name   string    // as the flag gave it
	path   string    // a file; empty: none
	stream io.Writer // nil: none
}

// newTarget finds out, before anything is measured, whether the path that a flag
// names can be written.
func newTarget(flag, path string, stdout io.Writer) (target, error) {
	switch path {
	case "":
		return target{}, nil
	case "-":
		return target{name: path, stream: stdout}, nil
	}
	name := path
	if whole, err := filepath.EvalSymlinks(path); err == nil {
		path = whole // the link stays one
	}
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return target{}, usagef("%s %s is a folder: name a file", flag, path)
	case err == nil && !info.Mode().IsRegular(): // a pipe or device is not to be replaced
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return target{}, fmt.Errorf("%s: %w", flag, err)
		}
		return target{name: name, stream: f}, nil
	}
	probe, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return target{}, fmt.Errorf("%s %s cannot be written: %w", flag, path, err)
	}
	probe.Close()
	return target{name: name, path: path}, os.Remove(probe.Name())
}

// saver writes a record: to a file anew each time it is asked to, so that what
// was measured survives whatever comes next, or to a stream once, at the end.
type saver struct{ target }

func newSaver(path string, stdout io.Writer) (*saver, error) {
	t, err := newTarget("--json", path, stdout)
	return &saver{t}, err
}

// save writes the record to its file, if it has one.
func (s *saver) save(rec *record.Record) error {
	if s.path == "" {
		return nil
	}
	var b bytes.Buffer
	if err := rec.Write(&b); err != nil {
		return err
	}
	if err := writeFile(s.path, b.Bytes()); err != nil {
		return fmt.Errorf("saving the record: %w", err)
	}
	return nil
}

// finish writes the record to its stream, if it has one.
func (s *saver) finish(rec *record.Record) error {
	if s.stream == nil {
		return nil
	}
	return rec.Write(s.stream)
}

// writeFile replaces a file whole, so that a reader never sees half of it.
func writeFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing is left of it after the rename
	if _, err := f.Write(text); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// absolute is the path from the root; the path itself where that is unknown.
func absolute(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return whole
}

// lastLines are the last n lines of a text, indented.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return "  " + strings.Join(lines, "\n  ")
}
