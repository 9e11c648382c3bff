package dataset

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/graph"
)

// Request says which data to read, and for which tensors of a graph.
type Request struct {
	Sources   []string          // files, globs, one folder, or NAME=FILE each
	Tensors   []graph.Tensor    // what the data holds: Manifest.DataTensors
	Columns   map[string]string // from a tensor's name to its column or array; several columns are A,B,C
	Take      int               // number of examples to draw at random; 0: all, in order
	Samples   int               // number of first examples to keep; 0: all
	Seed      uint64            // of Take
	Header    string            // one of Headers: whether tables of text name their columns; empty: they do, unless it is in doubt
	Text      TextOptions
	ImageSize graph.ImageSize // to which images are resized; zero: the graph's
	Room      int             // bytes to decode into memory before a scratch file takes over; 0: 256 MiB
}

// TextOptions say how plain text becomes tokens.
type TextOptions struct {
	Tokens string // one of TokenKinds; empty: what suits the graph's categories
	Window int    // tokens in an example; 0: the graph's length
}

// The kinds of token.
const (
	Words = "words"
	Chars = "chars"
	Bytes = "bytes"
)

// TokenKinds lists the kinds of token that text can be cut into.
func TokenKinds() []string { return []string{Words, Chars, Bytes} }

// What the first line of a table of text is.
const (
	HeaderFirst = "first" // it names the columns
	HeaderNone  = "none"  // it is data: the columns are called 0, 1, 2, …
)

// Headers lists what the first line of a table can be.
func Headers() []string { return []string{HeaderFirst, HeaderNone} }

// Choice is what a person chooses of the data of a graph. The zero Choice is the
// graph's own data, as it is.
type Choice struct {
	Sources    []string          // as Request.Sources; none: the graph's data file or synthetic data
	Inputs     map[string]string // from an input or target to its column
	Take       int
	Samples    int // of synthetic data to make, or of the first examples of files to keep
	Seed       uint64
	Header     string
	Tokens     string
	Window     int
	ImageSize  string   // as graph.ParseImageSize reads it
	Preprocess []string // as graph.ParsePreprocess reads them
	Room       int
}

// Request adds the preprocessing of c to m and returns what to read for m. Its
// Sources are empty if the data is synthetic. Errors are ErrUnfit, with
// ErrPreprocess, ErrColumn or ErrImageSize.
func (c Choice) Request(m *graph.Manifest) (Request, error) {
	if m == nil {
		return Request{}, Errorf(ErrUnfit, nil, "there is no graph")
	}
	if err := c.preprocess(m); err != nil {
		return Request{}, err
	}
	q := Request{
		Sources: c.Sources, Tensors: m.DataTensors(), Columns: make(map[string]string), Take: c.Take, Samples: c.Samples, Seed: c.Seed,
		Header: c.Header, Text: TextOptions{c.Tokens, c.Window}, Room: c.Room,
	}
	if len(q.Sources) == 0 && m.Data.Kind == "file" {
		q.Sources = []string{m.DataPath()}
	}
	var known []string
	for name, column := range m.ArrayNames() {
		known = append(known, name)
		if column != name { // else the reader may look for others
			q.Columns[name] = column
		}
	}
	for name, column := range c.Inputs {
		if !slices.Contains(known, name) {
			slices.Sort(known)
			return q, Errorf(ErrUnfit, []error{ErrColumn}, "column %s is to feed %s: %s takes %s from its data, and no %s",
				column, name, m.Name, strings.Join(known, ", "), name)
		}
		q.Columns[name] = column
	}
	var err error
	if q.ImageSize, err = graph.ParseImageSize(c.ImageSize); err != nil {
		return q, Errorf(ErrUnfit, []error{ErrImageSize}, "%w", err)
	}
	return q, nil
}

func (c Choice) preprocess(m *graph.Manifest) error {
	var steps []graph.Preprocess
	for _, text := range c.Preprocess {
		p, err := graph.ParsePreprocess(text)
		if err != nil {
			return Errorf(ErrUnfit, []error{ErrPreprocess}, "preprocessing: %w", err)
		}
		steps = append(steps, p)
	}
	if err := m.Add(steps); err != nil {
		return Errorf(ErrUnfit, []error{ErrPreprocess}, "preprocessing of %s: %w", m.Name, err)
	}
	return nil
}

// arrayEndings are how names of files of one array end.
var arrayEndings = Packed(".npy", ".idx", "-ubyte")

// ArrayEndings lists how the names of files of one array end, in lower case: .npy
// and, as in train-images-idx3-ubyte.gz, idx.
func ArrayEndings() []string { return slices.Clone(arrayEndings) }

// SplitSource splits NAME=FILE. Named is false for a path that has a "=" in it:
// one that exists, or whose part after it is neither a file nor called like an array.
func SplitSource(source string) (name, path string, named bool) {
	name, path, named = strings.Cut(source, "=")
	if !named || strings.ContainsAny(name, `/\`) || exists(source) || !exists(path) && !HasEnding(path, arrayEndings) {
		return "", source, false
	}
	return name, path, true
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// HasEnding reports whether a path ends in one of the endings, in any case.
func HasEnding(path string, endings []string) bool {
	name := strings.ToLower(filepath.Base(path))
	return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(name, e) })
}
