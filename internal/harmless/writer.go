package harmless

import (
	"io"
	"unicode/utf8"
)

// Writer is a stream that a person may look at. What is written through it appears as
// by Lines.
type Writer struct {
	to      io.Writer
	escaper escaper
	rest    []byte // the beginning of a character
}

// NewWriter returns a Writer to a stream.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to, escaper: escaper{lines: true}} }

// Write writes p. A character that p holds the beginning of is kept for the next
// Write, or Flush. An error is the stream's own.
func (w *Writer) Write(p []byte) (int, error) {
	text := append(w.rest, p...)
	whole := len(text) - unfinished(text)
	if _, err := w.to.Write(w.escaper.append(nil, string(text[:whole]))); err != nil {
		return 0, err
	}
	w.rest = append([]byte(nil), text[whole:]...)
	return len(p), nil
}

// Flush writes what the end of the last Write lacks to be a character.
func (w *Writer) Flush() error {
	if len(w.rest) == 0 {
		return nil
	}
	_, err := w.to.Write(w.escaper.append(nil, string(w.rest)))
	w.rest = nil
	return err
}

// Stream returns the stream itself, for what is no text: cursor movements of the
// program's own, or a question about the terminal.
func (w *Writer) Stream() io.Writer { return w.to }

// unfinished returns how many bytes at the end of p begin a character.
func unfinished(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if utf8.RuneStart(p[len(p)-n]) {
			if utf8.FullRune(p[len(p)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}
