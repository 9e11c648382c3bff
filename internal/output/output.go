// Package output writes results where a user asked for them: to a file, which is
// replaced whole, or to a stream.
package output

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"epochtime/internal/atomicfile"
	"epochtime/internal/harmless"
	"epochtime/internal/lockfile"
)

// ErrFolder means that a result cannot be written to a path because it is a folder.
var ErrFolder = errors.New("is a folder: name a file")

// ErrBusy means that another process has locked a file.
var ErrBusy = errors.New("is being written by another process")

// Target is where a result goes. The zero Target is nowhere.
type Target struct {
	name   string    // as the user gave it
	path   string    // a file that is replaced; empty: none
	stream io.Writer // nil: none
	pipe   io.Writer // the stream as it is, where it is a pipe, which no person reads
}

// Open returns the target that path names: nowhere if it is empty, stdout if it is
// "-" and stdout is not nil, else a file. It reports now if the file cannot be
// written. A pipe or device is a stream, and is not replaced.
func Open(path string, stdout io.Writer) (Target, error) {
	switch {
	case path == "":
		return Target{}, nil
	case path == "-" && stdout != nil:
		return Target{name: path, stream: stdout}, nil
	}
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return Target{}, fmt.Errorf("%s %w", path, ErrFolder)
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return Target{}, notWritable(path, err)
		}
		t := Target{name: path, stream: harmless.NewWriter(f)} // it may be a terminal
		if info.Mode()&os.ModeNamedPipe != 0 {
			t.pipe = f
		}
		return t, nil
	}
	if err := atomicfile.Check(path); err != nil {
		return Target{}, notWritable(path, err)
	}
	return Target{name: path, path: path}, nil
}

func notWritable(path string, err error) error {
	return fmt.Errorf("%s cannot be written: %w", path, err)
}

// String returns the target's name as the user gave it.
func (t Target) String() string { return t.name }

// IsFile reports whether each Write replaces what the one before it wrote. A
// target that is not a file is to be written once.
func (t Target) IsFile() bool { return t.path != "" }

// Lock keeps other processes from locking the same file, until unlock or the end of
// this process. It is the lock of a hidden file beside it, .NAME.lock, which goes
// with unlock. The error is an ErrBusy, or one of making that file. A target that is
// no file, and one on a file system without locks, needs no lock or has none.
func (t Target) Lock() (unlock func(), err error) {
	if !t.IsFile() {
		return func() {}, nil
	}
	path := atomicfile.Resolve(t.path)
	l, err := lockfile.Take(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock"))
	var held *lockfile.HeldError
	switch {
	case errors.As(err, &held) && held.Holder != nil:
		return nil, fmt.Errorf("%s %w (%v)", t.name, ErrBusy, held.Holder)
	case errors.As(err, &held):
		return nil, fmt.Errorf("%s %w", t.name, ErrBusy)
	case errors.Is(err, errors.ErrUnsupported):
		return func() {}, nil
	case err != nil:
		return nil, fmt.Errorf("%s cannot be locked: %w", t.name, err)
	}
	return l.Release, nil
}

// Fill writes the whole result that encode makes.
func (t Target) Fill(encode func(io.Writer) error) error {
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		return err
	}
	return t.Write(b.Bytes())
}

// Stream writes a whole result that is no text, or too large for memory: fill writes it in
// parts. If fill fails, a file is as it was. A device that is no pipe may be a terminal,
// and gets escapes instead.
func (t Target) Stream(fill func(io.Writer) error) error {
	var err error
	switch {
	case t.pipe != nil:
		err = fill(t.pipe)
	case t.stream != nil:
		err = fill(t.stream)
	case t.path != "":
		err = atomicfile.Write(t.path, func(f *os.File) error { return fill(f) })
	}
	if err != nil {
		return fmt.Errorf("writing to %s: %w", t.name, err)
	}
	return nil
}

// Write writes the whole result.
func (t Target) Write(text []byte) error {
	var err error
	switch {
	case t.stream != nil:
		_, err = t.stream.Write(text)
	case t.path != "":
		err = atomicfile.WriteFile(t.path, text)
	}
	if err != nil {
		return fmt.Errorf("writing to %s: %w", t.name, err)
	}
	return nil
}
