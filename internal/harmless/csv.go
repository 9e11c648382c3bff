package harmless

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// number is a cell that a spreadsheet may calculate with.
var number = regexp.MustCompile(`^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$`)

// What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection), and
// the apostrophe, which marks text.
const begins = "=+-@＝＋－＠'"

// What ends a cell for a spreadsheet set to another separator.
const separators = `,;|"`

// escapes are those that Lines makes.
var escapes = regexp.MustCompile(`\\(?:u[0-9a-f]{4}|x[0-9a-f]{2})`)

// CSV returns the text of a cell that no spreadsheet runs, on one line. Where a formula
// could begin, an apostrophe stands before it. Numbers stay as they are. It is still to
// be quoted as CSV is. FromCSV gives s back.
func CSV(s string) string {
	if number.MatchString(s) {
		return s
	}
	s = escapes.ReplaceAllStringFunc(s, func(found string) string { return `\u005c` + found[1:] })
	var b strings.Builder
	start := true // a formula could begin here
	for _, r := range Text(s) {
		if start && strings.ContainsRune(begins, r) {
			b.WriteByte('\'')
		}
		b.WriteRune(r)
		start = startsAfter(r, start)
	}
	return b.String()
}

// startsAfter reports whether a formula could begin after r.
func startsAfter(r rune, before bool) bool {
	return strings.ContainsRune(separators, r) || before && r == ' '
}

// FromCSV returns the text that CSV was given.
func FromCSV(cell string) string {
	var b strings.Builder
	start, marked := true, false
	for _, r := range cell {
		if start && !marked && r == '\'' {
			marked = true // the next character is text
			continue
		}
		marked = false
		b.WriteRune(r)
		start = startsAfter(r, start)
	}
	return unescape(b.String())
}

// unescape replaces the escapes of Lines by what they stand for.
func unescape(s string) string {
	var out []byte
	var high rune // the first half of a pair
	last := 0
	for _, at := range escapes.FindAllStringIndex(s, -1) {
		out = append(out, s[last:at[0]]...)
		last = at[1]
		v, _ := strconv.ParseUint(s[at[0]+2:at[1]], 16, 16) // the pattern has digits only
		switch r := rune(v); {
		case s[at[0]+1] == 'x':
			out = append(out, byte(v))
		case utf16.IsSurrogate(r) && high == 0:
			high = r
		case utf16.IsSurrogate(r):
			out, high = utf8.AppendRune(out, utf16.DecodeRune(high, r)), 0
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return string(append(out, s[last:]...))
}
