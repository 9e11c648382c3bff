package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"epochtime/harness/record"
	"epochtime/internal/output"
)

// saver writes a record: to a file after every launch, so that what was measured
// survives whatever comes next, or to a stream once, at the end.
type saver struct{ to output.Target }

func newSaver(path string, stdout io.Writer) (*saver, error) {
	to, err := openOutput("--json", path, stdout)
	return &saver{to}, err
}

// save writes the record to its file, if it has one.
func (s *saver) save(rec *record.Record) error {
	if !s.to.IsFile() {
		return nil
	}
	if err := s.to.Fill(rec.Write); err != nil {
		return fmt.Errorf("saving the record: %w", err)
	}
	return nil
}

// finish writes the record to its stream, if it has one.
func (s *saver) finish(rec *record.Record) error {
	if s.to.IsFile() {
		return nil
	}
	return s.to.Fill(rec.Write)
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
