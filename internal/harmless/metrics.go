package harmless

import "strings"

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// Label returns the value of an OpenMetrics label, without its quotes. Newlines stay,
// escaped as OpenMetrics has them.
func Label(s string) string { return escapeLabel.Replace(Lines(s)) }

// LabelName returns s with _ for everything that the end of a label's name cannot hold.
func LabelName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, s)
}
