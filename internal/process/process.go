// Package process runs commands in process groups of their own, and identifies
// programs.
package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// ErrNotStarted means that a command has no process yet.
var ErrNotStarted = errors.New("the command was not started")

// Stamp identifies a program by its path, size and modification time: it differs
// once the program is built or installed anew. It is empty if there is no such
// program. name is looked up as exec.LookPath does.
func Stamp(name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return FileStamp(path)
}

// FileStamp is Stamp of a file, which need not be a program.
func FileStamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	return fmt.Sprint(path, " ", info.Size(), " ", info.ModTime().UnixNano())
}
