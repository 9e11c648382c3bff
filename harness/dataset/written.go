package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unsafe"

	"epochtime/harness/graph"
)

// ParseNumber reads a number that is written out, with blanks around it or none:
// decimal digits with a point or an exponent, inf and infinity in any case, nan and
// NaN, or true and false, which count as 1 and 0. integer reports whether it is
// written as an integer, of 64 bits.
func ParseNumber(text []byte) (v float64, integer bool, err error) {
	text = trimBlanks(text)
	if truth, ok := parseTruth(text); ok {
		return float64(truth), true, nil
	}
	if d, n := ScanDecimal(text); n == len(text) && n > 0 {
		integer = isIntegral(text) && (d.Digits <= math.MaxInt64 || d.Negative && d.Digits == 1<<63)
		if v, ok := d.Float64(); ok {
			return v, integer, nil
		}
	}
	v, err = parseFloat(text, 64)
	return v, integer, err
}

// IsMissing reports whether a text stands for a value that is not there: nothing,
// or what pandas takes for that.
func IsMissing(text []byte) bool {
	switch string(trimBlanks(text)) {
	case "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None",
		"n/a", "nan", "null":
		return true
	}
	return false
}

func trimBlanks(text []byte) []byte { return bytes.Trim(text, " \t") }

// parseTruth reads true and false.
func parseTruth(text []byte) (v int64, ok bool) {
	switch string(text) {
	case "true", "True", "TRUE":
		return 1, true
	case "false", "False", "FALSE":
		return 0, true
	}
	return 0, false
}

var errNoNumber = errors.New("no number")

// parseFloat reads a number of any size, rounded to that many bits. What exceeds
// them is infinite.
func parseFloat(text []byte, bits int) (float64, error) {
	numeral, digits := true, false
	for _, c := range text {
		digits = digits || isDigit(c)
		numeral = numeral && (isDigit(c) || c == '.' || c == '+' || c == '-' || c|0x20 == 'e')
	}
	if !(numeral && digits) && !isWord(text) {
		return 0, errNoNumber
	}
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), bits)
	if err != nil && !math.IsInf(v, 0) {
		return 0, errNoNumber
	}
	return v, nil
}

// isWord reports whether a text is a word for what is not finite, as pandas takes it.
func isWord(text []byte) bool {
	if string(text) == "nan" || string(text) == "NaN" {
		return true
	}
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	return bytes.EqualFold(text, []byte("inf")) || bytes.EqualFold(text, []byte("infinity"))
}

// isIntegral reports whether a number has neither point nor exponent.
func isIntegral(text []byte) bool { return !bytes.ContainsAny(text, ".eE") }

// A TextSetter writes element i of a part's data, from a text. Its error says what
// is wrong with the value, to follow the name of its place.
type TextSetter func(data []byte, i int, text []byte) error

// A DecimalSetter writes elements from i on of a part's data, and returns how many:
// it stops at a number that takes a TextSetter.
type DecimalSetter func(data []byte, i int, numbers []Decimal) int

// Decimals returns what stores numbers that are written out, most of them.
func (s *Sink) Decimals() DecimalSetter {
	low, high := s.Range()
	switch s.DType() {
	case graph.Float32:
		return decimals32
	case graph.Float64:
		return decimals64
	case graph.Int8:
		return whole[int8](low, high)
	case graph.Int16:
		return whole[int16](low, high)
	case graph.Int32:
		return whole[int32](low, high)
	case graph.Int64:
		return whole[int64](low, high)
	case graph.Uint8, graph.Bool:
		return whole[uint8](low, high)
	case graph.Uint16:
		return whole[uint16](low, high)
	case graph.Uint32:
		return whole[uint32](low, high)
	case graph.Uint64:
		return whole[uint64](low, high)
	}
	return func([]byte, int, []Decimal) int { return 0 }
}

func decimals32(data []byte, i int, numbers []Decimal) int {
	out := graph.View[float32](data)[i : i+len(numbers)]
	for k := range numbers {
		v, ok := numbers[k].Float32()
		if !ok {
			return k
		}
		out[k] = v
	}
	return len(numbers)
}

