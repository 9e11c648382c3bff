package csv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
)

// scanner walks over the fields of whole records. Fields are as RFC 4180 has them,
// and pandas: one that begins with a quote ends with one, and two quotes within it
// are one; in any other, quotes are as good as letters. A line ends with \n, \r\n or
// \r.
type scanner struct {
	data  []byte // ends with a line end
	at    int    // of the next field
	comma byte
	spans []span // of quoted fields, in their order
	spare []byte // a field without its doubled quotes
}

// span is where the quotes of a field are.
type span struct {
	open, end int
	doubled   bool // there are doubled quotes between them
}

// slack is how many bytes there should be in memory after the data of a scanner:
// they are read along with the last ones, and have no meaning.
const slack = 32

// Faults of a quoted field.
var (
	errOpen  = errors.New("the quote that opens a field there is never closed: close it, or double a quote that belongs to the text")
	errAfter = errors.New("text follows the quote that closes a field which begins there: double quotes that belong to the text")
	errBlank = errors.New("a field begins with a blank and a quote: take the blank out, so that the quote opens the field")
)

func isLineEnd(c byte) bool { return c == '\n' || c == '\r' }
func isBlank(c byte) bool   { return c == ' ' || c == '\t' }

// more skips lines that are blank. It reports whether a record follows.
func (s *scanner) more() bool {
	for s.at < len(s.data) {
		at := s.at
		for at < len(s.data) && isBlank(s.data[at]) && s.data[at] != s.comma {
			at++
		}
		if at < len(s.data) && !isLineEnd(s.data[at]) {
			return true
		}
		s.at = at + 1
	}
	return false
}

// field returns the next field, which is valid until the next call, and whether it
// is the last of its record. After an error the scanner stands where the field
// begins.
func (s *scanner) field() (text []byte, last bool, err error) {
	if s.data[s.at] == '"' {
		return s.quoted()
	}
	end := s.end(s.at)
	text = s.data[s.at:end]
	if len(text) > 1 && isBlank(text[0]) {
		if t := bytes.TrimLeft(text, " \t"); len(t) > 0 && t[0] == '"' {
			return nil, false, errBlank
		}
	}
	s.at = end + 1
	return text, s.data[end] != s.comma, nil
}

// end returns where the unquoted field that begins at i ends.
func (s *scanner) end(i int) int {
	const ones = 0x0101010101010101
	comma := uint64(s.comma) * ones
	for ; i+8 <= len(s.data); i += 8 {
		v := binary.LittleEndian.Uint64(s.data[i:])
		if found := zeros(v^comma) | zeros(v^'\n'*ones) | zeros(v^'\r'*ones); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for c := s.data[i]; c != s.comma && !isLineEnd(c); c = s.data[i] {
		i++
	}
	return i
}

// zeros has the highest bit of each byte of v set that is zero, up to the first:
// later ones may be wrong.
func zeros(v uint64) uint64 {
	return (v - 0x0101010101010101) &^ v & 0x8080808080808080
}

// quoted is field for one that begins with a quote.
func (s *scanner) quoted() (text []byte, last bool, err error) {
	for len(s.spans) > 0 && s.spans[0].open < s.at {
		s.spans = s.spans[1:]
	}
	at := span{end: -1}
	if len(s.spans) > 0 && s.spans[0].open == s.at {
		at = s.spans[0]
	} else {
		at = spanOf(s.data, s.at)
	}
	if at.end < 0 {
		return nil, false, errOpen
	}
	after := s.data[at.end+1]
	if after != s.comma && !isLineEnd(after) {
		return nil, false, errAfter
	}
	text = s.data[s.at+1 : at.end]
	s.at = at.end + 2
	if at.doubled {
		text = s.single(text)
	}
	return text, after != s.comma, nil
}

// single returns text with one quote in place of two.
func (s *scanner) single(text []byte) []byte {
	s.spare = s.spare[:0]
	for {
		i := bytes.IndexByte(text, '"')
		if i < 0 {
			s.spare = append(s.spare, text...)
			return s.spare
		}
		s.spare = append(s.spare, text[:i+1]...)
		text = text[i+2:]
	}
}

// spanOf finds the quote that closes the one at i. Its end is -1 if there is none.
func spanOf(data []byte, i int) span {
	out := span{open: i}
	for i++; ; i += 2 {
		n := bytes.IndexByte(data[i:], '"')
		if n < 0 {
			out.end = -1
			return out
		}
		i += n
		if i+1 >= len(data) || data[i+1] != '"' {
			out.end = i
			return out
		}
		out.doubled = true
	}
}

// lines counts the line ends in data.
func lines(data []byte) int {
	n := bytes.Count(data, []byte{'\n'})
	for {
		at := bytes.IndexByte(data, '\r')
		if at < 0 {
			return n
		}
		if data = data[at+1:]; len(data) == 0 || data[0] != '\n' {
			n++
		}
	}
}
