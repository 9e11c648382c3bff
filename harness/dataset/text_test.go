package dataset

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"epochtime/harness/graph"
)

// tokensOf are sequences of numbers below n; length 0 is any.
func tokensOf(name string, length, n int64) graph.Tensor {
	t := tensor(name, graph.Int32, length)
	t.Categories = n
	return t
}

func texts(t *testing.T, contents ...string) []string {
	t.Helper()
	var out []string
	for _, c := range contents {
		out = append(out, fileOf(t, "a.txt", []byte(c)))
	}
	return out
}

func mustText(t *testing.T, paths []string, q Request) *Set {
	t.Helper()
	s, err := readText(paths, q)
	if err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	return s
}

func numbersOf(t *testing.T, c *Column) []int {
	t.Helper()
	var out []int
	if c.dtype == graph.Uint8 {
		for _, b := range c.data {
			out = append(out, int(b))
		}
		return out
	}
	for _, v := range graph.View[int32](c.data) {
		out = append(out, int(v))
	}
	return out
}

func TestWindowsOfWords(t *testing.T) {
	// "the" and "cat" are the most frequent; of "sat" and "on", "on" comes first.
	paths := texts(t, "The cat, the CAT!\r\nthe cat's", " mat; on\u00a0sat")
	q := request("", tokensOf("x", 3, 5), tokensOf("y", 3, 5))
	q.Text.Tokens = "words"
	s := mustText(t, paths, q)
	// the cat the cat the cats mat on sat → 2 3 2 3 2 4 1 1 1: three are numbered
	if got := numbersOf(t, s.Column("x")); !slices.Equal(got, []int{2, 3, 2, 3, 2, 4}) || s.examples != 2 {
		t.Errorf("%d windows %v", s.examples, got)
	}
	if got := numbersOf(t, s.Column("y")); !slices.Equal(got, []int{3, 2, 3, 2, 4, 1}) {
		t.Errorf("what follows: %v", got)
	}
}

func TestWindowsOfCharacters(t *testing.T) {
	q := request("", tokensOf("x", 2, 100), label("y", 100))
	s := mustText(t, texts(t, "\ufeffabä", "ba\n"), q) // a ×2, b ×2, \n, ä
	if got := numbersOf(t, s.Column("x")); !slices.Equal(got, []int{2, 3, 5, 3}) {
		t.Errorf("windows %v", got)
	}
	if c := s.Column("y"); !slices.Equal(numbersOf(t, c), []int{5, 2}) || len(c.shape) != 0 {
		t.Errorf("what follows each: %v of shape %v", numbersOf(t, c), c.shape)
	}
}

func TestWindowsOfBytes(t *testing.T) {
	for name, paths := range map[string][]string{"mapped": texts(t, "abcdefg\xff"), "read": texts(t, "abc", "defg\xff")} {
		t.Run(name, func(t *testing.T) {
			q := request("", tokensOf("x", 64, 256), tokensOf("y", 64, 256))
			q.Text.Window = 3
			s := mustText(t, paths, q)
			x, y := s.Column("x"), s.Column("y")
			if string(x.data) != "abcdef" || string(y.data) != "bcdefg" || s.examples != 2 || !slices.Equal(x.shape, []int{3}) {
				t.Errorf("%d windows %q of %v, then %q", s.examples, x.data, x.shape, y.data)
			}
			if mapped := !x.InMemory(); mappable && mapped != (name == "mapped") {
				t.Errorf("mapped: %v", mapped)
			}
		})
	}
}

// Tokens that do not fit in memory go to a scratch file, with the same result.
func TestTokensBeyondMemory(t *testing.T) {
	if !mappable {
		return
	}
	text := strings.Repeat("to be or not to be ", 1000)
	paths := texts(t, text)
	q := request("", tokensOf("x", 7, 10), tokensOf("y", 7, 10))
	q.Text.Tokens = "words"
	want := mustText(t, paths, q)
	r := newReader(paths, 100)
	if err := r.text(paths, q); err != nil {
		t.Fatal(err)
	}
	closing(t, r.set)
	for _, name := range []string{"x", "y"} {
		c := r.set.Column(name)
		if c.InMemory() || !bytes.Equal(c.data, want.Column(name).data) {
			t.Errorf("%s: in memory %v, or other numbers", name, c.InMemory())
		}
	}
	if err := r.set.Fit(manifest(q.Tensors)); err != nil {
		t.Error(err)
	}
}

