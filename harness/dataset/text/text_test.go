package text_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

func texts(t *testing.T, contents ...string) []string {
	t.Helper()
	var out []string
	for _, c := range contents {
		out = append(out, datatest.File(t, "a.txt", c))
	}
	return out
}

func request(paths []string, tensors ...graph.Tensor) dataset.Request {
	return dataset.Request{Sources: paths, Tensors: tensors, Columns: map[string]string{}}
}

func numbersOf(t *testing.T, c *dataset.Column) []int {
	t.Helper()
	var out []int
	if c.DType() == graph.Uint8 {
		for _, b := range c.Bytes() {
			out = append(out, int(b))
		}
		return out
	}
	for _, v := range graph.View[int32](c.Bytes()) {
		out = append(out, int(v))
	}
	return out
}

func TestWindowsOfWords(t *testing.T) {
	// "the" and "cat" are the most frequent; of "sat" and "on", "on" comes first.
	paths := texts(t, "The cat, the CAT!\r\nthe cat's", " mat; on\u00a0sat")
	q := request(paths, datatest.Tokens("x", 3, 5), datatest.Tokens("y", 3, 5))
	q.Text.Tokens = "words"
	s := datatest.MustRead(t, q)
	// the cat the cat the cats mat on sat → 2 3 2 3 2 4 1 1 1: three are numbered
	if got := numbersOf(t, s.Column("x")); !slices.Equal(got, []int{2, 3, 2, 3, 2, 4}) || s.Examples() != 2 {
		t.Errorf("%d windows %v", s.Examples(), got)
	}
	if got := numbersOf(t, s.Column("y")); !slices.Equal(got, []int{3, 2, 3, 2, 4, 1}) {
		t.Errorf("what follows: %v", got)
	}
}

func TestWindowsOfCharacters(t *testing.T) {
	q := request(texts(t, "\ufeffabä", "ba\n"), datatest.Tokens("x", 2, 100), datatest.Label("y", 100))
	s := datatest.MustRead(t, q) // a ×2, b ×2, \n, ä
	if got := numbersOf(t, s.Column("x")); !slices.Equal(got, []int{2, 3, 5, 3}) {
		t.Errorf("windows %v", got)
	}
	if c := s.Column("y"); !slices.Equal(numbersOf(t, c), []int{5, 2}) || len(c.Shape()) != 0 {
		t.Errorf("what follows each: %v of shape %v", numbersOf(t, c), c.Shape())
	}
}

func TestWindowsOfBytes(t *testing.T) {
	for name, paths := range map[string][]string{"mapped": texts(t, "abcdefg\xff"), "read": texts(t, "abc", "defg\xff")} {
		t.Run(name, func(t *testing.T) {
			q := request(paths, datatest.Tokens("x", 64, 256), datatest.Tokens("y", 64, 256))
			q.Text.Window = 3
			s := datatest.MustRead(t, q)
			x, y := s.Column("x"), s.Column("y")
			if string(x.Bytes()) != "abcdef" || string(y.Bytes()) != "bcdefg" || s.Examples() != 2 || !slices.Equal(x.Shape(), []int{3}) {
				t.Errorf("%d windows %q of %v, then %q", s.Examples(), x.Bytes(), x.Shape(), y.Bytes())
			}
			if mapped := !x.InMemory(); mapped != (name == "mapped") {
				t.Errorf("mapped: %v", mapped)
			}
		})
	}
}

// Tokens that do not fit in memory go to a scratch file, with the same result.
func TestTokensBeyondMemory(t *testing.T) {
	text := strings.Repeat("to be or not to be ", 1000)
	paths := texts(t, text)
	q := request(paths, datatest.Tokens("x", 7, 10), datatest.Tokens("y", 7, 10))
	q.Text.Tokens = "words"
	want := datatest.MustRead(t, q)
	q.Room = 100
	s := datatest.MustRead(t, q)
	for _, name := range []string{"x", "y"} {
		c := s.Column(name)
		if c.InMemory() || !bytes.Equal(c.Bytes(), want.Column(name).Bytes()) {
			t.Errorf("%s: in memory %v, or other numbers", name, c.InMemory())
		}
	}
	if err := s.Fit(datatest.Manifest(q.Tensors...)); err != nil {
		t.Error(err)
	}
}

