package jsonl

import "bytes"

// What follows walks values that are known to be valid, but for NaN and Infinity.

// stringEnd returns where the string ends that begins at i. That is len(b) if it does
// not end.
func stringEnd(b []byte, i int) int {
	for at := i + 1; ; {
		k := bytes.IndexByte(b[at:], '"')
		if k < 0 {
			return len(b)
		}
		at += k + 1
		escapes := 0
		for b[at-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return at
		}
	}
}

// valueEnd returns where the value ends that begins at i.
func valueEnd(b []byte, i int) int {
	switch b[i] {
	case '"':
		return stringEnd(b, i)
	case '[', '{':
		for depth := 0; ; {
			switch b[i] {
			case '"':
				i = stringEnd(b, i)
				continue
			case '[', '{':
				depth++
			case ']', '}':
				depth--
			}
			i++
			if depth == 0 {
				return i
			}
		}
	}
	for i < len(b) && b[i] != ',' && b[i] != ']' && b[i] != '}' && b[i] > ' ' {
		i++
	}
	return i
}

// skip returns where the next thing but blanks and commas is.
func skip(b []byte, i int) int {
	for b[i] <= ' ' || b[i] == ',' {
		i++
	}
	return i
}

// eachElement calls do with the values of a list.
func eachElement(list []byte, do func(value []byte) error) error {
	for i := skip(list, 1); list[i] != ']'; {
		end := valueEnd(list, i)
		if err := do(list[i:end]); err != nil {
			return err
		}
		i = skip(list, end)
	}
	return nil
}

// kind is what a value is.
type kind int

const (
	none   kind = iota // null
	number             // or a truth
	text
	list
	object
)

// String says what values of the kind are, for messages.
func (k kind) String() string {
	return [...]string{"no value", "a number", "text", "a list", "an object"}[k]
}

// kindOf returns the kind of a value by its first byte.
func kindOf(value []byte) kind {
	switch value[0] {
	case '"':
		return text
	case '[':
		return list
	case '{':
		return object
	case 'n':
		return none
	}
	return number
}
