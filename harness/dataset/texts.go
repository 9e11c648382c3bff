package dataset

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"epochtime/harness/graph"
)

// textEndings are the kinds of file that are plain text.
var textEndings = []string{".txt"}

// holdsTexts tells whether a folder's class folders hold plain text.
func holdsTexts(dir string) bool {
	classes, _ := os.ReadDir(dir) // whoever reads it says what is wrong
	for _, c := range classes {
		files, _ := os.ReadDir(filepath.Join(dir, c.Name()))
		if slices.ContainsFunc(files, func(f os.DirEntry) bool { return hasEnding(textEndings)(f.Name()) }) {
			return true
		}
	}
	return false
}

// texts reads a folder that holds a folder of text files for each class: a file
// is an example, as one string or as numbers of tokens, cut or padded with 0 to
// the graph's length.
func (r *reader) texts(dir string, q Request) error {
	feeds, err := roles(q, []string{textColumn, labelColumn}, func(t graph.Tensor) string {
		switch {
		case t.DType == graph.String, len(t.Shape) == 2 && !t.DType.IsFloat() && (t.Shape[1] == nil || *t.Shape[1] > 1):
			return textColumn
		case isLabel(t):
			return labelColumn
		}
		return ""
	})
	if err != nil {
		return err
	}
	classes, err := r.classes(dir, hasEnding(textEndings), ".txt")
	if err != nil {
		return err
	}
	for _, t := range q.Tensors {
		a, err := r.textOrLabel(t, feeds[t.Name], q.Text, dir, classes)
		if err != nil {
			return err
		}
		if err := r.set.addArray(t.Name, a); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) textOrLabel(t graph.Tensor, role string, o TextOptions, dir string, classes []class) (*Column, error) {
	if role == labelColumn {
		return labels(t, dir, classes)
	}
	var files []string
	for _, c := range classes {
		files = append(files, c.files...)
	}
	if t.DType == graph.String {
		return wholeTexts(files)
	}
	return tokenised(files, t, o)
}

// wholeTexts makes each file a string.
func wholeTexts(files []string) (*Column, error) {
	a := &Column{dtype: graph.String, bounds: []int{0}, examples: len(files)}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		if err := checkUTF8(path, text); err != nil {
			return nil, err
		}
		a.data = append(a.data, text...)
		a.bounds = append(a.bounds, len(a.data))
	}
	return a, nil
}

// tokenised makes each file the numbers of its tokens: so many as the graph or
// the window says, otherwise all of them, at least one.
func tokenised(files []string, t graph.Tensor, o TextOptions) (*Column, error) {
	kind, err := tokenKind(t, o)
	if err != nil {
		return nil, err
	}
	words, err := vocabularyOf(files, kind, int(t.Categories))
	if err != nil {
		return nil, err
	}
	length := 0
	if o.Window > 0 || t.Shape[1] != nil {
		if length, err = window(t, o); err != nil {
			return nil, err
		}
	}
	numbers, offsets := []int32{}, []int{0}
	for _, path := range files {
		if numbers, err = appendTokens(numbers, path, kind, words); err != nil {
			return nil, err
		}
		first := offsets[len(offsets)-1]
		wanted := max(length, 1)
		if length == 0 {
			wanted = max(len(numbers)-first, 1)
		}
		numbers = append(numbers, make([]int32, max(0, first+wanted-len(numbers)))...)[:first+wanted]
		offsets = append(offsets, len(numbers))
	}
	column := Column{name: t.Name, dtype: graph.Int32, shape: []int{length}, data: graph.Bytes(numbers)}
	if length == 0 {
		column.shape, column.offsets = nil, offsets
	}
	return with(column, len(files)), nil
}

// vocabularyOf numbers the tokens of files; bytes number themselves.
func vocabularyOf(files []string, kind string, categories int) (map[string]int32, error) {
	if kind == byBytes {
		return nil, nil
	}
	counts := make(map[string]*int)
	if _, err := count(newSplitter(slices.Clone(files), kind), counts); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return vocabulary(counts, categories-firstWord), nil
}

// appendTokens appends the numbers of a file's tokens.
func appendTokens(to []int32, path, kind string, words map[string]int32) ([]int32, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return to, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if kind == byBytes {
		for _, b := range text {
			to = append(to, int32(b))
		}
		return to, nil
	}
	s := splitText(path, text, kind)
	for {
		token, err := s.next()
		switch {
		case err == io.EOF:
			return to, nil
		case err != nil:
			return to, fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		to = append(to, number(words, token))
	}
}