func TestLines(t *testing.T) {
	s := datatest.MustRead(t, request(texts(t, "one\r\n\n  \ntwo words", "drei\n"), testgraph.Tensor("x", graph.String)))
	c := s.Column("x")
	var got []string
	for k := range s.Examples() {
		got = append(got, string(c.Text(k)))
	}
	if !slices.Equal(got, []string{"one", "two words", "drei"}) {
		t.Errorf("lines %q", got)
	}
	if err := s.Fit(datatest.Manifest(testgraph.Tensor("x", graph.String))); err != nil {
		t.Error(err)
	}
	datatest.WantError(t, s.Fit(datatest.Manifest(testgraph.Tensor("x", graph.Int32))), dataset.ErrUnfit, "is text")
	number := dataset.Of("x", nil, []int32{1, 2})
	s, err := dataset.New("numbers", number)
	if err != nil {
		t.Fatal(err)
	}
	datatest.WantError(t, s.Fit(datatest.Manifest(testgraph.Tensor("x", graph.String))), dataset.ErrUnfit, "takes string")
}

func TestTextsOfClassFolders(t *testing.T) {
	dir := t.TempDir()
	datatest.WriteIn(t, dir, "pos/1.txt", "good good film")
	datatest.WriteIn(t, dir, "neg/1.txt", "bad")
	datatest.WriteIn(t, dir, "neg/2.txt", "!")
	q := request([]string{dir}, datatest.Tokens("x", 2, 1000), testgraph.Tensor("y", graph.Float32, 1))
	s, err := datatest.Read(t, q)
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
	q = request([]string{dir}, datatest.Tokens("x", 0, 1000), datatest.Label("y", 2))
	if s, err = datatest.Read(t, q); err != nil {
		t.Fatal(err)
	}
	if c := s.Column("x"); !slices.Equal(datatest.Lengths(c), []int{1, 1, 3}) || !slices.Equal(numbersOf(t, c), []int{3, 0, 2, 2, 4}) {
		t.Errorf("of any length: %v %v", datatest.Lengths(c), numbersOf(t, c))
	}
	if s, err = datatest.Read(t, request([]string{dir}, testgraph.Tensor("x", graph.String), datatest.Label("y", 2))); err != nil || string(s.Column("x").Text(2)) != "good good film" {
		t.Errorf("whole texts: %v, %v", s, err)
	}
	datatest.WriteIn(t, dir, "pos/2.txt", "\xff")
	_, err = datatest.Read(t, q)
	datatest.WantError(t, err, dataset.ErrUnreadable, "2.txt", "byte 0")
}