func TestLines(t *testing.T) {
	s := mustText(t, texts(t, "one\r\n\n  \ntwo words", "drei\n"), request("", tensor("x", graph.String)))
	c := s.Column("x")
	var got []string
	for k := range s.examples {
		got = append(got, string(c.Text(k)))
	}
	if !slices.Equal(got, []string{"one", "two words", "drei"}) {
		t.Errorf("lines %q", got)
	}
	if err := s.Fit(manifest([]graph.Tensor{tensor("x", graph.String)})); err != nil {
		t.Error(err)
	}
	wantError(t, s.Fit(manifest([]graph.Tensor{tensor("x", graph.Int32)})), ErrUnfit, "is text")
	number := Of("x", nil, []int32{1, 2})
	s, err := New("numbers", number)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, s.Fit(manifest([]graph.Tensor{tensor("x", graph.String)})), ErrUnfit, "takes string")
}

func TestTextsOfClassFolders(t *testing.T) {
	dir := t.TempDir()
	writeIn(t, dir, "pos/1.txt", "good good film")
	writeIn(t, dir, "neg/1.txt", "bad")
	writeIn(t, dir, "neg/2.txt", "!")
	q := request(dir, tokensOf("x", 2, 1000), tensor("y", graph.Float32, 1))
	s, err := readImages(dir, q)
	if err != nil {
		t.Fatal(err)
	}
	// good is the most frequent; bad comes before film.
	if got := numbersOf(t, s.Column("x")); !slices.Equal(got, []int{3, 0, 0, 0, 2, 2}) {
		t.Errorf("cut and padded: %v", got)
	}
	if got := numbersOf(t, s.Column("y")); !slices.Equal(got, []int{0, 0, 1}) {
		t.Errorf("labels %v", got)
	}
	q = request(dir, tokensOf("x", 0, 1000), label("y", 2))
	if s, err = readImages(dir, q); err != nil {
		t.Fatal(err)
	}
	if c := s.Column("x"); !slices.Equal(c.offsets, []int{0, 1, 2, 5}) || !slices.Equal(numbersOf(t, c), []int{3, 0, 2, 2, 4}) {
		t.Errorf("of any length: %v %v", c.offsets, numbersOf(t, c))
	}
	if s, err = readImages(dir, request(dir, tensor("x", graph.String), label("y", 2))); err != nil || string(s.Column("x").Text(2)) != "good good film" {
		t.Errorf("whole texts: %v, %v", s, err)
	}
	writeIn(t, dir, "pos/2.txt", "\xff")
	_, err = readImages(dir, q)
	wantError(t, err, ErrUnreadable, "2.txt", "byte 0")
}

