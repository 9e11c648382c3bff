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
	return "  " + strings.Join(lastLines(text, n), "\n  ")
}

// lastLines returns those lines. Programs that expect a terminal, such as ssh, end lines
// with a carriage return.
func lastLines(text string, n int) []string {
	if at := goDump.FindStringIndex(text); at != nil && strings.TrimSpace(text[:at[0]]) != "" {
		text = text[:at[0]]
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return lines[max(0, len(lines)-n):]
}

// longestWord is how much of a line a reason repeats, in bytes.
const longestWord = 200

// lastWord returns the last line of a worker's stderr; empty: it has none.
func lastWord(stderr string) string {
	last := strings.TrimSpace(lastLines(stderr, 1)[0])
	return strings.ToValidUTF8(last[:min(len(last), longestWord)], "")
}