func TestTextRefused(t *testing.T) {
	x, y := datatest.Tokens("x", 3, 1000), datatest.Tokens("y", 3, 1000)
	for _, c := range []struct {
		name    string
		text    string
		tensors []graph.Tensor
		options dataset.TextOptions
		kind    error
		says    []string
	}{
		{"not UTF-8", "good\xc3\x28", []graph.Tensor{x, y}, dataset.TextOptions{}, dataset.ErrUnreadable, []string{"a.txt", "byte 4", "read it as bytes"}},
		{"empty", "", []graph.Tensor{x, y}, dataset.TextOptions{}, dataset.ErrUnreadable, []string{"is empty"}},
		{"no words", "?!", []graph.Tensor{x, y}, dataset.TextOptions{}, dataset.ErrUnfit, []string{"0 tokens"}},
		{"shorter than a window", "a b c", []graph.Tensor{x, y}, dataset.TextOptions{}, dataset.ErrUnfit, []string{"3 tokens", "window of 3"}},
		{"a kind there is not", "a", []graph.Tensor{x, y}, dataset.TextOptions{Tokens: "lines"}, dataset.ErrUnfit, []string{`"lines"`, "words, chars or bytes"}},
		{"a window of less than none", "a", []graph.Tensor{x, y}, dataset.TextOptions{Window: -1}, dataset.ErrUnfit, []string{"-1"}},
		{"any length", "a b c", []graph.Tensor{datatest.Tokens("x", 0, 1000)}, dataset.TextOptions{}, dataset.ErrUnfit, []string{"say how many tokens"}},
		{"no vocabulary", "a b c", []graph.Tensor{datatest.Tokens("x", 3, 0)}, dataset.TextOptions{Tokens: "words"}, dataset.ErrUnfit, []string{"read bytes"}},
		{"no room for tokens", "a b c", []graph.Tensor{datatest.Tokens("x", 3, 2)}, dataset.TextOptions{}, dataset.ErrUnfit, []string{"none is left"}},
		{"labels of another kind", "a b c d", []graph.Tensor{x, datatest.Label("y", 5)}, dataset.TextOptions{}, dataset.ErrUnfit, []string{"1000 tokens", "5 labels", ".csv"}},
		{"lines without labels", "a", []graph.Tensor{testgraph.Tensor("x", graph.String), datatest.Label("y", 2)}, dataset.TextOptions{}, dataset.ErrUnfit, []string{".csv", "class folders"}},
		{"two texts", "a", []graph.Tensor{x, y, datatest.Tokens("z", 3, 1000)}, dataset.TextOptions{}, dataset.ErrUnfit, []string{"y and z", "name what feeds"}},
		{"images", "a", []graph.Tensor{datatest.Image("x")}, dataset.TextOptions{}, dataset.ErrUnfit, []string{"x of the graph"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := request(texts(t, c.text), c.tensors...)
			q.Text = c.options
			_, err := datatest.Read(t, q)
			datatest.WantError(t, err, c.kind, c.says...)
		})
	}
	_, err := datatest.Read(t, request([]string{filepath.Join(t.TempDir(), "gone.txt")}, x))
	datatest.WantError(t, err, dataset.ErrUnreadable, "gone.txt")
	pipe := filepath.Join(t.TempDir(), "pipe.txt")
	if err := os.Symlink(os.DevNull, pipe); err != nil {
		t.Fatal(err)
	}
	_, err = datatest.Read(t, request([]string{pipe}, x))
	datatest.WantError(t, err, dataset.ErrUnreadable, "is a pipe or device")
}

// Values beyond what the graph knows are found before training.
func TestBytesOutsideTheGraph(t *testing.T) {
	q := request(texts(t, "ab\xc3\xa4"), datatest.Tokens("x", 2, 128))
	q.Text.Tokens = "bytes"
	s := datatest.MustRead(t, q)
	datatest.WantError(t, s.Fit(datatest.Manifest(q.Tensors...)), dataset.ErrUnfit, "195", "0 to 127")
}

// Whatever the text is, tokens are in the vocabulary, and there are as many in the
// second reading as in the first.
func FuzzTokens(f *testing.F) {
	for _, text := range []string{"", "The cat sat.", "a\u00a0b\r\n", "\ufeffäöü ß", "\xff", strings.Repeat("x", 300), "a\x00b", "İstanbul"} {
		f.Add(text, uint8(5))
	}
	path := datatest.File(f, "fuzz.txt", "")
	f.Fuzz(func(t *testing.T, text string, categories uint8) {
		datatest.Overwrite(t, path, text)
		for _, kind := range dataset.TokenKinds() {
			q := request([]string{path}, datatest.Tokens("x", 1, int64(categories)))
			q.Text.Tokens = kind
			s := datatest.Sound(t, q)
			if s == nil {
				continue
			}
			datatest.Closing(t, s)
			if kind == dataset.Bytes {
				if string(s.Column("x").Bytes()) != text {
					t.Fatal("bytes are not the file's")
				}
				continue
			}
			for _, v := range datatest.Values[int32](s, "x") {
				if v < 1 || v >= int32(categories) {
					t.Fatalf("token %d of %d", v, categories)
				}
			}
			if kind == dataset.Chars && s.Examples() != utf8.RuneCountInString(strings.TrimPrefix(text, "\ufeff")) {
				t.Fatalf("%d characters of %q", s.Examples(), text)
			}
		}
	})
}
