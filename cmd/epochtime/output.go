package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/report/formats"
	"epochtime/internal/output"
)

// openOutput returns the target that a flag names, for what is no record. It refuses a
// file that is one of inputs or holds a record, neither of which is made again easily.
func openOutput(flag, path string, stdout io.Writer, inputs ...string) (output.Target, error) {
	to, err := openRecord(flag, path, stdout, inputs...)
	if err == nil && to.IsFile() && holdsRecord(path) {
		return output.Target{}, usagef("%s %s holds a record of epochtime: name another file", flag, path)
	}
	return to, err
}

// openRecord returns the target of a record that a flag names, as output.Open does. It
// refuses a file that is one of inputs.
func openRecord(flag, path string, stdout io.Writer, inputs ...string) (output.Target, error) {
	to, err := output.Open(path, stdout)
	switch {
	case errors.Is(err, output.ErrFolder):
		return to, usagef("%s %w", flag, err)
	case err != nil:
		return to, fmt.Errorf("%s %w", flag, err)
	case to.IsFile() && isOneOf(path, inputs):
		return output.Target{}, usagef("%s %s is also read: name another file", flag, path)
	}
	return to, nil
}

// isOneOf reports whether a path names the same file as one of inputs, which may be no
// files.
func isOneOf(path string, inputs []string) bool {
	at, err := os.Stat(path)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(inputs, func(name string) bool {
		read, err := os.Stat(name)
		return err == nil && os.SameFile(at, read)
	})
}

// holdsRecord reports whether a file holds a record, of this epochtime or another, whole
// or with values that are refused.
func holdsRecord(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	in := bufio.NewReader(f)
	if first, err := in.Peek(1); err != nil || first[0] != '{' { // it may be large
		return false
	}
	var r struct {
		Schema         int
		ID, Epochtime  string
		Plan, Machines json.RawMessage
	}
	return json.NewDecoder(in).Decode(&r) == nil && r.Schema > 0 && r.ID != "" && r.Epochtime != "" && r.Plan != nil && r.Machines != nil
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
