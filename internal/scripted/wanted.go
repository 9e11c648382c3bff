package scripted

import (
	"os"
	"path/filepath"
	"slices"
)

// Wanted reports whether a test binary was started to play a part, for which its
// variable is set. Processes that go test starts to fuzz inherit the variable and are
// to run the tests.
func Wanted(variable string) bool {
	return os.Getenv(variable) != "" && !slices.Contains(os.Args, "-test.fuzzworker")
}

// Name is the name under which a program of a test is copied to play a worker.
const Name = "scripted-worker"

// Played plays the worker if the program was started under Name, and reports whether
// it was.
func Played() bool {
	if filepath.Base(os.Args[0]) != Name {
		return false
	}
	Main()
	return true
}
