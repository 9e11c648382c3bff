package text

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

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
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

// tokens reads text files end to end as numbers, one per example.
func tokens(b *dataset.Builder, paths []string, x graph.Tensor, o dataset.TextOptions) (dataset.Column, error) {
	size, err := sizeOf(b, paths)
	if err != nil {
		return dataset.Column{}, err
	}
	kind, err := tokenKind(x, o)
	if err != nil {
		return dataset.Column{}, err
	}
	where := strings.Join(paths, ", ")
	if kind == dataset.Bytes {
		return byteTokens(b, paths, where, size)
	}
	counts := make(map[string]*int)
	n, err := count(newSplitter(b, paths, kind), counts)
	if err != nil {
		return dataset.Column{}, fmt.Errorf("%w: %w", dataset.ErrUnreadable, err)
	}
	text := &numberer{splitter: newSplitter(b, paths, kind), words: vocabulary(counts, int(x.Categories)-firstWord)}
	defer text.Close()
	return hold(b, &dataset.Body{Reader: text, Path: paths[0]}, where, graph.Int32, n)
}

// byteTokens makes each byte a token. Those of one file are mapped where they are.
func byteTokens(b *dataset.Builder, paths []string, where string, size int) (dataset.Column, error) {
	all := &concatenation{paths: paths}
	defer all.Close()
	body := &dataset.Body{Reader: all, Path: paths[0]}
	if len(paths) == 1 {
		f, _, err := b.Open(paths[0])
		if err != nil {
			return dataset.Column{}, err
		}
		defer f.Close()
		body.File, body.End = f, int64(size)
	}
	return hold(b, body, where, graph.Uint8, size)
}

// hold holds n numbers of a stream.
func hold(b *dataset.Builder, body *dataset.Body, where string, d graph.DType, n int) (dataset.Column, error) {
	c, err := b.Hold(d, nil, n, body)
	if err != nil {
		return c, fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, where, err)
	}
	return c, nil
}

// tokenKind returns the kind that was asked for, or that the number of tokens which
// the graph knows suggests.
func tokenKind(x graph.Tensor, o dataset.TextOptions) (string, error) {
	fail := func(format string, args ...any) (string, error) {
		return "", dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrTokens}, format, args...)
	}
	n := x.Categories
	switch {
	case o.Tokens != "" && !slices.Contains(dataset.TokenKinds(), o.Tokens):
		return fail("there are no tokens %q: they are words, chars or bytes", o.Tokens)
	case o.Tokens == dataset.Bytes, o.Tokens == "" && (n == 0 || n == 256):
		return dataset.Bytes, nil
	case n == 0:
		return fail("the graph does not say how many tokens %s knows, which a vocabulary of %s needs: read bytes", x.Name, o.Tokens)
	case n <= firstWord:
		return fail("%s knows %d tokens: two of them stand for padding and for what is unknown, and none is left", x.Name, n)
	case o.Tokens == "" && n < 256:
		return dataset.Chars, nil
	}
	return cmp.Or(o.Tokens, dataset.Words), nil
}

// vocabulary numbers the n most frequent tokens. Equally frequent ones are in the
// order of their bytes.
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
	last  [4]byte // the number that was begun
	left  int     // its bytes that were not read yet
}

func (t *numberer) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if t.left == 0 {
			token, err := t.next()
			if err != nil {
				return n, err
			}
			binary.LittleEndian.PutUint32(t.last[:], uint32(number(t.words, token)))
			t.left = len(t.last)
		}
		k := copy(p[n:], t.last[len(t.last)-t.left:])
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

// splitter splits UTF-8 text: into characters, or into words as TextVectorization of
// Keras does by default, in lower case and without punctuation.
type splitter struct {
	b     *dataset.Builder
	kind  string
	paths []string // to come
	path  string   // that is being read
	at    int64    // bytes of it that were read
	f     *os.File
	in    *bufio.Reader
	token []byte
}

func newSplitter(b *dataset.Builder, paths []string, kind string) *splitter {
	return &splitter{b: b, kind: kind, paths: paths, in: bufio.NewReaderSize(nil, 1<<16)}
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
		case s.kind == dataset.Chars:
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

// open opens the next file, or returns io.EOF.
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
	s.in.Reset(s.b.Reader(s.f))
	return nil
}

// Close closes the file that is being read.
func (s *splitter) Close() {
	if s.f != nil {
		s.f.Close()
		s.f = nil
	}
}

// isPunctuation reports whether Keras strips a character: punctuation and symbols of ASCII.
func isPunctuation(c rune) bool {
	return c < 0x80 && (unicode.IsPunct(c) || unicode.IsSymbol(c))
}
