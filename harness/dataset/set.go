// Package dataset holds examples for training: a Set keeps them column by column,
// in memory or mapped from files.
//
// For programs that train: New makes a Set of columns, which Of, Raw, Texts and
// Images make from Go values, and Ragged, Windows and First from other columns.
// Synthetic makes a Set from the graph's recipe and a seed. NewStream makes a Stream
// of the batches that a PassFunc yields, which are not held. Set.Fit checks data
// against a graph. Choice and Request, with TextOptions, TokenKinds and Headers, say
// which data package files reads. The variables Err… classify errors.
//
// For data formats, which are in packages below this one:
//
//   - Format is what a format implements, and Tables implements it for files of
//     rows, by a Table with its Field and Chunk.
//   - Builder makes the Set that is read, or surveys all columns that files hold: it
//     holds a Body, in order, and joins columns. Sink and Part take the values of one
//     column; FloatSetter, IntSetter and TextSetter convert one value, DecimalSetter
//     several; ChunkBytes is how much is read at once.
//   - Cutter cuts a file into runs of whole records, which a CutFunc finds, to decode
//     side by side, and Recycle takes them back; NewPart makes a part whose memory is
//     used again.
//   - Roles, Unclear and LabelName find the column of each tensor, and Offer is an
//     error that names columns.
//   - SplitSource, ArrayEndings, HasEnding, Packed and Unpacked know the names of
//     files; CheckFile refuses pipes; Decompress and Compression find what a file is
//     compressed by, and HeadBytes is how much of it tells its format.
//   - ParseNumber reads numbers that are written out, ScanDecimal most of them, fast,
//     as a Decimal; IsMissing tells what stands for none.
//   - Errorf, Mark and ReadError make errors of the right class, and FillIn is the
//     advice in some.
package dataset

import (
	"errors"
	"fmt"
	"slices"
)

// Errors that classify what is wrong with data. Test with errors.Is. An error
// that wraps one of the finer ones wraps ErrUnfit or ErrUnreadable as well.
var (
	// ErrUnreadable: a file is missing, damaged, or of a format that is not read.
	ErrUnreadable = errors.New("cannot read the data")
	// ErrUnfit: the data does not fit the graph or the settings.
	ErrUnfit = errors.New("the data does not fit")

	// ErrColumn: it is not clear which column feeds an input or target.
	ErrColumn = kind("no column")
	// ErrArray: an array is missing that an input or target takes its data from.
	ErrArray = kind("no array")
	// ErrTake: fewer examples exist than are to be drawn.
	ErrTake = kind("too few examples to draw from")
	// ErrSamples: there are fewer examples than were asked for, or too many to hold.
	ErrSamples = kind("the number of examples")
	// ErrSynthetic: the graph has no recipe that makes such data.
	ErrSynthetic = kind("no synthetic data")
	// ErrClasses: there are more classes than the graph knows.
	ErrClasses = kind("too many classes")
	// ErrImageSize: the size of images is missing, malformed or not the graph's.
	ErrImageSize = kind("the size of images")
	// ErrTokens: the kind of token is unknown or does not suit the text.
	ErrTokens = kind("the kind of token")
	// ErrWindow: the number of tokens in an example is missing or wrong.
	ErrWindow = kind("the window of tokens")
	// ErrHeader: it is not clear whether the first line of a table names its columns.
	ErrHeader = kind("the first line")
	// ErrPreprocess: preprocessing is malformed or does not fit the graph.
	ErrPreprocess = kind("preprocessing")
)

// kind is an error that classifies others and adds nothing to their text.
type kind string

func (k kind) Error() string { return string(k) }

// Errorf formats an error of class ErrUnfit or ErrUnreadable, as fmt.Errorf does
// with "class: format". The error also is each of the kinds, without naming them.
func Errorf(class error, kinds []error, format string, args ...any) error {
	if class == nil {
		class = ErrUnfit
	}
	return Mark(fmt.Errorf("%w: "+format, append([]any{class}, args...)...), kinds...)
}

