//go:build !unix

package atomicfile

import "os"

// Here an open file can be neither renamed nor removed: it is not held, and what a
// killed program leaves stays.
func hold(*os.File) bool { return true }

func removeAbandoned(string) {}

// publish gives a written file its name.
func publish(f *os.File, path string) error {
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
