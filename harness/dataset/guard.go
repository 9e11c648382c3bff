package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
)

// ErrChanged: a data file is not what it was when it was opened. Test with
// errors.Is.
var ErrChanged = errors.New("the data changed")

// file is a data file as it was when it was opened.
type file struct {
	path string
	info fs.FileInfo
}

// changed says how the file differs from the one that was opened.
func (f *file) changed() error {
	const so = "since it was opened: its epochs are not comparable"
	now, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %s is gone %s", ErrChanged, f.path, so)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrChanged, err)
	case !os.SameFile(now, f.info):
		return fmt.Errorf("%w: %s was replaced %s", ErrChanged, f.path, so)
	case now.Size() < f.info.Size():
		return fmt.Errorf("%w: %s became shorter, %d bytes instead of %d, %s", ErrChanged, f.path, now.Size(), f.info.Size(), so)
	case now.Size() > f.info.Size() || !now.ModTime().Equal(f.info.ModTime()):
		return fmt.Errorf("%w: %s was written to %s", ErrChanged, f.path, so)
	}
	return nil
}

// Unchanged returns ErrChanged unless every file of the set is still there as it
// was when it was opened. It takes a few microseconds per file.
func (s *Set) Unchanged() error {
	if s == nil {
		return nil
	}
	for _, f := range s.files {
		if err := f.changed(); err != nil {
			return err
		}
	}
	return nil
}

// FileBytes returns the size of the files that the set was read from.
func (s *Set) FileBytes() int64 {
	if s == nil {
		return 0
	}
	n := s.listed
	for _, f := range s.files {
		if f.info.Mode().IsRegular() {
			n += f.info.Size()
		}
	}
	return n
}

// Guard calls read, which reads bytes of the set's columns, and returns ErrChanged
// if a mapped file became shorter meanwhile. Outside Guard that ends the program.
// It is safe for concurrent use.
func (s *Set) Guard(read func()) (err error) {
	if read == nil {
		return nil
	}
	if s == nil || len(s.mappings) == 0 {
		read()
		return nil
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer s.faulted(&err)
	read()
	return nil
}

// faulted recovers from the fault of an address whose bytes are gone, and from any
// other panic that the changed bytes of a file led to.
func (s *Set) faulted(err *error) {
	p := recover()
	if p == nil {
		return
	}
	if fault, ok := p.(interface{ Addr() uintptr }); ok {
		for _, m := range s.mappings {
			if m.holds(fault.Addr()) {
				*err = s.lost(m)
				return
			}
		}
	}
	if *err = s.Unchanged(); *err == nil {
		panic(p)
	}
}

// lost is the error of a mapping whose bytes cannot be read.
func (s *Set) lost(m *mapping) error {
	for _, f := range s.files {
		if f.path == m.path {
			if err := f.changed(); err != nil {
				return err
			}
		}
	}
	name := m.path
	if name == "" {
		name = "the scratch file of " + s.source
	}
	return fmt.Errorf("%w: %s can no longer be read: its disk or network failed", ErrChanged, name)
}
