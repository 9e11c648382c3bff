package tfrecord

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// feature is the value of one feature of a tf.train.Example: the message of a
// list, not parsed yet.
type feature struct {
	kind protowire.Number
	list []byte
}

// The kinds of lists, by their numbers in tf.train.Feature.
const (
	bytesList protowire.Number = 1
	floatList protowire.Number = 2
	int64List protowire.Number = 3
)

var kindNames = map[protowire.Number]string{0: "no values", bytesList: "bytes", floatList: "floating-point numbers", int64List: "integers"}

// kindTypes are the element types that hold all values of a list.
var kindTypes = map[protowire.Number]graph.DType{bytesList: graph.String, floatList: graph.Float32, int64List: graph.Int64}

// errExample: it is no tf.train.Example.
var errExample = errors.New("it does not hold a tf.train.Example")

// eachField calls do with the fields of a message that have a length.
func eachField(message []byte, do func(number protowire.Number, value []byte) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errExample
		}
		message = message[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
				return errExample
			}
			message = message[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(message)
		if n < 0 {
			return errExample
		}
		message = message[n:]
		if err := do(number, value); err != nil {
			return err
		}
	}
	return nil
}

// eachFeature calls do with every feature of an example.
func eachFeature(record []byte, do func(name []byte, f feature) error) error {
	entry := func(number protowire.Number, value []byte) error {
		if number != 1 {
			return nil
		}
		var name []byte
		var f feature
		err := eachField(value, func(number protowire.Number, value []byte) error {
			switch number {
			case 1:
				name = value
			case 2:
				return eachField(value, func(kind protowire.Number, list []byte) error {
					f = feature{kind, list}
					return nil
				})
			}
			return nil
		})
		if err != nil {
			return err
		}
		return do(name, f)
	}
	return eachField(record, func(number protowire.Number, value []byte) error {
		if number != 1 {
			return nil
		}
		return eachField(value, entry)
	})
}

// count is how many values the list has.
func (f feature) count() (int, error) {
	n := 0
	one := func() error { n++; return nil }
	switch f.kind {
	case bytesList:
		return n, f.texts(func([]byte) error { return one() })
	case floatList:
		return n, f.floats(func(float32) error { return one() })
	case int64List:
		return n, f.ints(func(int64) error { return one() })
	}
	return 0, nil
}

func (f feature) texts(do func([]byte) error) error {
	return eachField(f.list, func(number protowire.Number, value []byte) error {
		if number != 1 {
			return nil
		}
		return do(value)
	})
}

// floats calls do with the numbers of a list, packed or not.
func (f feature) floats(do func(float32) error) error {
	return f.numbers(protowire.Fixed32Type, func(b []byte) (int, error) {
		v, n := protowire.ConsumeFixed32(b)
		if n < 0 {
			return 0, errExample
		}
		return n, do(math.Float32frombits(v))
	})
}

func (f feature) ints(do func(int64) error) error {
	return f.numbers(protowire.VarintType, func(b []byte) (int, error) {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return 0, errExample
		}
		return n, do(int64(v))
	})
}

// numbers reads a list whose values have the type; one consumes a value.
func (f feature) numbers(kind protowire.Type, one func([]byte) (int, error)) error {
	for b := f.list; len(b) > 0; {
		number, have, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errExample
		}
		b = b[n:]
		switch {
		case number == 1 && have == kind:
			n, err := one(b)
			if err != nil {
				return err
			}
			b = b[n:]
		case number == 1 && have == protowire.BytesType:
			packed, n := protowire.ConsumeBytes(b)
			if n < 0 {
				return errExample
			}
			b = b[n:]
			for len(packed) > 0 {
				n, err := one(packed)
				if err != nil {
					return err
				}
				packed = packed[n:]
			}
		default:
			if n = protowire.ConsumeFieldValue(number, have, b); n < 0 {
				return errExample
			}
			b = b[n:]
		}
	}
	return nil
}

// decoder turns examples into parts of columns.
type decoder struct {
	places  map[string][]place
	columns []*dataset.Sink
	parts   []*dataset.Part
	seen    [][]bool // of the current example
	set     []setters
}