// noExamples is the error of a source with nothing to train on.
func noExamples(source string) error {
	return fmt.Errorf("%w: %s holds no examples: give one that has some", ErrUnfit, source)
}

// Mark returns err, which then also is each of the kinds. Its text stays.
func Mark(err error, kinds ...error) error {
	if err == nil || len(kinds) == 0 {
		return err
	}
	return &marked{err, kinds}
}

// Offer is an error of columns that were not found, and names others that would do.
type Offer struct {
	Err     error
	Columns map[string]string // as Request.Columns, one for each input and target
}

// Error implements error.
func (o *Offer) Error() string {
	if o == nil || o.Err == nil {
		return ErrColumn.Error()
	}
	return o.Err.Error()
}

// Unwrap returns Err.
func (o *Offer) Unwrap() error {
	if o == nil {
		return nil
	}
	return o.Err
}

type marked struct {
	error
	kinds []error
}

func (m *marked) Unwrap() []error { return append([]error{m.error}, m.kinds...) }

// Set is a number of examples, held column by column. A nil Set holds none.
type Set struct {
	source   string
	examples int
	columns  []*Column
	named    map[string]*Column // columns that append added, by name

	files    []*file // that were read
	listed   int64   // bytes of files that are not remembered one by one
	warnings []string
	mappings []*mapping // that columns are in
}

// Source names where the examples come from, for messages: a file, or
// "synthetic".
func (s *Set) Source() string {
	if s == nil {
		return ""
	}
	return s.source
}

// Examples returns the number of examples.
func (s *Set) Examples() int {
	if s == nil {
		return 0
	}
	return s.examples
}

// Columns returns the columns in their order.
func (s *Set) Columns() []*Column {
	if s == nil {
		return nil
	}
	return slices.Clone(s.columns)
}

// Column returns the column of that name, or nil.
func (s *Set) Column(name string) *Column {
	if s == nil {
		return nil
	}
	if c := s.named[name]; c != nil {
		return c
	}
	if len(s.named) == len(s.columns) {
		return nil
	}
	for _, c := range s.columns {
		if c.name == name {
			return c
		}
	}
	return nil
}

// Warnings returns what may not be meant in the data, a sentence each.
func (s *Set) Warnings() []string {
	if s == nil {
		return nil
	}
	return slices.Clone(s.warnings)
}

// Take keeps the first n examples; n = 0 keeps all. It returns ErrSamples if the
// set holds fewer.
func (s *Set) Take(n int) error {
	switch {
	case n == 0 || n == s.Examples():
		return nil
	case n < 0 || n > s.Examples():
		return Errorf(ErrUnfit, []error{ErrSamples}, "%d examples were asked for, %s holds %d", n, s.Source(), s.Examples())
	}
	s.examples = n
	for _, c := range s.columns {
		c.keep(n)
	}
	return nil
}

// add appends a column. All columns hold the same number of examples.
func (s *Set) add(c Column) error {
	switch {
	case c.err != nil: // append says what is wrong
	case c.name == "":
		return fmt.Errorf("%w: %s has a column without a name", ErrUnfit, s.source)
	case s.Column(c.name) != nil:
		return fmt.Errorf("%w: %s has two columns called %q", ErrUnfit, s.source, c.name)
	case len(s.columns) > 0 && c.examples != s.examples:
		return fmt.Errorf("%w: %s holds %d examples of %s but %d of %s",
			ErrUnfit, s.source, c.examples, c.name, s.examples, s.columns[0].name)
	}
	return s.append(c)
}

// append appends a column as it is.
func (s *Set) append(c Column) error {
	if c.err != nil {
		return fmt.Errorf("%w: %s: column %q: %w", ErrUnfit, s.source, c.name, c.err)
	}
	s.examples = c.examples
	if s.named == nil {
		s.named = make(map[string]*Column)
	}
	if s.named[c.name] == nil {
		s.named[c.name] = &c
	}
	s.columns = append(s.columns, &c)
	return nil
}
