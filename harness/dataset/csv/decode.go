package csv

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"epochtime/harness/dataset"
)

// chunk is some whole records of a file.
type chunk struct {
	*file
	block block
}

// decoder makes parts of a chunk. What is wrong with the values of a column ends the
// decoding of that column alone.
type decoder struct {
	scanner
	*chunk
	parts []*dataset.Part
	begin int  // of the record
	row   int  // its number in the chunk
	utf8  bool // all of the chunk is known to be UTF-8

	numbers [batch]dataset.Decimal
	from    [batch + 1]int // where each of them begins
	texts   [][][]byte     // of a record, by sink, where they are not in order
	refused []error        // by sink
	some    bool           // some sink is refused
}

// batch is how many numbers are scanned before they are stored.
const batch = 64

// Decode implements dataset.Chunk.
func (c *chunk) Decode() ([]*dataset.Part, error) {
	d := &decoder{
		scanner: scanner{data: c.block.data, comma: c.comma, spans: c.block.quoted}, chunk: c,
		refused: make([]error, len(c.sinks)), texts: make([][][]byte, len(c.sinks)),
	}
	defer recycle(c.block.data)
	d.allocate()
	for d.more() {
		if err := d.record(); err != nil {
			return nil, err
		}
	}
	for k, s := range c.sinks {
		d.parts[k].Examples, d.parts[k].Refused, d.parts[k].Ahead = d.row, d.refused[k], c.block.ahead
		if s.numeric {
			d.parts[k].Data = d.parts[k].Data[:d.row*s.bytes()]
		}
	}
	return d.parts, nil
}

// allocate makes parts with room for as many examples as the chunk can hold.
func (d *decoder) allocate() {
	d.utf8 = slices.ContainsFunc(d.sinks, func(s *sink) bool { return !s.numeric }) && utf8.Valid(d.data)
	records := min(d.block.lines, len(d.data)/len(d.names)+1) // each field takes a byte at least
	for k, s := range d.sinks {
		d.parts = append(d.parts, s.part(records))
		if !s.numeric && !slices.IsSorted(s.at) {
			d.texts[k] = make([][]byte, len(s.at))
		}
	}
}

// record decodes the record that begins here.
func (d *decoder) record() error {
	d.begin = d.at
	for i := range d.runs {
		r := &d.runs[i]
		if r.numbers && !d.some {
			if err := d.decimals(r); err != nil {
				return err
			}
			continue
		}
		for k := range r.n {
			if err := d.other(r, k); err != nil {
				return err
			}
		}
	}
	for k, texts := range d.texts {
		for _, text := range texts {
			d.parts[k].AddText(text)
		}
	}
	d.row++
	return nil
}

// decimals decodes a run of numbers.
func (d *decoder) decimals(r *run) error {
	for k := 0; k < r.n; {
		n := d.scan(min(batch, r.n-k), r.first+k)
		d.store(r, k, n)
		if k += n; k < r.n && n < batch {
			if err := d.other(r, k); err != nil {
				return err
			}
			k++
		}
	}
	return nil
}

// scan reads up to most plain numbers, the first of them in that column, and returns
// how many there are.
func (d *decoder) scan(most, column int) int {
	data, at := d.data[:len(d.data)+slack], d.at
	last := len(d.names) - 1 - column
	n := 0
	for ; n < most; n++ {
		first := at
		for data[first] == ' ' {
			first++
		}
		v, length := dataset.ScanDecimal(data[first:])
		after := data[first+length]
		if length == 0 || after != d.comma && n != last || n == last && !isLineEnd(after) {
			break
		}
		d.numbers[n], d.from[n] = v, at
		at = first + length + 1
	}
	d.from[n] = at
	d.at = at
	return n
}

// store puts n numbers that were scanned where field k of a run and those after it
// go.
func (d *decoder) store(r *run, k, n int) {
	s := d.sinks[r.sink]
	data, i := d.parts[r.sink].Data, d.row*len(s.at)+r.at+k
	for done := 0; done < n; {
		done += s.decimals(data, i+done, d.numbers[done:n])
		if done < n { // one of its own kind
			from := d.from[done]
			d.put(r, k+done, from, d.data[from:d.from[done+1]-1])
			done++
		}
	}
}

// other decodes field k of a run, whatever it is.
func (d *decoder) other(r *run, k int) error {
	from, column := d.at, r.first+k
	text, last, err := d.field()
	if err != nil {
		return d.wrong(d.lineAt(from), err)
	}
	if last != (column == len(d.names)-1) {
		return d.count()
	}
	if r.sink < 0 {
		return nil
	}
	d.put(r, k, from, text)
	for _, t := range r.also {
		d.put(&t, k, from, text)
	}
	return nil
}

// put stores the text of field k of a run, which begins at from.
func (d *decoder) put(r *run, k, from int, text []byte) {
	s, p := d.sinks[r.sink], d.parts[r.sink]
	var err error
	switch {
	case d.refused[r.sink] != nil:
	case s.numeric:
		err = d.number(s, p.Data, d.row*len(s.at)+r.at+k, text)
	case !d.utf8 && !utf8.Valid(text):
		err = errNotUTF8
	case d.texts[r.sink] != nil:
		held := &d.texts[r.sink][r.at+k]
		*held = append((*held)[:0], text...)
	default:
		p.AddText(text)
	}
	if err == nil {
		return
	}
	kind := dataset.ErrUnfit
	if errors.Is(err, errNotUTF8) {
		kind = dataset.ErrUnreadable
	}
	d.some = true
	d.refused[r.sink] = fmt.Errorf("%w: %s line %d: column %s %w", kind, d.path, d.lineAt(from), d.names[r.first+k], err)
}

// number stores a number as element i.
func (d *decoder) number(s *sink, data []byte, i int, text []byte) error {
	text = bytes.Trim(text, " \t")
	var n int
	if d.numbers[0], n = dataset.ScanDecimal(text); n > 0 && n == len(text) && s.decimals(data, i, d.numbers[:1]) == 1 {
		return nil
	}
	return s.set(data, i, text)
}

// lineAt returns the line of the file that byte i of the chunk is in.
func (d *decoder) lineAt(i int) int { return d.block.line + lines(d.data[:i]) }

func fields(n int) string {
	if n == 1 {
		return "1 field"
	}
	return fmt.Sprintf("%d fields", n)
}

// count is the error of a record that has another number of fields than the first.
func (d *decoder) count() error {
	line := d.lineAt(d.begin)
	d.at = d.begin
	for n := 1; ; n++ {
		_, last, err := d.field()
		if err != nil {
			return d.wrong(d.lineAt(d.at), err)
		}
		if last {
			advice := fmt.Sprintf("give each line as many, and put text with %q in it between quotes", d.comma)
			if len(d.names) == 1 {
				advice = fmt.Sprintf("begin the file with the line that names the columns, and put text with %q in it between quotes", d.comma)
			}
			return fmt.Errorf("%w: %s line %d has %s, the first line has %d: %s", dataset.ErrUnreadable, d.path, line, fields(n), len(d.names), advice)
		}
	}
}
