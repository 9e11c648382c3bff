package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"epochtime/harness/dataset"
)

// marks are byte order marks, and what reads the text after them; nil for UTF-8.
var marks = []struct {
	begins string
	from   func() transform.Transformer
}{
	{"\xef\xbb\xbf", nil},
	{"\xff\xfe", func() transform.Transformer {
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
	}},
	{"\xfe\xff", func() transform.Transformer {
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
	}},
}

// encoding takes a byte order mark off the start of the file, and has UTF-16 read as
// UTF-8.
func (f *blocks) encoding() error {
	head := make([]byte, len(marks[0].begins))
	n, err := io.ReadFull(f.from, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return dataset.ReadError(f.path, err)
	}
	head = head[:n]
	for _, m := range marks {
		after, found := bytes.CutPrefix(head, []byte(m.begins))
		if !found {
			continue
		}
		f.from = rest(after, f.from)
		if m.from != nil {
			f.utf16 = true
			f.from = closing{transform.NewReader(f.from, m.from()), f.from}
		}
		return nil
	}
	f.from = rest(head, f.from)
	return nil
}

// rest puts what was read of a stream before it again.
func rest(head []byte, from io.ReadCloser) io.ReadCloser {
	return closing{io.MultiReader(bytes.NewReader(head), from), from}
}

// closing closes what is below a reader.
type closing struct {
	io.Reader
	io.Closer
}

// checkUTF16 returns an error if records hold what is no character of UTF-16. A
// decoder puts utf8.RuneError in its place.
func (f *blocks) checkUTF16(data []byte) error {
	if !f.utf16 {
		return nil
	}
	if at := bytes.IndexRune(data, utf8.RuneError); at >= 0 {
		return f.wrong(f.line+lines(data[:at]), errors.New("it is not UTF-16 as the file begins: save the file as UTF-8"))
	}
	return nil
}

// checkText returns an error if the first line cannot be text.
func checkText(line []byte) error {
	switch {
	case bytes.IndexByte(line, 0) >= 0:
		return errors.New("it holds zero bytes, so it is no text, or UTF-16 without a byte order mark: save the file as UTF-8")
	case !utf8.Valid(line):
		return fmt.Errorf("it %w", errNotUTF8)
	}
	return nil
}

var errNotUTF8 = errors.New("is not UTF-8: save the file as UTF-8")
