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

// changed says in what way the file is another than was opened.
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

// lost is the error of a file whose mapped bytes cannot be read.
func (f *file) lost() error {
	if err := f.changed(); err != nil {
		return err
	}
	return fmt.Errorf("%w: %s can no longer be read: its disk or network failed", ErrChanged, f.path)
}

// Unchanged returns ErrChanged unless every file that Read opened is still
// there as it was. It takes a few microseconds a file.
func (s *Set) Unchanged() error {
	for _, f := range s.files {
		if err := f.changed(); err != nil {
			return err
		}
	}
	return nil
}

// Guard runs read, which touches Data of the set, and returns ErrChanged where
// a mapped file became shorter meanwhile; outside Guard that ends the program.
// Any goroutine may call it.
func (s *Set) Guard(read func()) (err error) {
	if len(s.mappings) == 0 {
		read()
		return nil
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer s.faulted(&err)
	read()
	return nil
}

// faulted contains the panic of an address whose bytes are gone, and any other
// that the changed bytes of a file led to.
func (s *Set) faulted(err *error) {
	p := recover()
	if p == nil {
		return
	}
	if fault, ok := p.(interface{ Addr() uintptr }); ok {
		for _, m := range s.mappings {
			if m.holds(fault.Addr()) {
				*err = m.file.lost()
				return
			}
		}
	}
	if *err = s.Unchanged(); *err == nil {
		panic(p)
	}
}