func decimals64(data []byte, i int, numbers []Decimal) int {
	out := graph.View[float64](data)[i : i+len(numbers)]
	for k := range numbers {
		v, ok := numbers[k].Float64()
		if !ok {
			return k
		}
		out[k] = v
	}
	return len(numbers)
}

// whole stores integers from low to high.
func whole[T interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}](low int64, high uint64) DecimalSetter {
	return func(data []byte, i int, numbers []Decimal) int {
		out := graph.View[T](data)[i : i+len(numbers)]
		for k := range numbers {
			v, ok := numbers[k].Whole()
			switch {
			case !ok:
				return k
			case numbers[k].Negative && v <= -uint64(low):
				out[k] = -T(v)
			case !numbers[k].Negative && v <= high:
				out[k] = T(v)
			default:
				return k
			}
		}
		return len(numbers)
	}
}

// Texts returns what stores numbers that are written out, of any kind.
func (s *Sink) Texts() TextSetter {
	if s.DType().IsFloat() {
		return s.floatTexts()
	}
	return s.wholeTexts()
}

func (s *Sink) floatTexts() TextSetter {
	floats := s.Floats()
	size := 8 * s.DType().Size()
	return func(data []byte, i int, text []byte) error {
		text = trimBlanks(text)
		if s.tensor.NaN && IsMissing(text) {
			return floats(data, i, math.NaN())
		}
		if v, err := parseFloat(text, size); err == nil {
			return floats(data, i, v)
		}
		if v, ok := parseTruth(text); ok {
			return floats(data, i, float64(v))
		}
		return s.unlike(text)
	}
}

func (s *Sink) wholeTexts() TextSetter {
	ints := s.Ints()
	elements := s.DType().Elements()
	if elements == nil {
		return func([]byte, int, []byte) error { return errNoSink }
	}
	low, high := s.Range()
	return func(data []byte, i int, text []byte) error {
		text = trimBlanks(text)
		if v, ok := parseTruth(text); ok {
			return ints(data, i, v)
		}
		d, n := ScanDecimal(text)
		if n == 0 && bytes.IndexByte(text, '.') > 0 && !bytes.ContainsAny(text, "eE") { // zeros may be too many digits
			text = bytes.TrimSuffix(bytes.TrimRight(text, "0"), []byte{'.'})
			d, n = ScanDecimal(text)
		}
		v, ok := d.Whole()
		switch {
		case n == 0 || n < len(text) || !ok:
			return s.unlike(text)
		case d.Negative && v > -uint64(low) || !d.Negative && v > high:
			return s.OutOfRange(string(text), "")
		case d.Negative:
			v = -v
		}
		elements.PutInt(data, i, int64(v))
		return nil
	}
}

// unlike says why a text is not what the graph takes.
func (s *Sink) unlike(text []byte) error {
	shown := text
	const most = 40
	if len(text) > most {
		shown = append(bytes.Clone(text[:most]), "…"...)
	}
	_, err := parseFloat(text, 64)
	switch {
	case len(text) == 0:
		return errors.New("has no value: " + FillIn("rows"))
	case IsMissing(text):
		return fmt.Errorf("has no value but %s: %s", text, FillIn("rows"))
	case err == nil:
		return fmt.Errorf("has the value %s, the graph takes %s", shown, s.Wants())
	case hasCommas(text):
		return fmt.Errorf("holds %q, a number with a comma: write 1,5 as 1.5 and 1,000 as 1000", shown)
	}
	return s.NotNumbers(fmt.Sprintf("text, %q", shown))
}

// hasCommas reports whether a text is a number with commas in it, which mean
// thousands to some and a fraction to others.
func hasCommas(text []byte) bool {
	plain := bytes.ReplaceAll(text, []byte{','}, nil)
	_, err := parseFloat(plain, 64)
	return err == nil && len(plain) < len(text)
}
