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

// saver writes a record, anew each time it is asked to, so that what was
// measured survives whatever comes next.
type saver struct {
	path string
	out  io.Writer // for -
}

// newSaver finds out, before anything is measured, whether the record can be written.
func newSaver(path string, out io.Writer) (*saver, error) {
	s := &saver{path: path, out: out}
	if path == "" || path == "-" {
		return s, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, usagef("--json %s is a folder: name a file", path)
	}
	probe, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("--json %s cannot be written: %w", path, err)
	}
	probe.Close()
	return s, os.Remove(probe.Name())
}

// save writes the record to its file, if it has one.
func (s *saver) save(rec *record.Record) error {
	if s.path == "" || s.path == "-" {
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

// finish writes the record to stdout where that was asked for.
func (s *saver) finish(rec *record.Record) error {
	if s.path != "-" {
		return nil
	}
	return rec.Write(s.out)
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
