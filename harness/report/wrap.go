package report

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"epochtime/internal/harmless"
)

// Wrap returns head and a text, broken between words into lines of at most width
// columns (0 is unlimited). All lines are indented as far as the first. Both are shown
// as harmless.Text does.
func Wrap(head, s string, width int) string {
	var out strings.Builder
	head = harmless.Text(head)
	out.WriteString(head)
	begin := columns(head)
	column := begin
	for i, word := range pieces(s) {
		n := columns(word)
		switch {
		case i == 0:
		case width > 0 && column+1+n > width:
			out.WriteString("\n" + strings.Repeat(" ", begin))
			column = begin
		default:
			out.WriteByte(' ')
			column++
		}
		out.WriteString(word)
		column += n
	}
	return out.String()
}

// snip returns s on one line, cut to n columns.
func snip(s string, n int) string { return text.Snip(harmless.Text(harmless.OneLine(s)), n, "…") }

// pieces splits s at spaces, but not between a number and its percent sign.
func pieces(s string) []string {
	var out []string
	for _, word := range strings.Fields(s) {
		word = harmless.Text(word)
		if n := len(out); n > 0 && strings.HasPrefix(word, "%") {
			out[n-1] += " " + word
			continue
		}
		out = append(out, word)
	}
	return out
}

// columns returns how wide a text is on a terminal.
func columns(s string) int { return text.StringWidthWithoutEscSequences(s) }

// Widest returns the width of the widest line.
func Widest(s string) int {
	n := 0
	for line := range strings.Lines(s) {
		n = max(n, columns(strings.TrimRight(line, "\n")))
	}
	return n
}
