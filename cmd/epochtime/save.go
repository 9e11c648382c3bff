package main

import (
	"io"
	"path/filepath"

	"epochtime/harness/record"
	"epochtime/internal/output"
)

// saver writes a record: to a file after every launch, or to a stream once, at the
// end.
type saver struct{ to output.Target }

func newSaver(path string, stdout io.Writer) (*saver, error) {
	to, err := openOutput("--json", path, stdout)
	return &saver{to}, err
}

// save writes the record if its target is a file.
func (s *saver) save(rec *record.Record) error {
	if !s.to.IsFile() {
		return nil
	}
	return s.to.Fill(rec.Write)
}

// finish writes the record if its target is a stream.
func (s *saver) finish(rec *record.Record) error {
	if s.to.IsFile() {
		return nil
	}
	return s.to.Fill(rec.Write)
}

// absolute returns an absolute path, or path itself if there is no working directory.
func absolute(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return whole
}
