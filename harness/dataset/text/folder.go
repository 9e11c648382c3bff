package text

import (
	"errors"
	"fmt"
	"io"
	"os"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/folder"
	"epochtime/harness/graph"
)

// Folders reads a folder that holds a folder of text files for each class: a file is
// an example, as one string or as tokens, cut or padded with 0 to the graph's length.
var Folders = folder.Kind{
	Called:  "text in class folders",
	Files:   "texts",
	Example: graph.Tensor{Name: textColumn, DType: graph.String, Shape: make([]*int64, 1)},
	Ends:    endings,
	Holder:  takesTexts,
	Column:  columnOf,
}

// columnOf makes each file an example.
func columnOf(b *dataset.Builder, t graph.Tensor, q dataset.Request, files []string) (dataset.Column, error) {
	if t.DType == graph.String {
		return whole(b, t, files)
	}
	return tokenised(b, t, files, q.Text)
}

// takesTexts reports whether a tensor can hold texts, as strings or tokens.
func takesTexts(t graph.Tensor) bool {
	return t.DType == graph.String || len(t.Shape) == 2 && !t.DType.IsFloat() && (t.Shape[1] == nil || *t.Shape[1] > 1)
}

// readFile reads a file whole, unless the builder's context is done.
func readFile(b *dataset.Builder, path string) ([]byte, error) {
	if err := b.Context().Err(); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", dataset.ErrUnreadable, err)
	}
	return text, nil
}

// whole makes each file a string.
func whole(b *dataset.Builder, t graph.Tensor, files []string) (dataset.Column, error) {
	return collect(b, t, func(c *collector) error {
		for _, path := range files {
			text, err := readFile(b, path)
			if err != nil {
				return err
			}
			if err := checkUTF8(path, text); err != nil {
				return err
			}
			if err := c.text(string(text)); err != nil {
				return err
			}
		}
		return nil
	})
}

// tokenised makes each file its tokens: as many as the graph or the window says,
// otherwise all of them, at least one.
func tokenised(b *dataset.Builder, t graph.Tensor, files []string, o dataset.TextOptions) (dataset.Column, error) {
	kind, err := tokenKind(t, o)
	if err != nil {
		return dataset.Column{}, err
	}
	words, err := vocabularyOf(b, files, kind, int(t.Categories))
	if err != nil {
		return dataset.Column{}, err
	}
	length := 0
	if o.Window != 0 || len(t.Shape) == 2 && t.Shape[1] != nil {
		if length, err = window(t, o); err != nil {
			return dataset.Column{}, err
		}
	}
	sink := dataset.NewSink(graph.Tensor{Name: t.Name, DType: graph.Int32, Shape: make([]*int64, 2)})
	return b.Column(sink, func(add func(*dataset.Part) error) error {
		p := &dataset.Part{}
		for i, path := range files {
			if err := appendFile(b, p, path, kind, words, length); err != nil {
				return err
			}
			if len(p.Data) < dataset.ChunkBytes && i < len(files)-1 {
				continue
			}
			if err := add(p); err != nil {
				return err
			}
			p = &dataset.Part{}
		}
		return nil
	})
}

// appendFile adds the tokens of a file to a part: length of them unless it is 0.
func appendFile(b *dataset.Builder, p *dataset.Part, path, kind string, words map[string]int32, length int) error {
	text, err := readFile(b, path)
	if err != nil {
		return err
	}
	numbers, err := numbersOf(path, text, kind, words)
	if err != nil {
		return err
	}
	wanted := length
	if length == 0 {
		wanted = max(1, len(numbers))
	}
	copy(graph.View[int32](p.Room(4*wanted)), numbers)
	p.Examples++
	p.Lengths = append(p.Lengths, wanted)
	return nil
}

// vocabularyOf numbers the tokens of files; bytes number themselves.
func vocabularyOf(b *dataset.Builder, files []string, kind string, categories int) (map[string]int32, error) {
	if kind == dataset.Bytes {
		return nil, nil
	}
	counts := make(map[string]*int)
	if _, err := count(newSplitter(b, files, kind), counts); err != nil {
		return nil, fmt.Errorf("%w: %w", dataset.ErrUnreadable, err)
	}
	return vocabulary(counts, categories-firstWord), nil
}

// numbersOf returns the numbers of a text's tokens.
func numbersOf(path string, text []byte, kind string, words map[string]int32) ([]int32, error) {
	var out []int32
	if kind == dataset.Bytes {
		for _, b := range text {
			out = append(out, int32(b))
		}
		return out, nil
	}
	s := splitText(path, text, kind)
	for {
		token, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("%w: %w", dataset.ErrUnreadable, err)
		}
		out = append(out, number(words, token))
	}
}
