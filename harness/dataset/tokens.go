package dataset

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"epochtime/harness/graph"
)

// The kinds of token.
const (
	byWords = "words"
	byChars = "chars"
	byBytes = "bytes"
)

// Numbers of tokens that stand for no text.
const (
	padding   = 0
	unknown   = 1
	firstWord = 2 // the most frequent token
)

// byteOrderMark begins the text files of some editors.
const byteOrderMark = '\ufeff'

// longestWord is how many bytes a word may have; a longer one is unknown.
const longestWord = 256

// tokens reads text files end to end as numbers, one an example.
func (r *reader) tokens(paths []string, x graph.Tensor, o TextOptions) (*Column, error) {
	size, err := r.regular(paths)
	if err != nil {
		return nil, err
	}
	kind, err := tokenKind(x, o)
	if err != nil {
		return nil, err
	}
	if kind == byBytes {
		return r.bytes(paths, size)
	}
	counts := make(map[string]*int)
	n, err := count(newSplitter(paths, kind), counts)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	text := &numberer{splitter: newSplitter(paths, kind), words: vocabulary(counts, int(x.Categories)-firstWord)}
	defer text.Close()
	return r.numbers(&npyStream{Reader: text, where: strings.Join(paths, ", ")}, graph.Int32, n)
}

// bytes makes each byte a token: of one file they are mapped where they lie.
func (r *reader) bytes(paths []string, size int) (*Column, error) {
	all := &concatenation{paths: paths}
	defer all.Close()
	s := &npyStream{Reader: all, where: strings.Join(paths, ", ")}
	if len(paths) == 1 {
		f, err := os.Open(paths[0])
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		defer f.Close()
		s.in, s.end = f, int64(size)
	}
	return r.numbers(s, graph.Uint8, size)
}

// numbers holds n numbers of a stream, little-endian.
func (r *reader) numbers(s *npyStream, d graph.DType, n int) (*Column, error) {
	s.file = r.set.files[0]
	a := &Column{dtype: d, examples: n}
	if err := r.hold(a, s, s, n*d.Size()); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnreadable, s.where, err)
	}
	return a, nil
}

// tokenKind is what was asked for, or what the number of tokens that the graph
// knows suggests.
func tokenKind(x graph.Tensor, o TextOptions) (string, error) {
	n := x.Categories
	switch {
	case !slices.Contains([]string{"", byWords, byChars, byBytes}, o.Tokens):
		return "", fmt.Errorf("%w: there are no tokens %q: --tokens is words, chars or bytes", ErrUnfit, o.Tokens)
	case o.Tokens == byBytes, o.Tokens == "" && (n == 0 || n == 256):
		return byBytes, nil
	case n == 0:
		return "", fmt.Errorf("%w: the graph does not say how many tokens %s knows, which a vocabulary of %s needs: leave --tokens out, or use --tokens bytes",
			ErrUnfit, x.Name, o.Tokens)
	case n <= firstWord:
		return "", fmt.Errorf("%w: %s knows %d tokens: two of them stand for padding and for what is unknown, and none is left", ErrUnfit, x.Name, n)
	case o.Tokens == "" && n < 256:
		return byChars, nil
	}
	return cmp.Or(o.Tokens, byWords), nil
}

// vocabulary numbers the n most frequent tokens, of equally frequent ones that
// come first in the order of their bytes.
func vocabulary(counts map[string]*int, n int) map[string]int32 {
	all := make([]string, 0, len(counts))
	for token := range counts {
		all = append(all, token)
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(*counts[b], *counts[a]), cmp.Compare(a, b))
	})
	words := make(map[string]int32, min(n, len(all)))
	for i, token := range all[:min(n, len(all))] {
		words[token] = int32(firstWord + i)
	}
	return words
}

// count counts every token and returns how many there are.
func count(s *splitter, counts map[string]*int) (int, error) {
	defer s.Close()
	for n := 0; ; n++ {
		token, err := s.next()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
		if c := counts[string(token)]; c != nil {
			*c++
		} else {
			one := 1
			counts[string(token)] = &one
		}
	}
}

