package main

import (
	"errors"
	"fmt"
	"io"

	"epochtime/harness/record"
	"epochtime/harness/report/formats"
	"epochtime/internal/output"
)

// openOutput returns the target that a flag names, as output.Open does.
func openOutput(flag, path string, stdout io.Writer) (output.Target, error) {
	to, err := output.Open(path, stdout)
	switch {
	case errors.Is(err, output.ErrFolder):
		return to, usagef("%s %w", flag, err)
	case err != nil:
		return to, fmt.Errorf("%s %w", flag, err)
	}
	return to, nil
}

// copyTo is a format of a record and the target of the record in it.
type copyTo struct {
	format string
	to     output.Target
}

// openCopies opens the targets of --markdown and --csv.
func (f *runFlags) openCopies(stdout io.Writer) ([]copyTo, error) {
	var out []copyTo
	for _, c := range []struct{ format, path string }{{"markdown", f.markdown}, {"csv", f.csv}} {
		to, err := openOutput("--"+c.format, c.path, stdout)
		if err != nil {
			return nil, err
		}
		if c.path != "" {
			out = append(out, copyTo{c.format, to})
		}
	}
	return out, nil
}

func writeCopies(list []copyTo, rec *record.Record) error {
	for _, c := range list {
		text, err := formats.Write(c.format, rec, formats.Options{})
		if err != nil {
			return err
		}
		if err := c.to.Write(text); err != nil {
			return fmt.Errorf("--%s: %w", c.format, err)
		}
	}
	return nil
}
