package harmless

import (
	"fmt"
	"strings"

	"al.essio.dev/pkg/shellescape"
)

// Command returns a command line that can be pasted into a shell. A word that holds
// something invisible is quoted as $'…', with an escape for each byte of it; bash, zsh
// and POSIX of 2024 read it as the word itself.
func Command(words []string) string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = shellWord(word)
	}
	return strings.Join(out, " ")
}

func shellWord(word string) string {
	if Text(word) == word {
		return shellescape.Quote(word)
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(word) {
		switch c := word[i]; {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(c))
		case ' ' <= c && c <= '~':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\%03o`, c) // unlike \xnn, it ends after three digits
		}
	}
	return b.String() + "'"
}
