// Package harmless shows text that comes from files and other processes: names, labels,
// reasons, what a worker wrote. Such text may hold anything. Shown as it is, it could
// move a cursor, write to a clipboard, reorder a line, run in a spreadsheet, or become
// markup. There is one function for each medium.
//
// What cannot be seen is written as an escape of JSON, such as \u001b. JSON that passes
// through therefore keeps its meaning. A byte that is not UTF-8 is written as \xff.
package harmless

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// mostMarks is how many combining marks may follow one another. More than any script
// needs would cover the lines above and below.
const mostMarks = 8

// Text returns s on one line, for a table or a sentence on a terminal.
func Text(s string) string { return escape(s, false) }

// Lines is like Text, but keeps newlines and tabs.
func Lines(s string) string { return escape(s, true) }

func escape(s string, lines bool) string {
	e := escaper{lines: lines}
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf || !e.shows(r) }) < 0 {
		return s
	}
	return string(e.append(nil, s))
}

// Hanging is like Lines, with every line but the first indented, so that none passes
// for a message of its own.
func Hanging(s string) string {
	return strings.ReplaceAll(Lines(strings.TrimRight(s, "\n")), "\n", "\n  ")
}

// escaper escapes a text that may come in pieces.
type escaper struct {
	lines bool // newlines and tabs stay
	marks int  // combining marks just before
}

// append appends s to out, with escapes for all that cannot be seen.
func (e *escaper) append(out []byte, s string) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			out = fmt.Appendf(out, `\x%02x`, s[0])
		case e.shows(r):
			out = append(out, s[:n]...)
		default:
			out = appendEscape(out, r)
		}
		s = s[n:]
	}
	return out
}

// shows reports whether a character is shown as it is.
func (e *escaper) shows(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		e.marks = 0
		return r >= ' ' && r != 0x7f || e.lines && (r == '\n' || r == '\t')
	case unicode.In(r, unicode.Mn, unicode.Me):
		e.marks++
		return e.marks <= mostMarks && !invisible(r)
	}
	e.marks = 0
	return unicode.IsGraphic(r) && !invisible(r)
}

// invisible is true of characters that count as letters or marks, but take no ink, but
// for the two that choose between forms of an emoji. Others that take none (controls,
// formats such as the bidirectional ones, separators of lines) are not graphic.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && r != 0xFE0E && r != 0xFE0F
}

func appendEscape(out []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Appendf(out, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}