// place is where a feature goes: a column, and one of its fields.
type place struct{ column, field int }

type setters struct {
	whole      dataset.IntSetter
	fractional dataset.FloatSetter
}

func newDecoder(all []*dataset.Sink, records int) *decoder {
	d := &decoder{places: make(map[string][]place), columns: all}
	for i, w := range all {
		p := &dataset.Part{}
		if w.DType() != graph.String {
			p.Data = graph.Allocate(records * len(w.Fields()) * w.DType().Size())[:0]
		}
		d.parts = append(d.parts, p)
		d.seen = append(d.seen, make([]bool, len(w.Fields())))
		d.set = append(d.set, setters{w.Ints(), w.Floats()})
		for k, name := range w.Fields() {
			d.places[name] = append(d.places[name], place{i, k})
		}
	}
	return d
}

// example adds one example to all parts.
func (d *decoder) example(record []byte) error {
	for i, p := range d.parts {
		clear(d.seen[i])
		p.Examples++
		if len(d.columns[i].Fields()) > 1 {
			p.Room(len(d.columns[i].Fields()) * d.columns[i].DType().Size())
		}
	}
	err := eachFeature(record, func(name []byte, f feature) error {
		for _, at := range d.places[string(name)] {
			if err := d.put(at, f); err != nil {
				return fmt.Errorf("feature %s %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, w := range d.columns {
		for k, seen := range d.seen[i] {
			if !seen {
				return fmt.Errorf("it has no feature %q", w.Fields()[k])
			}
		}
	}
	return nil
}

// put adds the values of a feature at a place.
func (d *decoder) put(at place, f feature) error {
	w, p := d.columns[at.column], d.parts[at.column]
	if d.seen[at.column][at.field] {
		return errors.New("is there twice")
	}
	d.seen[at.column][at.field] = true
	if err := takes(w, f.kind); err != nil {
		return err
	}
	n, err := f.count()
	if err != nil {
		return err
	}
	if len(w.Fields()) > 1 {
		if n != 1 {
			return fmt.Errorf("holds %d values: of several features that feed %s each holds one", n, w.Name())
		}
		return d.store(at.column, (p.Examples-1)*len(w.Fields())+at.field, f)
	}
	p.Lengths = append(p.Lengths, n)
	if w.DType() == graph.String {
		return f.texts(func(b []byte) error {
			p.Data = append(p.Data, b...)
			p.Ends = append(p.Ends, len(p.Data))
			return nil
		})
	}
	first := len(p.Data) / w.DType().Size()
	p.Room(n * w.DType().Size())
	return d.store(at.column, first, f)
}

// takes says why a kind of list cannot feed the column.
func takes(w *dataset.Sink, kind protowire.Number) error {
	switch {
	case kind == bytesList && w.DType() == graph.String && len(w.Fields()) == 1:
		return nil
	case kind == bytesList && w.DType() == graph.String:
		return fmt.Errorf("holds bytes: %s takes them from one feature only", w.Name())
	case kind == int64List && w.DType() != graph.String || kind == floatList && w.DType() != graph.String:
		return nil
	}
	if kind == bytesList {
		return fmt.Errorf("holds bytes, the graph takes %s: if they are numbers or an image, export the graph with a preprocess() that decodes them (tf.io.decode_raw, tf.io.decode_jpeg)", w.Wants())
	}
	return dataset.Mark(fmt.Errorf("holds %s, the graph takes %s: name another feature for it", kindNames[kind], w.Wants()), dataset.ErrColumn)
}

// store writes the numbers of a feature from element i of the part on.
func (d *decoder) store(column, i int, f feature) error {
	p, set := d.parts[column], d.set[column]
	if f.kind == int64List {
		return f.ints(func(v int64) error {
			i++
			return set.whole(p.Data, i-1, v)
		})
	}
	if d.columns[column].DType() == graph.Float32 {
		return f.floats(func(v float32) error {
			binary.LittleEndian.PutUint32(p.Data[4*i:], math.Float32bits(v))
			i++
			return d.columns[column].Fits(float64(v))
		})
	}
	return f.floats(func(v float32) error {
		i++
		return set.fractional(p.Data, i-1, float64(v))
	})
}
