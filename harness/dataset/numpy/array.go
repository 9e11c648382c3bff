package numpy

import (
	"errors"
	"fmt"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Array is what the header of an .npy stream says of the values that follow it.
type Array struct {
	DType graph.DType // graph.String for strings
	Shape []int       // the first dimension counts the examples

	text               stringCode
	bigEndian, fortran bool
}

// Head reads the header of an .npy stream, and leaves the body at its values. The
// error, which has no class, says what is damaged or, of an array that cannot be
// fed, what to make of it.
func Head(body *dataset.Body) (*Array, error) {
	if body == nil || body.Reader == nil {
		return nil, errHeader
	}
	h, size, err := readHeader(body)
	if err != nil {
		return nil, err
	}
	body.Offset += size
	a := &Array{Shape: h.shape, fortran: h.fortran}
	code := h.descr
	if a.bigEndian = strings.HasPrefix(code, ">"); a.bigEndian {
		code = "<" + code[1:]
	}
	a.DType, a.text = numberTypes[code], stringType(code)
	if a.text.size > 0 {
		a.DType = graph.String
	}
	elements := graph.Count(a.Shape)
	switch {
	case a.DType == "":
		return nil, foreign(h.descr)
	case len(a.Shape) == 0:
		return nil, errors.New("is a single value, not an array of examples")
	case elements < 0 || elements > dataset.MaxBytes/max(numberSize(a.DType), a.text.size):
		return nil, fmt.Errorf("claims the shape %v, which no file holds: copy the file again", a.Shape)
	}
	return a, nil
}

func numberSize(d graph.DType) int {
	if d == graph.String {
		return 0
	}
	return d.Size()
}

// others are kinds of values that are not fed, by how their type is written: what
// they are, and what to do.
var others = []struct{ begins, what string }{
	{"[", "holds records of several fields: save each as an array of its own, as in a['name']"},
	{"O", "holds Python objects: make it numbers or strings with .astype('float32') or .astype(str)"},
	{"c", "holds complex numbers: save a.real and a.imag as two arrays"},
	{"M", "holds dates: make it numbers with .astype('int64')"},
	{"m", "holds spans of time: make it numbers with .astype('int64')"},
}

// foreign is the error of a type that is not fed.
func foreign(descr string) error {
	for _, o := range others {
		if strings.HasPrefix(strings.TrimLeft(descr, "<>|="), o.begins) {
			return errors.New(o.what)
		}
	}
	return fmt.Errorf("has the type %q: convert it with .astype() to a type of numbers, such as 'float32'", descr)
}

// Column reads the values. where names the array in errors, which are
// dataset.ErrUnreadable and dataset.ErrUnfit.
func (a *Array) Column(b *dataset.Builder, where string, body *dataset.Body) (dataset.Column, error) {
	if a == nil || body == nil || len(a.Shape) == 0 {
		return dataset.Column{}, fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, where, errHeader)
	}
	body.BigEndian, body.Fortran = a.bigEndian, a.fortran
	if a.text.size > 0 {
		return a.strings(b, where, body)
	}
	c, err := b.Hold(a.DType, a.Shape[1:], a.Shape[0], body)
	if err != nil {
		return dataset.Column{}, fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, where, err)
	}
	return c, nil
}
