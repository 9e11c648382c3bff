package tfrecord

import (
	"errors"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"epochtime/harness/graph"
)

// kind is which list a tf.train.Feature holds: its number there.
type kind protowire.Number

const (
	none      kind = 0
	bytesList kind = 1
	floatList kind = 2
	int64List kind = 3
)

// String says what a list of the kind holds, for messages.
func (k kind) String() string {
	switch k {
	case bytesList:
		return "bytes"
	case floatList:
		return "floating-point numbers"
	case int64List:
		return "integers"
	}
	return "no values"
}

// dtype is the element type that holds all values of such a list.
func (k kind) dtype() graph.DType {
	switch k {
	case bytesList:
		return graph.String
	case floatList:
		return graph.Float32
	case int64List:
		return graph.Int64
	}
	return ""
}

// feature is the value of one feature of a tf.train.Example: the message of a
// list, not parsed yet.
type feature struct {
	kind kind
	list []byte
}

// errExample: it is no tf.train.Example.
var errExample = errors.New("it does not hold a tf.train.Example")

// field is a field of a message. value is what it holds if it has a length,
// otherwise its bytes as they are.
type field struct {
	number protowire.Number
	wire   protowire.Type
	value  []byte
}

// nested reports whether the field is of that number, and has a length as messages
// do.
func (f field) nested(number protowire.Number) bool {
	return f.number == number && f.wire == protowire.BytesType
}

// next takes the first field off a message.
func next(message []byte) (f field, rest []byte, err error) {
	n := 0
	if f.number, f.wire, n = protowire.ConsumeTag(message); n < 0 {
		return f, nil, errExample
	}
	message = message[n:]
	if f.wire == protowire.BytesType {
		if f.value, n = protowire.ConsumeBytes(message); n < 0 {
			return f, nil, errExample
		}
		return f, message[n:], nil
	}
	if n = protowire.ConsumeFieldValue(f.number, f.wire, message); n < 0 {
		return f, nil, errExample
	}
	f.value = message[:n]
	return f, message[n:], nil
}

// eachFeature calls do with every feature of an example. It returns errExample for
// another message.
func eachFeature(record []byte, do func(name []byte, f feature) error) error {
	for len(record) > 0 {
		top, rest, err := next(record)
		switch {
		case err != nil:
			return err
		case top.nested(1):
			if err := eachEntry(top.value, do); err != nil {
				return err
			}
		case top.number <= 2: // of a tf.train.SequenceExample, or another message
			return errExample
		}
		record = rest
	}
	return nil
}

// eachEntry calls do with every feature of a tf.train.Features.
func eachEntry(features []byte, do func(name []byte, f feature) error) error {
	for len(features) > 0 {
		entry, rest, err := next(features)
		if err != nil {
			return err
		}
		features = rest
		if !entry.nested(1) {
			continue
		}
		name, f, err := mapEntry(entry.value)
		if err != nil {
			return err
		}
		if err := do(name, f); err != nil {
			return err
		}
	}
	return nil
}

// mapEntry reads one feature and its name.
func mapEntry(entry []byte) (name []byte, f feature, err error) {
	for len(entry) > 0 {
		part, rest, err := next(entry)
		if err != nil {
			return nil, f, err
		}
		entry = rest
		switch {
		case part.nested(1):
			name = part.value
		case part.nested(2):
			if err := f.merge(part.value); err != nil {
				return nil, f, err
			}
		}
	}
	return name, f, nil
}

// merge reads a tf.train.Feature. Of several lists the last kind counts, and lists
// of that are joined, as messages merge.
func (f *feature) merge(message []byte) error {
	for len(message) > 0 {
		list, rest, err := next(message)
		if err != nil {
			return err
		}
		message = rest
		switch k := kind(list.number); {
		case list.wire != protowire.BytesType || k < bytesList || k > int64List:
		case k == f.kind:
			f.list = slices.Concat(f.list, list.value)
		default:
			*f = feature{k, list.value}
		}
	}
	return nil
}
