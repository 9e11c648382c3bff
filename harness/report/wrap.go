package report

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Wrap breaks a text between words into lines of at most width columns, 0 being
// unlimited. Every line but the first begins with indent.
func Wrap(s, indent string, width int) string {
	var out strings.Builder
	column := 0
	for i, word := range strings.Fields(s) {
		n := columns(word)
		switch {
		case i == 0:
		case width > 0 && column+1+n > width:
			out.WriteString("\n" + indent)
			column = columns(indent)
		default:
			out.WriteByte(' ')
			column++
		}
		out.WriteString(word)
		column += n
	}
	return out.String()
}

// columns is how wide a text is on a terminal.
func columns(s string) int { return text.StringWidthWithoutEscSequences(s) }

// widest is the width of the widest line.
func widest(s string) int {
	n := 0
	for line := range strings.Lines(s) {
		n = max(n, columns(strings.TrimRight(line, "\n")))
	}
	return n
}
