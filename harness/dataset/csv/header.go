package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/dataset"
)

// header reads the names of the columns: from the first line or, where that is data,
// their numbers.
func (f *file) header(what string) error {
	if err := checkHeader(what); err != nil {
		return err
	}
	if err := f.fill(dataset.ChunkBytes); err != nil {
		return err
	}
	f.comma = delimiter(f.rest, f.comma)
	end, err := f.whole()
	if errors.Is(err, io.EOF) {
		return f.empty()
	}
	if err != nil {
		return err
	}
	s := scanner{data: f.rest[:end], comma: f.comma}
	if !s.more() {
		return f.empty()
	}
	line, begin := f.line+lines(s.data[:s.at]), s.at
	names, err := s.record()
	if err == nil {
		err = checkText(s.data[begin:s.at])
	}
	if err != nil {
		return f.wrong(line, err)
	}
	after := s.at
	if s.data[after-1] == '\r' && after < end && s.data[after] == '\n' {
		after++
	}
	if s.more() {
		f.first, _ = s.record() // what is wrong with it, decoding says
	}
	if what == dataset.HeaderNone {
		f.first = names
		f.names = make([]string, len(names))
		for i := range names {
			f.names[i] = strconv.Itoa(i)
		}
		return nil
	}
	if what == "" && inDoubt(names, f.first) {
		return dataset.Errorf(dataset.ErrUnreadable, []error{dataset.ErrHeader}, "%s line %d, %s, may be data or the names of columns: say which",
			f.path, line, shown(s.data[begin:after]))
	}
	f.line += lines(f.rest[:after])
	f.rest = f.rest[after:]
	return f.name(names, line)
}

// checkHeader returns ErrHeader for what is none of dataset.Headers.
func checkHeader(what string) error {
	if what == "" || slices.Contains(dataset.Headers(), what) {
		return nil
	}
	return dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrHeader}, "the first line of a table cannot be %q: it is one of %s",
		what, strings.Join(dataset.Headers(), ", "))
}

func (f *file) empty() error { return fmt.Errorf("%w: %s is empty", dataset.ErrUnreadable, f.path) }

// unnamed begins what pandas calls a column without a name.
const unnamed = "Unnamed: "

// name keeps the names of the columns, as pandas calls those without one.
func (f *file) name(names []string, line int) error {
	seen := make(map[string]int, len(names))
	for f.index < len(names)-1 && names[f.index] == "" {
		f.index++
	}
	given := make(map[string]bool)
	for _, name := range names {
		if strings.HasPrefix(name, unnamed) {
			given[name] = true
		}
	}
	for i, name := range names {
		if name == "" {
			name = unnamed + strconv.Itoa(i)
			for n := 1; given[name]; n++ { // of a file that was read and written again
				name = fmt.Sprintf("%s%d.%d", unnamed, i, n)
			}
		}
		if other, twice := seen[name]; twice {
			return f.wrong(line, fmt.Errorf("columns %d and %d are both called %q: give each a name of its own", other+1, i+1, name))
		}
		seen[name] = i
		f.names = append(f.names, name)
	}
	return nil
}

// numbersRows reports whether column i is an index that pandas wrote: it had no name
// then, or has the one that pandas read it by.
func (f *file) numbersRows(i int) bool {
	rest, is := strings.CutPrefix(f.names[i], unnamed+"0")
	return i < f.index || is && (rest == "" || rest[0] == '.')
}

// delimiter returns what stands between the fields of the first line: usual, or a
// comma, or whatever else of the common ones is there.
func delimiter(data []byte, usual byte) byte {
	s := scanner{data: data}
	s.more()
	var there []byte
	within := false
	for _, c := range data[s.at:] {
		if isLineEnd(c) && !within {
			break
		}
		if c == '"' {
			within = !within
		}
		if !within {
			there = append(there, c)
		}
	}
	for _, c := range []byte{usual, ',', '\t', ';', '|'} {
		if bytes.IndexByte(there, c) >= 0 {
			return c
		}
	}
	return usual
}

// record returns the fields of the record that begins here, without blanks around
// them.
func (s *scanner) record() ([]string, error) {
	var out []string
	for {
		text, last, err := s.field()
		if err != nil {
			return nil, err
		}
		out = append(out, strings.Trim(string(text), " \t"))
		if last {
			return out, nil
		}
	}
}

// inDoubt reports whether the first line of a file may be data: all names are
// numbers, or some are and each name is like the value below it.
func inDoubt(names, below []string) bool {
	var numbers []string
	texts, unlike := 0, false
	for i, name := range names {
		number := isNumber(name)
		switch {
		case number:
			numbers = append(numbers, name)
		case name != "":
			texts++
		}
		if i < len(below) && name != "" && !dataset.IsMissing([]byte(below[i])) {
			unlike = unlike || isNumber(below[i]) != number
		}
	}
	switch {
	case len(numbers) == 0:
		return false
	case texts == 0 && names[0] != "":
		return true
	}
	return !unlike && !areNames(numbers)
}

// isNumber reports whether a text is a number in digits.
func isNumber(text string) bool {
	_, _, err := dataset.ParseNumber([]byte(text))
	return err == nil && strings.ContainsAny(text, "0123456789")
}

// areNames reports whether numbers are what columns are called: years, or a count.
func areNames(numbers []string) bool {
	first, err := strconv.Atoi(numbers[0])
	if err != nil {
		return false
	}
	counts := first == 0 || first == 1 && len(numbers) > 1
	for i, text := range numbers {
		counts = counts && text == strconv.Itoa(first+i)
	}
	return counts || !slices.ContainsFunc(numbers, func(text string) bool {
		return len(text) != 4 || strings.Trim(text, "0123456789") != "" || text[0] == '0'
	})
}

// shown is a line for a message.
func shown(line []byte) string {
	const most = 60
	text := string(bytes.TrimRight(line, "\r\n"))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strconv.Quote(text)
}