func TestTextRefused(t *testing.T) {
	x, y := tokensOf("x", 3, 1000), tokensOf("y", 3, 1000)
	for _, c := range []struct {
		name    string
		text    string
		tensors []graph.Tensor
		options TextOptions
		kind    error
		says    []string
	}{
		{"not UTF-8", "good\xc3\x28", []graph.Tensor{x, y}, TextOptions{}, ErrUnreadable, []string{"a.txt", "byte 4", "--tokens bytes"}},
		{"empty", "", []graph.Tensor{x, y}, TextOptions{}, ErrUnreadable, []string{"is empty"}},
		{"no words", "?!", []graph.Tensor{x, y}, TextOptions{}, ErrUnfit, []string{"0 tokens"}},
		{"shorter than a window", "a b c", []graph.Tensor{x, y}, TextOptions{}, ErrUnfit, []string{"3 tokens", "window of 3"}},
		{"a kind there is not", "a", []graph.Tensor{x, y}, TextOptions{Tokens: "lines"}, ErrUnfit, []string{`"lines"`, "words, chars or bytes"}},
		{"a window of less than none", "a", []graph.Tensor{x, y}, TextOptions{Window: -1}, ErrUnfit, []string{"-1"}},
		{"any length", "a b c", []graph.Tensor{tokensOf("x", 0, 1000)}, TextOptions{}, ErrUnfit, []string{"--window"}},
		{"no vocabulary", "a b c", []graph.Tensor{tokensOf("x", 3, 0)}, TextOptions{Tokens: "words"}, ErrUnfit, []string{"--tokens bytes"}},
		{"no room for tokens", "a b c", []graph.Tensor{tokensOf("x", 3, 2)}, TextOptions{}, ErrUnfit, []string{"none is left"}},
		{"labels of another kind", "a b c d", []graph.Tensor{x, label("y", 5)}, TextOptions{}, ErrUnfit, []string{"1000 tokens", "5 labels", ".csv"}},
		{"lines without labels", "a", []graph.Tensor{tensor("x", graph.String), label("y", 2)}, TextOptions{}, ErrUnfit, []string{".csv", "class folders"}},
		{"two texts", "a", []graph.Tensor{x, y, tokensOf("z", 3, 1000)}, TextOptions{}, ErrUnfit, []string{"y and z", "--input"}},
		{"images", "a", []graph.Tensor{image("x")}, TextOptions{}, ErrUnfit, []string{"x of the graph"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := request("a.txt", c.tensors...)
			q.Text = c.options
			s, err := readText(texts(t, c.text), q)
			wantError(t, err, c.kind, c.says...)
			if s != nil {
				t.Error("an error with a set")
			}
		})
	}
	_, err := readText([]string{filepath.Join(t.TempDir(), "gone.txt")}, request("gone.txt", x))
	wantError(t, err, ErrUnreadable, "gone.txt")
	_, err = readText([]string{os.DevNull}, request(os.DevNull, x))
	wantError(t, err, ErrUnreadable, "is not a file")
}

// Values beyond what the graph knows are found before training.
func TestBytesOutsideTheGraph(t *testing.T) {
	q := request("", tokensOf("x", 2, 128))
	q.Text.Tokens = "bytes"
	s := mustText(t, texts(t, "ab\xc3\xa4"), q)
	wantError(t, s.Fit(manifest(q.Tensors)), ErrUnfit, "195", "0 to 127")
}

// Whatever the text is, tokens lie in the vocabulary, and there are as many in
// the second reading as in the first.
func FuzzTokens(f *testing.F) {
	for _, text := range []string{"", "The cat sat.", "a\u00a0b\r\n", "\ufeffäöü ß", "\xff", strings.Repeat("x", 300), "a\x00b", "İstanbul"} {
		f.Add([]byte(text), uint8(5))
	}
	path := filepath.Join(f.TempDir(), "fuzz.txt")
	f.Fuzz(func(t *testing.T, text []byte, categories uint8) {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{byWords, byChars, byBytes} {
			x := tokensOf("x", 1, int64(categories))
			a, err := newReader([]string{path}, unpackBytes).tokens([]string{path}, x, TextOptions{Tokens: kind})
			if err != nil {
				if !errors.Is(err, ErrUnreadable) && !errors.Is(err, ErrUnfit) {
					t.Fatalf("an error of no kind: %v", err)
				}
				continue
			}
			checkColumn(t, a, a.examples)
			if kind == byBytes {
				if !bytes.Equal(a.data, text) {
					t.Fatal("bytes are not the file's")
				}
				continue
			}
			for _, v := range graph.View[int32](a.data) {
				if v < unknown || v >= int32(categories) {
					t.Fatalf("token %d of %d", v, categories)
				}
			}
			if kind == byChars && a.examples != utf8.RuneCount(bytes.TrimPrefix(text, []byte("\ufeff"))) {
				t.Fatalf("%d characters of %q", a.examples, text)
			}
		}
	})
}