// numberer reads text as the numbers of its tokens, int32.
type numberer struct {
	*splitter
	words map[string]int32
	rest  [4]byte // of the last number
	left  int     // bytes of it that are to come
}

func (t *numberer) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if t.left == 0 {
			token, err := t.next()
			if err != nil {
				return n, err
			}
			binary.LittleEndian.PutUint32(t.rest[:], uint32(number(t.words, token)))
			t.left = len(t.rest)
		}
		k := copy(p[n:], t.rest[len(t.rest)-t.left:])
		n, t.left = n+k, t.left-k
	}
	return n, nil
}

func number(words map[string]int32, token []byte) int32 {
	if k, ok := words[string(token)]; ok {
		return k
	}
	return unknown
}

// splitter takes UTF-8 text apart: into characters, or into words as Keras's
// TextVectorization does by default, in lower case and without punctuation.
type splitter struct {
	kind  string
	paths []string // to come
	path  string   // that is read
	at    int64    // bytes of it that were read
	f     *os.File
	in    *bufio.Reader
	token []byte
}

func newSplitter(paths []string, kind string) *splitter {
	return &splitter{kind: kind, paths: paths, in: bufio.NewReaderSize(nil, 1<<16)}
}

// splitText is a splitter of text that is in memory.
func splitText(path string, text []byte, kind string) *splitter {
	return &splitter{kind: kind, path: path, in: bufio.NewReader(bytes.NewReader(text))}
}

// next returns the next token, which is valid until the one after it, or io.EOF.
func (s *splitter) next() ([]byte, error) {
	s.token = s.token[:0]
	for {
		c, err := s.char()
		switch {
		case errors.Is(err, io.EOF) && len(s.token) > 0:
			return s.token, nil
		case errors.Is(err, io.EOF) && s.f != nil, s.path == "":
			if err := s.open(); err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		case s.kind == byChars:
			return utf8.AppendRune(s.token, c), nil
		case unicode.IsSpace(c):
			if len(s.token) > 0 {
				return s.token, nil
			}
		case !isPunctuation(c) && len(s.token) <= longestWord:
			s.token = utf8.AppendRune(s.token, unicode.ToLower(c))
		}
	}
}

// char reads one character of the open file.
func (s *splitter) char() (rune, error) {
	if s.path == "" {
		return 0, io.EOF
	}
	c, size, err := s.in.ReadRune()
	if err != nil {
		return 0, err
	}
	if c == utf8.RuneError && size == 1 {
		return 0, notUTF8(s.path, s.at)
	}
	first := s.at == 0
	s.at += int64(size)
	if first && c == byteOrderMark {
		return s.char()
	}
	return c, nil
}

// open goes on to the next file; io.EOF if there is none.
func (s *splitter) open() error {
	s.Close()
	if len(s.paths) == 0 {
		return io.EOF
	}
	var err error
	if s.f, err = os.Open(s.paths[0]); err != nil {
		return err
	}
	s.path, s.paths, s.at = s.paths[0], s.paths[1:], 0
	s.in.Reset(s.f)
	return nil
}

// Close closes the file that is being read.
func (s *splitter) Close() {
	if s.f != nil {
		s.f.Close()
		s.f = nil
	}
}

// isPunctuation tells what Keras strips: punctuation and symbols of ASCII.
func isPunctuation(c rune) bool {
	return c < 0x80 && (unicode.IsPunct(c) || unicode.IsSymbol(c))
}

func notUTF8(path string, at int64) error {
	return fmt.Errorf("%s is not text in UTF-8 at byte %d: convert it, or read any file with --tokens bytes", path, at)
}

// checkUTF8 finds the first byte that is not text.
func checkUTF8(path string, text []byte) error {
	if utf8.Valid(text) {
		return nil
	}
	at := 0
	for {
		c, size := utf8.DecodeRune(text[at:])
		if c == utf8.RuneError && size <= 1 {
			return fmt.Errorf("%w: %w", ErrUnreadable, notUTF8(path, int64(at)))
		}
		at += size
	}
}
