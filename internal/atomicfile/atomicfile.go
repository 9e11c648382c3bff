// Package atomicfile replaces files whole: a reader sees what a file held before
// or what it holds afterwards, and never a part. A file that is a symbolic link
// stays one, and what it points to is replaced. New files have the permissions
// that the user's umask leaves of 0666.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// WriteFile replaces the file with data.
func WriteFile(path string, data []byte) error {
	return Write(path, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}

// Write replaces the file with what fill writes. If fill returns an error, the
// file is as it was, and Write returns that error.
func Write(path string, fill func(*os.File) error) error {
	path = Resolve(path)
	f, err := create(path)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone after the rename
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Check reports why the file could not be written: nil if it could.
func Check(path string) error {
	f, err := create(Resolve(path))
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Resolve returns what path points to if it is a symbolic link, and path if it is
// none or there is no such file.
func Resolve(path string) string {
	if whole, err := filepath.EvalSymlinks(path); err == nil {
		return whole
	}
	return path
}

// create makes a file beside the one at path. os.CreateTemp is not used because
// its files are for their owner alone, whatever the umask is.
func create(path string) (*os.File, error) {
	for {
		name := fmt.Sprintf(".%s.%08x", filepath.Base(path), rand.Uint32())
		f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}
