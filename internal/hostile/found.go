package hostile

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// unseen are ranges of characters that act, or hide, instead of being seen: controls
// but for tab and newline, formats, separators of lines, fillers, tags.
var unseen = [][2]rune{
	{0, 8}, {0xb, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c}, {0x115f, 0x1160}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},
	{0x2060, 0x206f}, {0x3164, 0x3164}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff9, 0xfffb}, {0x1d173, 0x1d17a}, {0xe0000, 0xe01ef}, {0x10ffff, 0x10ffff},
}

// mostMarks is how many combining marks may stand above one another.
const mostMarks = 16

// Found returns what of hostile text is in an output as a person sees it, each with its
// surroundings.
func Found(output string) []string {
	var out []string
	marks := 0
	for i, r := range output {
		_, n := utf8.DecodeRuneInString(output[i:])
		why := ""
		if marks++; r < 0x300 || r > 0x36f && r != 0x20dd {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && n == 1:
			why = "no UTF-8"
		case isUnseen(r):
			why = fmt.Sprintf("%U", r)
		case marks > mostMarks:
			why = "a tower of marks"
		case strings.HasPrefix(output[i:], forged) && (i == 0 || output[i-1] == '\n'):
			why = "a line of its own"
		}
		if why != "" {
			out = append(out, fmt.Sprintf("%s in %q", why, output[max(0, i-20):min(len(output), i+20)]))
		}
	}
	return out
}

func isUnseen(r rune) bool {
	for _, span := range unseen {
		if span[0] <= r && r <= span[1] {
			return true
		}
	}
	return false
}
