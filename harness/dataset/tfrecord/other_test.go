package tfrecord_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// sequence is a tf.train.SequenceExample with a list of features x.
func sequence(context string) string {
	return context + message(2, message(1, message(1, "x")+message(2, message(1, floatFeature(1)))))
}

// serialized is a tensor as tf.io.serialize_tensor writes it.
func serialized(dtype uint64) string {
	shape := message(2, message(2, "\x08\x02"))
	return string(protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), dtype)) + shape + message(4, "\x00\x00\x80\x3f\x00\x00\x80\x3f")
}

// Records of another message are an error that says what they are, and how they
// become Examples, wherever they are in the file.
func TestOtherMessages(t *testing.T) {
	good := example("x", floatFeature(1))
	event := string(protowire.AppendFixed64(protowire.AppendTag(nil, 1, protowire.Fixed64Type), 1)) + message(3, "brain.Event:2")
	for _, c := range []struct {
		name, record string
		words        []string
	}{
		{"sequence", sequence(""), []string{"tf.train.SequenceExample", "tf.train.SequenceExample.FromString", "d-examples.tfrecord"}},
		{"sequence with context", sequence(good), []string{"tf.train.SequenceExample"}},
		{"sequence with an empty context", sequence(message(1, "")), []string{"tf.train.SequenceExample"}},
		{"tensor", serialized(1), []string{"a serialized tensor", "FloatList(value=tf.io.parse_tensor(r, 1)"}},
		{"tensor of integers", serialized(9), []string{"a serialized tensor", "Int64List(value=tf.io.parse_tensor(r, 9)"}},
		{"tensor of strings", serialized(7), []string{"a serialized tensor", "BytesList(value=tf.io.parse_tensor(r, 7)"}},
		{"event", event, []string{"an event of TensorBoard"}},
		{"image", "\xff\xd8\xff\xe0\x00\x10JFIF", []string{"another message", "w.write(tf.train.Example("}},
		{"nothing", "", []string{"no features", "w.write(tf.train.Example("}},
		{"no features", message(1, ""), []string{"no features"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := datatest.Open(t, "d.tfrecord", framed(c.record, c.record), testgraph.Tensor("x", graph.Float32))
			datatest.WantError(t, err, dataset.ErrUnreadable, append(c.words, "record 0 holds", "in Python")...)
			_, err = datatest.Describe(t, datatest.File(t, "d.tfrecord", framed(c.record, c.record)))
			datatest.WantError(t, err, dataset.ErrUnreadable, c.words...)
		})
	}
	for _, other := range []string{sequence(good), serialized(1)} {
		_, err := datatest.Open(t, "d.tfrecord", framed(good, other), testgraph.Tensor("x", graph.Float32))
		datatest.WantError(t, err, dataset.ErrUnreadable, "record 1 holds")
	}
	for by, compressed := range map[string]string{"GZIP": datatest.Gzip(t, framed(serialized(1))), "ZLIB": deflated(t, framed(serialized(1)))} {
		_, err := datatest.Open(t, "d.tfrecord", compressed, testgraph.Tensor("x", graph.Float32))
		datatest.WantError(t, err, dataset.ErrUnreadable, `d.tfrecord", "`+by+`")`)
	}
}
