//go:build !unix

package machine

import (
	"cmp"
	"os"
	"path/filepath"
)

// LockFile returns the file for Lock, in the folder for the data of all users.
func LockFile() string {
	return filepath.Join(cmp.Or(os.Getenv("ProgramData"), os.TempDir()), "epochtime.lock")
}
