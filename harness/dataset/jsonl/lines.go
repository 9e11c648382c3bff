package jsonl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"github.com/go-json-experiment/json/jsontext"

	"epochtime/harness/dataset"
)

// lines are some whole lines of a file.
type lines struct {
	path  string
	data  []byte
	first int     // the number of the first
	ahead float64 // as dataset.Part.Ahead
}

// start looks at the first lines of a file: it skips the mark of UTF-8, and refuses
// what is no JSON Lines but another form of JSON, or in another encoding. whole says
// that these are all lines.
func (l *lines) start(whole bool) error {
	l.data = bytes.TrimPrefix(l.data, mark)
	if bytes.HasPrefix(l.data, []byte("\xff\xfe")) || bytes.HasPrefix(l.data, []byte("\xfe\xff")) {
		return fmt.Errorf("%w: %s is UTF-16: write it as UTF-8", dataset.ErrUnreadable, l.path)
	}
	first, rest, _ := bytes.Cut(bytes.TrimLeft(l.data, blanks), []byte{'\n'})
	alone := whole && len(bytes.Trim(rest, blanks)) == 0
	switch {
	case bytes.HasPrefix(first, []byte{'['}) && !alone && valid(first) == nil:
		return fmt.Errorf("%w: %s has a list in each line, and an object is read here: %s", dataset.ErrUnreadable, l.path, l.convert(", lines=True"))
	case bytes.HasPrefix(first, []byte{'['}):
		return fmt.Errorf("%w: %s is one list, and here an object is read of each line: %s", dataset.ErrUnreadable, l.path, l.convert(""))
	case len(first) > 0 && alone && valid(first) == nil && dataset.HasEnding(l.path, plain):
		return fmt.Errorf("%w: %s is one object, and here one is read of each line: %s", dataset.ErrUnreadable, l.path, l.convert(""))
	}
	return nil
}

// convert is the advice to convert a file of another form of JSON.
func (l *lines) convert(options string) string {
	to := filepath.Base(l.path)
	for _, ending := range named {
		to = strings.TrimSuffix(to, ending)
	}
	code := `import sys, pandas; pandas.read_json(sys.argv[1]` + options + `).to_json(sys.argv[2], orient="records", lines=True)`
	return "convert it with: " + shellescape.QuoteCommand([]string{"python", "-c", code, l.path, to + "-lines.jsonl"})
}

var errDone = errors.New("nothing more is to be known")

// each calls do with every line that is not blank, once it is known to be an object,
// without the blanks around it. It ends with errDone.
func (l *lines) each(do func(number int, object []byte) error) error {
	for data, number := l.data, l.first; len(data) > 0; number++ {
		line, rest, _ := bytes.Cut(data, []byte{'\n'})
		data = rest
		if line = bytes.Trim(line, blanks); len(line) == 0 {
			continue
		}
		if err := valid(line); err != nil {
			return l.damaged(number, err)
		}
		if line[0] != '{' {
			return fmt.Errorf("%w: %s line %d holds %s: each line has to be an object", dataset.ErrUnreadable, l.path, number, shown(line))
		}
		if err := do(number, line); errors.Is(err, errDone) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%w: %s line %d %w", dataset.ErrUnreadable, l.path, number, err)
		}
	}
	return nil
}

// damaged is the error of a line that is not JSON.
func (l *lines) damaged(number int, err error) error {
	place, advice := fmt.Sprintf("%s line %d", l.path, number), "write each line as json.dumps does"
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		place = fmt.Sprintf("%s, byte %d", place, syntax.ByteOffset+1)
		err = syntax.Err
	}
	switch within := errors.Is(err, io.ErrUnexpectedEOF); {
	case within && number == 1:
		advice = "if the file is one value over several lines, " + l.convert("")
		fallthrough
	case within:
		err = errors.New("it ends within a value")
	case strings.Contains(err.Error(), "UTF-8"): // no value of the library tells
		advice = "save the file as UTF-8"
	}
	return fmt.Errorf("%w: %s is no JSON: %w: %s", dataset.ErrUnreadable, place, err, advice)
}

// asRead are the rules by which lines are read. Names are compared here.
var asRead = jsontext.AllowDuplicateNames(true)

// valid returns an error unless a line is one JSON value. NaN and Infinity, as Python
// writes them, are numbers.
func valid(line []byte) error {
	if jsontext.Value(line).IsValid(asRead) {
		return nil
	}
	line = masked(line)
	d := jsontext.NewDecoder(bytes.NewReader(line), asRead)
	_, err := d.ReadValue()
	if err == nil {
		_, err = d.ReadToken()
	}
	switch {
	case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	case err == nil:
		return fmt.Errorf("another value follows the first")
	}
	return err
}

// words are numbers that JSON does not have, and numbers of the same length.
var words = []struct{ word, number string }{{"NaN", "0.0"}, {"Infinity", "0.000000"}}

// masked returns a copy of a line that has numbers in place of words.
func masked(line []byte) []byte {
	out := bytes.Clone(line)
	for i := 0; i < len(out); i++ {
		if out[i] == '"' {
			i = max(i, stringEnd(out, i)-1)
			continue
		}
		for _, w := range words {
			end := i + len(w.word)
			if bytes.HasPrefix(out[i:], []byte(w.word)) && parts(out[max(0, i-1)]) && (end == len(out) || parts(out[end])) {
				copy(out[i:], w.number)
			}
		}
	}
	return out
}

// parts reports whether a byte can stand before or after a number.
func parts(c byte) bool { return strings.IndexByte(blanks+"-:,[]}", c) >= 0 }

// shown is the start of a value, for messages.
func shown(value []byte) string {
	const most = 40
	if len(value) > most {
		return strings.ToValidUTF8(string(value[:most]), "") + "…"
	}
	return string(value)
}
