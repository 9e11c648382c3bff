package tfrecord_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"epochtime/harness/dataset/datatest"
	"epochtime/harness/dataset/tfrecord"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

func FuzzTFRecord(f *testing.F) {
	good := framed(example("x", floatFeature(1, 2), "y", intFeature(2), "s", bytesFeature("a", "b")))
	for _, seed := range []string{"", good, good[:len(good)-3], good + good, framed("\x0a\xff"), framed(example("x", apart(1, 2))), claims(200 << 20)} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	path := datatest.File(f, "d.tfrecord", "")
	f.Fuzz(func(t *testing.T, content []byte, bare bool) {
		if bare { // beyond the checksums
			content = []byte(framed(string(content)))
		}
		datatest.Fuzz(t, path, string(content), testgraph.Tensor("x", graph.Float32, 0), testgraph.Tensor("s", graph.String))
	})
}

// What a record claims to hold costs no memory before it is there.
func TestClaimsCostNoMemory(t *testing.T) {
	path := datatest.File(t, "d.tfrecord", claims(200<<20))
	read := func() { datatest.Fuzz(t, path, claims(200<<20), testgraph.Tensor("x", graph.Float32)) }
	if n := datatest.Allocated(read); n > 20<<20 {
		t.Errorf("%d MiB were allocated for a record that is not there", n>>20)
	}
}

// messages describes tf.train.Example. TensorFlow has a map in place of the entries,
// which is written in the same way.
const messages = `
name: "example.proto" syntax: "proto3"
message_type { name: "BytesList" field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_BYTES } }
message_type { name: "FloatList" field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_FLOAT } }
message_type { name: "Int64List" field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_INT64 } }
message_type {
  name: "Feature" oneof_decl { name: "kind" }
  field { name: "bytes_list" number: 1 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".BytesList" oneof_index: 0 }
  field { name: "float_list" number: 2 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".FloatList" oneof_index: 0 }
  field { name: "int64_list" number: 3 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".Int64List" oneof_index: 0 }
}
message_type {
  name: "Entry"
  field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
  field { name: "value" number: 2 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".Feature" }
}
message_type { name: "Features" field { name: "feature" number: 1 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".Entry" } }
message_type { name: "Example" field { name: "features" number: 1 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".Features" } }`

// exampleType is the type of tf.train.Example.
func exampleType(t testing.TB) protoreflect.MessageDescriptor {
	t.Helper()
	var file descriptorpb.FileDescriptorProto
	if err := prototext.Unmarshal([]byte(messages), &file); err != nil {
		t.Fatal(err)
	}
	d, err := protodesc.NewFile(&file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d.Messages().ByName("Example")
}

// values are what an Example holds under each name, by Google's library.
func values(example protoreflect.Message) map[string][]string {
	get := func(m protoreflect.Message, name protoreflect.Name) protoreflect.Value {
		return m.Get(m.Descriptor().Fields().ByName(name))
	}
	out := map[string][]string{}
	entries := get(get(example, "features").Message(), "feature").List()
	for i := range entries.Len() {
		entry := entries.Get(i).Message()
		feature := get(entry, "value").Message()
		all := []string{}
		if kind := feature.WhichOneof(feature.Descriptor().Oneofs().Get(0)); kind != nil {
			all = append(all, string(kind.Name()))
			list := get(feature.Get(kind).Message(), "value").List()
			for k := range list.Len() {
				one := list.Get(k).Interface()
				if f, is := one.(float32); is {
					one = math.Float32bits(f)
				}
				all = append(all, fmt.Sprint(one))
			}
		}
		out[get(entry, "key").String()] = all
	}
	return out
}

// Whatever Google's library reads as a tf.train.Example is read with the same values.
func FuzzExample(f *testing.F) {
	for _, seed := range []string{
		"", example("x", floatFeature(1, 2), "y", intFeature(-2, 300), "s", bytesFeature("a", "b")), example("x", apart(1, 2)),
		example("x", ""), example("x", floatFeature()), example("x", floatFeature(1)) + example("x", intFeature(1)),
		message(1, message(1, message(1, "x")+message(2, floatFeature(1)+floatFeature(2)))), message(1, "\x10\x01") + "\x18\x07",
	} {
		f.Add([]byte(seed))
	}
	kind := exampleType(f)
	f.Fuzz(func(t *testing.T, record []byte) {
		m := dynamicpb.NewMessage(kind)
		if proto.Unmarshal(record, m) != nil || len(m.GetUnknown()) > 0 {
			return
		}
		got, err := tfrecord.Values(record)
		if err != nil {
			t.Fatalf("%x: %v, and Google's library reads it", record, err)
		}
		if d := cmp.Diff(values(m), got); d != "" {
			t.Errorf("%x: %s", record, d)
		}
	})
}

func TestExampleSeeds(t *testing.T) { // what both agree on is not nothing
	got, err := tfrecord.Values([]byte(example("x", floatFeature(1), "y", intFeature(-2))))
	want := map[string][]string{"x": {"float_list", fmt.Sprint(math.Float32bits(1))}, "y": {"int64_list", "-2"}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Error(err, d)
	}
}
