// Package atomicfile replaces files whole: a reader sees what a file held before
// or what it holds afterwards, and never a part. A file that is a symbolic link
// stays one, and what it points to is replaced. A new file has the permissions
// that the user's umask leaves of 0666, a replaced one keeps its own. What cannot be
// opened for writing is not replaced, although its folder would allow it.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// ErrNotRegular means that a path names a folder, pipe or device, which cannot be
// replaced.
var ErrNotRegular = errors.New("not a regular file")

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
	mode, err := replaceable(path)
	if err != nil {
		return err
	}
	f, err := create(path)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone after the rename
	err = fill(f)
	if err == nil {
		err = keepMode(f, mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	return publish(f, path)
}

// Check reports why the file could not be written: nil if it could. It removes what
// programs that were killed have left of writing it.
func Check(path string) error {
	path = Resolve(path)
	if _, err := replaceable(path); err != nil {
		return err
	}
	f, err := create(path)
	if err != nil {
		return err
	}
	err = errors.Join(f.Close(), os.Remove(f.Name()))
	Clean(filepath.Dir(path), func(name string) bool { return name == filepath.Base(path) })
	if errors.Is(err, fs.ErrNotExist) { // another process has cleaned up since it was closed
		return nil
	}
	return err
}

// Clean removes from a folder what programs that were killed have left of writing
// files. of is asked for the name of each such file. What cannot be removed stays.
func Clean(dir string, of func(name string) bool) {
	entries, _ := os.ReadDir(dir) // those that can be read
	for _, e := range entries {
		if name, ok := written(e.Name()); ok && of(name) {
			removeAbandoned(filepath.Join(dir, e.Name()))
		}
	}
}

// mostLinks is how many links from one to the next are followed, as by Linux.
const mostLinks = 40

// Resolve returns what path points to if it is a symbolic link, also if that is
// missing, and path if it is none.
func Resolve(path string) string {
	for at, n := path, 0; n < mostLinks; n++ {
		to, err := os.Readlink(at)
		if err != nil {
			return at
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(at), to)
		}
		at = to
	}
	return path
}

// replaceable returns an error for what is not to be replaced, and else the
// permissions of the file that is: 0 if there is none.
func replaceable(path string) (fs.FileMode, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	case !info.Mode().IsRegular():
		return 0, fmt.Errorf("%s: %w", path, ErrNotRegular)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	return info.Mode().Perm(), f.Close()
}

// keepMode gives a file the permissions of the one that it replaces; 0 is none.
func keepMode(f *os.File, mode fs.FileMode) error {
	info, err := f.Stat()
	if err != nil || mode == 0 || info.Mode().Perm() == mode {
		return err
	}
	return f.Chmod(mode)
}

// create makes a file beside the one at path, which written recognizes.
// os.CreateTemp is not used because its files are for their owner alone, whatever
// the umask is.
func create(path string) (*os.File, error) {
	for {
		name := fmt.Sprintf(".%s.%08x", filepath.Base(path), rand.Uint32())
		f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		switch {
		case errors.Is(err, fs.ErrExist):
		case err != nil:
			return nil, fmt.Errorf("making a file in its folder: %w", err)
		case hold(f):
			return f, nil
		default: // Clean was faster
			f.Close()
		}
	}
}

// written returns the name of the file for which create has made one of this name.
func written(name string) (string, bool) {
	end := len(name) - len(".12345678")
	if end < 2 || name[0] != '.' || name[end] != '.' {
		return "", false
	}
	for _, c := range name[end+1:] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", false
		}
	}
	return name[1:end], true
}
