package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
)

// Number is a float64 whose JSON form is null where it is not finite.
type Number float64

// MarshalJSON writes null for NaN and the infinities.
func (n Number) MarshalJSON() ([]byte, error) {
	if f := float64(n); math.IsNaN(f) || math.IsInf(f, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads null as NaN.
func (n *Number) UnmarshalJSON(text []byte) error {
	if n == nil {
		return errors.New("reading a number: there is no place for it")
	}
	if string(text) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	return json.Unmarshal(text, (*float64)(n))
}

// Write writes the record as indented JSON and a final newline. Lists and maps
// that are nil become empty ones, and switches off, so that a program that reads them
// meets no null.
func (r *Record) Write(w io.Writer) error {
	if r == nil || w == nil {
		return errors.New("writing a record: the record or the writer is missing")
	}
	r.FillNil()
	out := bufio.NewWriterSize(w, 64<<10)
	err := r.encode(out)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	return nil
}

// FillNil makes lists and maps that are nil empty ones, and switches off, as Write does. A
// record of which nothing is nil is only read by Write.
func (r *Record) FillNil() {
	if r != nil {
		fillNil(reflect.ValueOf(r))
	}
}

// noRuns is where the runs of a record without any are in its JSON form: a text in it has
// no newline of its own.
const noRuns = "\n \"runs\": []"

// encode writes the runs one by one, because those of a large fleet together, each once
// compact and once indented, take some hundred megabytes.
func (r *Record) encode(w io.Writer) error {
	whole := *r
	whole.Runs = []Run{}
	var text bytes.Buffer
	if err := encode(&text, "", &whole); err != nil {
		return err
	}
	before, after, found := bytes.Cut(text.Bytes(), []byte(noRuns))
	if len(r.Runs) == 0 || !found {
		_, err := w.Write(text.Bytes())
		return err
	}
	parts := [][]byte{before, []byte(noRuns[:len(noRuns)-1])}
	var run bytes.Buffer
	for i := range r.Runs {
		run.Reset()
		if err := encode(&run, "  ", &r.Runs[i]); err != nil {
			return err
		}
		separator := ",\n  "
		if i == 0 {
			separator = "\n  "
		}
		for _, part := range append(parts, []byte(separator), bytes.TrimSuffix(run.Bytes(), []byte("\n"))) {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		parts = nil
	}
	_, err := w.Write(append([]byte("\n ]"), after...))
	return err
}

// encode writes the indented JSON form of a value, each line but the first after prefix.
func encode(w io.Writer, prefix string, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, " ")
	return e.Encode(v)
}

func fillNil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if flag := reflect.TypeFor[*bool](); v.IsNil() && v.Type() == flag {
			v.Set(reflect.New(flag.Elem()))
		}
		if !v.IsNil() {
			fillNil(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillNil(v.Field(i))
			}
		}
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fillNil(v.Index(i))
		}
	}
}

// Read reads one record. It fails on a schema it does not know, and on what
// Validate refuses.
func Read(r io.Reader) (*Record, error) {
	if r == nil {
		return nil, errors.New("reading a record: there is no reader")
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	var version struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, fmt.Errorf("reading a record: it is not whole, valid JSON: %w", err)
	}
	switch version.Schema {
	case Schema:
	case 0:
		return nil, errors.New("reading a record: it names no schema: it is not a record of epochtime")
	default:
		return nil, fmt.Errorf("reading a record: its schema is %d, this program reads %d: read it with the epochtime that wrote it", version.Schema, Schema)
	}
	out := new(Record)
	if err := json.Unmarshal(text, out); err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	if err := out.Validate(); err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	return out, nil
}
