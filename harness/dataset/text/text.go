// Package text reads plain text: files, which are cut into windows of tokens, and
// folders of texts by class.
package text

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"unicode/utf8"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Format reads text files end to end as windows of tokens, which follow one another
// without overlap. A target of the same shape is each window moved on by one token,
// and a target of one number the token that follows the window. For a graph that
// takes strings, each line that is not blank is an example.
var Format dataset.Format = format{}

type format struct{}

// endings are the names of files that are plain text.
var endings = []string{".txt"}

// The columns of plain text.
const (
	textColumn = "text"
	nextColumn = "next"
)

// Name implements dataset.Format.
func (format) Name() string { return "text" }

// Endings implements dataset.Format.
func (format) Endings() []string { return endings }

// Takes implements dataset.Format.
func (format) Takes(source string) bool { return dataset.HasEnding(source, endings) }

// Holds implements dataset.Format.
func (format) Holds([]byte) bool { return false }

// Fields implements dataset.Format: lines, or with a kind of token or a window the
// tokens of a window and what follows it.
func (format) Fields(_ *dataset.Builder, q dataset.Request, _ []string) ([]dataset.Field, error) {
	if q.Text == (dataset.TextOptions{}) {
		return []dataset.Field{{Name: textColumn, DType: graph.String, Shape: make([]*int64, 1)}}, nil
	}
	length := int64(q.Text.Window)
	if length == 0 {
		length = 1
	}
	return []dataset.Field{
		{Name: textColumn, DType: graph.Int32, Categories: math.MaxInt32, Shape: []*int64{nil, &length}},
		{Name: nextColumn, DType: graph.Int32, Categories: math.MaxInt32, Shape: make([]*int64, 1)},
	}, nil
}

// Read implements dataset.Format.
func (format) Read(b *dataset.Builder, q dataset.Request, paths []string) error {
	x, y, err := tensors(q)
	if err != nil {
		return err
	}
	if x.DType == graph.String {
		c, err := lines(b, x, paths)
		if err != nil {
			return err
		}
		return b.Add(x.Name, c)
	}
	length, err := window(x, q.Text)
	if err != nil {
		return err
	}
	if y != nil && y.Categories > 0 && x.Categories > 0 && y.Categories != x.Categories {
		return fmt.Errorf("%w: %s knows %d tokens and %s %d labels: labels of texts come from a .csv file, or from a folder of class folders",
			dataset.ErrUnfit, x.Name, x.Categories, y.Name, y.Categories)
	}
	c, err := tokens(b, paths, x, q.Text)
	if err != nil {
		return err
	}
	return windows(b, c, x, y, length)
}

// tensors returns what text feeds: the tokens, and the target if there is one.
func tensors(q dataset.Request) (x graph.Tensor, y *graph.Tensor, err error) {
	feeds, err := dataset.Roles(q, []string{textColumn, nextColumn}, func(t graph.Tensor) string {
		switch {
		case t.DType == graph.String || t.Name == q.Tensors[0].Name && len(t.Shape) == 2 && !t.DType.IsFloat():
			return textColumn
		case len(t.Shape) <= 2 && !t.DType.IsFloat():
			return nextColumn
		}
		return ""
	})
	if err != nil {
		return x, nil, err
	}
	for i, t := range q.Tensors {
		if feeds[t.Name] == nextColumn {
			y = &q.Tensors[i]
		} else {
			x = t
		}
	}
	switch {
	case len(q.Tensors) < 1 || len(q.Tensors) > 2, y != nil && len(q.Tensors) == 1:
		err = dataset.Unclear(q, []string{textColumn, nextColumn}, fmt.Sprintf("the graph takes %d columns", len(q.Tensors)))
	case x.DType == graph.String && y != nil:
		err = fmt.Errorf("%w: a line of plain text gives %s, and nothing gives %s: name both in a .csv or .tsv file, or put the texts into class folders",
			dataset.ErrUnfit, x.Name, y.Name)
	}
	return x, y, err
}

// window returns the number of tokens in an example.
func window(x graph.Tensor, o dataset.TextOptions) (int, error) {
	switch {
	case o.Window < 0:
		return 0, dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrWindow}, "a window of %d tokens", o.Window)
	case o.Window > 0:
		return o.Window, nil
	case len(x.Shape) == 2 && x.Shape[1] != nil:
		return int(*x.Shape[1]), nil
	}
	return 0, dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrWindow},
		"the graph takes sequences of any length as %s: say how many tokens an example has", x.Name)
}

