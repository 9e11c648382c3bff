package harmless

import (
	"regexp"
	"strings"
)

var (
	// markup is what Markdown gives a meaning, but for |, which only tables have and
	// escape themselves.
	markup = regexp.MustCompile("^[-+]|[\\\\`*_\\[\\]<>#!~&]")
	// numbered would begin a list.
	numbered = regexp.MustCompile(`^(\d+)([.)])( |$)`)
	// linked is what forges make links, mentions and formulas of, even where it is
	// escaped. They leave code alone.
	linked = regexp.MustCompile(`(?i)[@$]|#\d|\bGH-\d|://|\bwww\.`)
	ticks  = regexp.MustCompile("`+")
)

// Markdown returns s as one line of a paragraph, a list or a table's cell, so that it
// is shown as it is. White space becomes single spaces.
func Markdown(s string) string {
	s = Text(OneLine(s))
	if linked.MatchString(s) {
		return code(s)
	}
	return numbered.ReplaceAllString(markup.ReplaceAllString(s, `\$0`), `$1\$2$3`)
}

// code is s as code, in pieces between its pipes: in the cell of a table, no code can
// hold a backslash before a pipe.
func code(s string) string {
	pieces := strings.Split(s, "|")
	for i, piece := range pieces {
		if piece != "" {
			pieces[i] = span(piece)
		}
	}
	return strings.Join(pieces, "|")
}

// span is s between more backticks than it has in a row.
func span(s string) string {
	fence := "`"
	for _, run := range ticks.FindAllString(s, -1) {
		fence += strings.Repeat("`", max(0, len(run)+1-len(fence)))
	}
	if strings.Trim(s, "`") != s || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") { // spaces at both ends are no part of the code
		s = " " + s + " "
	}
	return fence + s + fence
}

// OneLine returns s with single spaces for all white space, and none at its ends.
func OneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
