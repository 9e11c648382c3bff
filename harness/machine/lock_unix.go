//go:build unix

package machine

import (
	"io/fs"
	"os"
	"path/filepath"
)

// LockFile returns the file for Lock. It is the same for all users of the machine,
// so it depends neither on their environment nor on what they may do: it is in the
// first of some folders in which anyone may make a file. A service of systemd with
// a /tmp of its own still has the common /run/lock.
func LockFile() string {
	return filepath.Join(common("/run/lock", "/var/lock", "/tmp"), "epochtime.lock")
}

// common returns the first folder in which anyone may make a file and only its owner
// remove it, or else the last.
func common(folders ...string) string {
	for _, dir := range folders {
		if info, err := os.Stat(dir); err == nil && info.IsDir() && info.Mode()&fs.ModeSticky != 0 && info.Mode().Perm() == 0o777 {
			return dir
		}
	}
	return folders[len(folders)-1]
}