// windows cuts tokens into examples: x and, of the same bytes, the target.
func windows(b *dataset.Builder, tokens dataset.Column, x graph.Tensor, y *graph.Tensor, length int) error {
	have := tokens.Examples()
	if y != nil {
		have-- // the last one is only what follows
	}
	n := have / length
	if n < 1 {
		return fmt.Errorf("%w: %s holds %d tokens, too few for one window of %d", dataset.ErrUnfit, b.Source(), tokens.Examples(), length)
	}
	cut := dataset.Windows(tokens, 0, length)
	if y == nil {
		return b.Add(x.Name, cut)
	}
	next := dataset.Windows(tokens, 1, length)
	if cut.Examples() > n { // its last window has nothing that follows
		cut = dataset.First(cut, n)
	}
	if len(y.Shape) == 1 || y.Shape[1] != nil && *y.Shape[1] == 1 && length > 1 {
		var err error
		if next, err = following(b, &tokens, *y, n, length); err != nil {
			return err
		}
	}
	if err := b.Add(x.Name, cut); err != nil {
		return err
	}
	return b.Add(y.Name, next)
}

// following makes a column of the token after each window.
func following(b *dataset.Builder, tokens *dataset.Column, y graph.Tensor, n, length int) (dataset.Column, error) {
	sink := dataset.NewSink(graph.Tensor{Name: y.Name, DType: tokens.DType(), Shape: make([]*int64, 1)})
	return b.Column(sink, func(add func(*dataset.Part) error) error {
		for first := 0; first < n; first += dataset.ChunkBytes / 4 {
			p := &dataset.Part{Examples: min(dataset.ChunkBytes/4, n-first)}
			if lost := b.Guard(func() {
				for i := range p.Examples {
					at := (first + i + 1) * length
					row := tokens.Rows(at, at+1)
					copy(p.Room(len(row)), row)
				}
			}); lost != nil {
				return lost
			}
			if err := add(p); err != nil {
				return err
			}
		}
		return nil
	})
}

// collector collects strings into parts.
type collector struct {
	add  func(*dataset.Part) error
	part *dataset.Part
}

// text adds a string.
func (c *collector) text(s string) error {
	c.part.Data = append(c.part.Data, s...)
	c.part.Ends = append(c.part.Ends, len(c.part.Data))
	return c.flush(dataset.ChunkBytes)
}

// flush hands over what was collected, if it has at least that many bytes.
func (c *collector) flush(least int) error {
	c.part.Examples = len(c.part.Ends)
	if c.part.Examples == 0 || len(c.part.Data)+8*len(c.part.Ends) < least {
		return nil
	}
	err := c.add(c.part)
	c.part = &dataset.Part{}
	return err
}

// lines makes each line that is not blank an example of one string.
func lines(b *dataset.Builder, x graph.Tensor, paths []string) (dataset.Column, error) {
	return collect(b, x, func(c *collector) error {
		for _, path := range paths {
			f, _, err := b.Open(path)
			if err != nil {
				return err
			}
			text, err := io.ReadAll(b.Reader(f))
			f.Close()
			if err != nil {
				return dataset.ReadError(path, err)
			}
			if err := checkUTF8(path, text); err != nil {
				return err
			}
			for line := range strings.Lines(string(text)) {
				if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) == "" {
					continue
				}
				if err := c.text(line); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// collect makes a column of the strings that read hands to a collector.
func collect(b *dataset.Builder, x graph.Tensor, read func(*collector) error) (dataset.Column, error) {
	sink := dataset.NewSink(graph.Tensor{Name: x.Name, DType: graph.String, Shape: make([]*int64, 1)})
	return b.Column(sink, func(add func(*dataset.Part) error) error {
		c := &collector{add, &dataset.Part{}}
		if err := read(c); err != nil {
			return err
		}
		return c.flush(0)
	})
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
			return fmt.Errorf("%w: %w", dataset.ErrUnreadable, notUTF8(path, int64(at)))
		}
		at += size
	}
}

func notUTF8(path string, at int64) error {
	return dataset.Mark(fmt.Errorf("%s is not text in UTF-8 at byte %d: convert it, or read it as bytes", path, at), dataset.ErrTokens)
}

// sizeOf opens the files, so that the set remembers them, and returns their bytes
// together.
func sizeOf(b *dataset.Builder, paths []string) (int, error) {
	total := 0
	for _, path := range paths {
		f, info, err := b.Open(path)
		if err != nil {
			return 0, err
		}
		f.Close()
		if !info.Mode().IsRegular() {
			return 0, fmt.Errorf("%w: %s is not a file, and text is read twice", dataset.ErrUnreadable, path)
		}
		total += int(info.Size())
	}
	if total == 0 {
		return 0, fmt.Errorf("%w: %s is empty", dataset.ErrUnreadable, strings.Join(paths, ", "))
	}
	return total, nil
}

// concatenation reads files end to end.
type concatenation struct {
	paths []string
	f     *os.File
}

func (c *concatenation) Read(p []byte) (int, error) {
	for {
		if c.f == nil {
			if len(c.paths) == 0 {
				return 0, io.EOF
			}
			var err error
			if c.f, err = os.Open(c.paths[0]); err != nil {
				return 0, err
			}
			c.paths = c.paths[1:]
		}
		n, err := c.f.Read(p)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		c.Close()
		if n > 0 {
			return n, nil
		}
	}
}

// Close closes the file that is being read.
func (c *concatenation) Close() {
	if c.f != nil {
		c.f.Close()
		c.f = nil
	}
}
