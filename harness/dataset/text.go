package dataset

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"epochtime/harness/graph"
)

// TextOptions say how plain text becomes tokens.
type TextOptions struct {
	Tokens string // "words", "chars" or "bytes"; empty: by the graph's categories
	Window int    // tokens an example; 0: the graph's length
}

// The columns of plain text.
const (
	textColumn = "text"
	nextColumn = "next"
)

// readText reads plain text files end to end as windows of tokens, which follow
// one another without overlap. A target of the same shape is each window moved on
// by one token, a target of one number the token that follows the window.
func readText(paths []string, q Request) (*Set, error) {
	r := newReader(paths, unpackBytes)
	if err := r.text(paths, q); err != nil {
		_ = r.set.Close() // the set is of no use
		return nil, err
	}
	return r.set, nil
}

func (r *reader) text(paths []string, q Request) error {
	x, y, err := textTensors(q)
	if err != nil {
		return err
	}
	if x.DType == graph.String {
		return r.lines(paths, x)
	}
	length, err := window(x, q.Text)
	if err != nil {
		return err
	}
	if y != nil && y.Categories > 0 && x.Categories > 0 && y.Categories != x.Categories {
		return fmt.Errorf("%w: %s knows %d tokens and %s %d labels: labels of texts come from a .csv file, or from a folder of class folders",
			ErrUnfit, x.Name, x.Categories, y.Name, y.Categories)
	}
	tokens, err := r.tokens(paths, x, q.Text)
	if err != nil {
		return err
	}
	return r.windows(tokens, x, y, length)
}

// textTensors are what text feeds: the tokens, and the target if there is one.
func textTensors(q Request) (x graph.Tensor, y *graph.Tensor, err error) {
	feeds, err := roles(q, []string{textColumn, nextColumn}, func(t graph.Tensor) string {
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
	case len(q.Tensors) > 2, y != nil && len(q.Tensors) == 1:
		err = unclear(q, []string{textColumn, nextColumn}, fmt.Sprintf("the graph takes %d columns", len(q.Tensors)))
	case x.DType == graph.String && y != nil:
		err = fmt.Errorf("%w: a line of plain text gives %s, and nothing gives %s: name both in a .csv or .tsv file, or put the texts into class folders",
			ErrUnfit, x.Name, y.Name)
	}
	return x, y, err
}

// window is how many tokens an example has.
func window(x graph.Tensor, o TextOptions) (int, error) {
	switch {
	case o.Window < 0:
		return 0, fmt.Errorf("%w: a window of %d tokens", ErrUnfit, o.Window)
	case o.Window > 0:
		return o.Window, nil
	case len(x.Shape) == 2 && x.Shape[1] != nil:
		return int(*x.Shape[1]), nil
	}
	return 0, fmt.Errorf("%w: the graph takes sequences of any length as %s: say how many tokens an example has, as in --window 64", ErrUnfit, x.Name)
}

// windows cuts tokens into examples: x and, of the same bytes, the target.
func (r *reader) windows(tokens *Column, x graph.Tensor, y *graph.Tensor, length int) error {
	have := tokens.examples
	if y != nil {
		have-- // the last one is only what follows
	}
	n := have / length
	if n < 1 {
		return fmt.Errorf("%w: %s holds %d tokens, too few for one window of %d", ErrUnfit, r.set.source, tokens.examples, length)
	}
	size := tokens.dtype.Size()
	cut := func(first int) *Column {
		c := *tokens
		c.shape, c.data = []int{length}, tokens.data[first*size:][:n*length*size]
		return with(c, n)
	}
	if err := r.set.addArray(x.Name, cut(0)); err != nil || y == nil {
		return err
	}
	next := cut(1)
	if len(y.Shape) == 1 || y.Shape[1] != nil && *y.Shape[1] == 1 && length > 1 {
		var err error
		if next, err = r.following(tokens, n, length); err != nil {
			return err
		}
	}
	return r.set.addArray(y.Name, next)
}

// following is the one token after each window.
func (r *reader) following(tokens *Column, n, length int) (*Column, error) {
	size := tokens.dtype.Size()
	out := &Column{dtype: tokens.dtype, data: graph.Allocate(n * size), examples: n}
	err := r.set.Guard(func() {
		for i := range n {
			at := (i + 1) * length
			copy(out.data[i*size:], tokens.Rows(at, at+1))
		}
	})
	return out, err
}

// lines makes each line that is not blank an example of one string.
func (r *reader) lines(paths []string, x graph.Tensor) error {
	a := &Column{dtype: graph.String, bounds: []int{0}}
	for _, path := range paths {
		f, _, err := r.file(path)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		if err := checkUTF8(path, text); err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
				a.data = append(a.data, line...)
				a.bounds = append(a.bounds, len(a.data))
			}
		}
	}
	a.examples = len(a.bounds) - 1
	return r.set.addArray(x.Name, a)
}

// regular opens the files, so that the set remembers them, and returns their
// bytes together.
func (r *reader) regular(paths []string) (int, error) {
	total := 0
	for _, path := range paths {
		f, opened, err := r.file(path)
		if err != nil {
			return 0, err
		}
		f.Close()
		if !opened.info.Mode().IsRegular() {
			return 0, fmt.Errorf("%w: %s is not a file, and text is read twice", ErrUnreadable, path)
		}
		total += int(opened.info.Size())
	}
	if total == 0 {
		return 0, fmt.Errorf("%w: %s is empty", ErrUnreadable, strings.Join(paths, ", "))
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
