package scripted

import (
	"os"
	"slices"
)

// Wanted reports whether a test binary was started to play a part, for which its
// variable is set. Processes that go test starts to fuzz inherit the variable and are
// to run the tests.
func Wanted(variable string) bool {
	return os.Getenv(variable) != "" && !slices.Contains(os.Args, "-test.fuzzworker")
}
