package tfrecord

import (
	"fmt"
	"io"
	"os"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"epochtime/harness/dataset"
)

// unlike is the error of a record without a tf.train.Example that has features: what
// it holds, and the line of Python that makes Examples of it.
func unlike(path string, number int, record []byte) error {
	o := recognize(record)
	return fmt.Errorf("%w: %s: record %d holds %s, and what is read here is tf.train.Example: %s", dataset.ErrUnreadable, path, number, o.what, o.convert(path))
}

// other is what a record holds in place of an Example.
type other struct {
	what     string
	features string // Python: of the Example that is made of it
	each     string // Python: makes it of the record r; empty: it is r
}

// convert is the advice to convert a file of such records.
func (o other) convert(path string) string {
	write := func(features string) string {
		return fmt.Sprintf("w.write(tf.train.Example(features=tf.train.Features(feature=%s)).SerializeToString())", features)
	}
	if o.features == "" {
		return "write each example, in Python, by " + write(`{"x": tf.train.Feature(float_list=tf.train.FloatList(value=x))}`)
	}
	records := fmt.Sprintf("tf.data.TFRecordDataset(%q%s).as_numpy_iterator()", path, compression(path))
	if o.each != "" {
		records = fmt.Sprintf("map(%s, %s)", o.each, records)
	}
	return fmt.Sprintf("convert it in Python: with tf.io.TFRecordWriter(%q) as w: [%s for r in %s]",
		strings.TrimSuffix(path, ".tfrecord")+"-examples.tfrecord", write(o.features), records)
}

// compression is the argument of TFRecordDataset for a file that is compressed.
func compression(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close() // it was only read
	head := make([]byte, dataset.HeadBytes)
	n, _ := io.ReadFull(f, head)
	switch by := dataset.Compression(head[:n]); by {
	case "gzip", "zlib":
		return fmt.Sprintf(", %q", strings.ToUpper(by))
	}
	return ""
}

// recognize finds out what a record holds from the first fields of its message.
func recognize(record []byte) other {
	features := 0
	if eachFeature(record, func([]byte, feature) error { features++; return nil }) == nil {
		if features > 0 {
			return other{what: "a list that is damaged"}
		}
		return other{what: "no features"}
	}
	first, rest, err := next(record)
	if err != nil {
		return other{what: "another message"}
	}
	second, _, _ := next(rest)
	switch {
	case first.number == 1 && first.wire == protowire.VarintType && second.nested(2):
		return tensor(first.value)
	case first.nested(2) || first.nested(1) && second.nested(2):
		return other{
			what:     "a tf.train.SequenceExample",
			features: `{**r.context.feature, **{k: tf.train.Feature.FromString(b"".join(f.SerializeToString() for f in v.feature)) for k, v in r.feature_lists.feature_list.items()}}`,
			each:     "tf.train.SequenceExample.FromString",
		}
	case first.number == 1 && first.wire == protowire.Fixed64Type:
		return other{what: "an event of TensorBoard"}
	}
	return other{what: "another message"}
}

// tensor is a record that tf.io.serialize_tensor made.
func tensor(dtype []byte) other {
	d, _ := protowire.ConsumeVarint(dtype)
	list := "int64_list=tf.train.Int64List"
	switch d {
	case 1, 2, 14, 19: // float32, float64, bfloat16, float16
		list = "float_list=tf.train.FloatList"
	case 7: // string
		list = "bytes_list=tf.train.BytesList"
	}
	return other{what: "a serialized tensor", features: fmt.Sprintf(`{"x": tf.train.Feature(%s(value=tf.io.parse_tensor(r, %d).numpy().ravel()))}`, list, d)}
}
