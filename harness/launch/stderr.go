package launch

import (
	"regexp"
	"strings"
)

// goDump is where a dump of Go's runtime goes on with stacks and registers. What is
// before says what happened.
var goDump = regexp.MustCompile(`(?m)^(runtime stack:|goroutine \d+ .*\[.*\].*:)$`)

// telling returns the last n lines of a worker's stderr that tell people something,
// each indented.
func telling(text string, n int) string {
	if at := goDump.FindStringIndex(text); at != nil && strings.TrimSpace(text[:at[0]]) != "" {
		text = text[:at[0]]
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return "  " + strings.Join(lines, "\n  ")
}
