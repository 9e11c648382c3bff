package tfrecord_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/dataset/tfrecord"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// message is a field of a message that holds a message or bytes.
func message(number protowire.Number, content string) string {
	return string(protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), []byte(content)))
}

func floatFeature(values ...float32) string {
	var b []byte
	for _, v := range values {
		b = protowire.AppendFixed32(b, math.Float32bits(v))
	}
	return message(2, message(1, string(b)))
}

func intFeature(values ...int64) string {
	var b []byte
	for _, v := range values {
		b = protowire.AppendVarint(b, uint64(v))
	}
	return message(3, message(1, string(b)))
}

// apart is a list of whole numbers that is not packed.
func apart(values ...int64) string {
	var b []byte
	for _, v := range values {
		b = protowire.AppendVarint(protowire.AppendTag(b, 1, protowire.VarintType), uint64(v))
	}
	return message(3, string(b))
}

func bytesFeature(values ...string) string {
	var list string
	for _, v := range values {
		list += message(1, v)
	}
	return message(1, list)
}

// example is a tf.train.Example; features are names and features in turn.
func example(features ...string) string {
	var all string
	for i := 0; i < len(features); i += 2 {
		all += message(1, message(1, features[i])+message(2, features[i+1]))
	}
	return message(1, all)
}

func framed(records ...string) string {
	var out []byte
	for _, r := range records {
		out = binary.LittleEndian.AppendUint64(out, uint64(len(r)))
		out = binary.LittleEndian.AppendUint32(out, tfrecord.Masked(out[len(out)-8:]))
		out = append(out, r...)
		out = binary.LittleEndian.AppendUint32(out, tfrecord.Masked([]byte(r)))
	}
	return string(out)
}

// deflated is compressed by zlib.
func deflated(t testing.TB, content string) string {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// claims is a record of n bytes of which few are there.
func claims(n uint64) string {
	head := binary.LittleEndian.AppendUint64(nil, n)
	return string(binary.LittleEndian.AppendUint32(head, tfrecord.Masked(head))) + example("x", floatFeature(1))
}

func TestTFRecord(t *testing.T) {
	records := framed(
		example("x", floatFeature(1, 2), "y", intFeature(7), "s", bytesFeature("one"), "n", intFeature(1, 2, 3)),
		example("y", apart(8), "n", apart(4), "s", bytesFeature(""), "x", floatFeature(3, 4)))
	tokens := testgraph.Tensor("n", graph.Int32, 0)
	for _, c := range []struct{ name, content string }{
		{"d.tfrecord", records}, {"d.tfrecords", records}, {"d.tfrecord.gz", datatest.Gzip(t, records)},
		{"zipped.tfrecord", datatest.Gzip(t, records)}, {"zlib.tfrecord", deflated(t, records)}, // as TFRecordWriter's options compress
		{"train-00000-of-00001", records}, {"mnist-train.tfrecord-00000-of-00001", records}, {"d.tfrec", records}, {"train.record", deflated(t, records)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := datatest.MustOpen(t, c.name, c.content, testgraph.Tensor("x", graph.Float32, 2), datatest.Label("y", 10), testgraph.Tensor("s", graph.String), tokens)
			if s.Examples() != 2 {
				t.Fatalf("%d examples, want 2", s.Examples())
			}
			if d := cmp.Diff([]float32{1, 2, 3, 4}, datatest.Values[float32](s, "x")); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]int32{7, 8}, datatest.Values[int32](s, "y")); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{"one", ""}, datatest.Strings(s.Column("s"))); d != "" {
				t.Error(d)
			}
			n := s.Column("n")
			if d := cmp.Diff([]int{3, 1}, datatest.Lengths(n)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]int32{1, 2, 3, 4}, graph.View[int32](n.Bytes())); d != "" {
				t.Error(d)
			}
		})
	}
}

// Flat lists take the shape of the graph's input; several features make a vector.
func TestTFRecordShapes(t *testing.T) {
	s := datatest.MustOpen(t, "d.tfrecord", framed(example("image", intFeature(1, 2, 3, 4), "label", intFeature(1))),
		testgraph.Tensor("x", graph.Float32, 2, 2, 1), datatest.Label("y", 2))
	if d := cmp.Diff([]int{2, 2, 1}, s.Column("x").Shape()); d != "" {
		t.Error(d)
	}
	s = datatest.MustOpen(t, "d.tfrecord", framed(example("b", floatFeature(2), "label", intFeature(1), "a", floatFeature(1))),
		testgraph.Tensor("x", graph.Float32, 2), datatest.Label("y", 2))
	if d := cmp.Diff([]float32{1, 2}, datatest.Values[float32](s, "x")); d != "" {
		t.Error(d)
	}
	steps := testgraph.Tensor("x", graph.Float32, 0, 2)
	s = datatest.MustOpen(t, "d.tfrecord", framed(example("x", floatFeature(1, 2)), example("x", floatFeature(3, 4, 5, 6))), steps)
	if d := cmp.Diff([]int{1, 2}, datatest.Lengths(s.Column("x"))); d != "" {
		t.Error(d)
	}
}

// Chunks are decoded side by side and come in order, whatever room memory has.
func TestTFRecordChunks(t *testing.T) {
	const n = 50_000
	var records []string
	for i := range n {
		records = append(records, example("x", floatFeature(slices.Repeat([]float32{float32(i)}, 1+i%40)...)))
	}
	path := datatest.File(t, "d.tfrecord", framed(records...))
	q := dataset.Request{Sources: []string{path}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32, 0)}}
	for _, room := range []int{1 << 30, 1 << 20, 1} {
		q.Room = room
		s := datatest.MustRead(t, q)
		c := s.Column("x")
		for i := range n {
			if v := graph.View[float32](c.Rows(i, i+1)); len(v) != 1+i%40 || v[0] != float32(i) {
				t.Fatalf("room %d: example %d is %v", room, i, v)
			}
		}
	}
}

// Lists in pieces, fields that are not known, and names in another order in every
// record are read as messages are.
func TestTFRecordEncodings(t *testing.T) {
	unknown := message(9, "unknown") + "\x48\x01"
	pieces := message(3, message(1, "\x01\x02")+unknown+message(1, "\x03")+"\x08\x04")
	singles := message(2, "\x0d\x00\x00\x80\x3f"+message(1, "\x00\x00\x00\x40")+unknown)
	first := message(1, message(1, message(1, "n")+unknown+message(2, pieces+unknown)+unknown)+unknown)
	second := message(1, message(1, message(2, singles)+message(1, "x"))) + unknown
	s := datatest.MustOpen(t, "d.tfrecord", framed(first+second, second+first, example("other", intFeature(1), "x", floatFeature(3, 4), "n", intFeature(5, 6, 7, -1))),
		testgraph.Tensor("n", graph.Int64, 4), testgraph.Tensor("x", graph.Float64, 2))
	if d := cmp.Diff([]int64{1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, -1}, datatest.Values[int64](s, "n")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]float64{1, 2, 1, 2, 3, 4}, datatest.Values[float64](s, "x")); d != "" {
		t.Error(d)
	}
}

// Shards that a glob names are joined, an empty one too.
func TestTFRecordShards(t *testing.T) {
	dir := t.TempDir()
	for i, records := range []string{framed(example("x", floatFeature(1)), example("x", floatFeature(2))), "", framed(example("x", floatFeature(3)))} {
		datatest.WriteIn(t, dir, fmt.Sprintf("train-0000%d-of-00003", i), records)
	}
	s := datatest.MustRead(t, dataset.Request{Sources: []string{filepath.Join(dir, "train-*-of-00003")}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32)}})
	if d := cmp.Diff([]float32{1, 2, 3}, datatest.Values[float32](s, "x")); d != "" {
		t.Error(d)
	}
}

// Records are whole wherever chunks end, and may be longer than a chunk.
func TestTFRecordSizes(t *testing.T) {
	var records []string
	var want []int
	for _, n := range []int{1, 3 * dataset.ChunkBytes / 4, dataset.ChunkBytes/4 - 26, 5, 3 * dataset.ChunkBytes, 7, dataset.ChunkBytes, 9} {
		records = append(records, example("x", floatFeature(slices.Repeat([]float32{float32(n)}, n/4+1)...)))
		want = append(want, n/4+1)
	}
	content := framed(records...)
	for _, c := range []string{content, datatest.Gzip(t, content)} {
		s := datatest.MustOpen(t, "d.tfrecord", c, testgraph.Tensor("x", graph.Float32, 0))
		x := s.Column("x")
		if d := cmp.Diff(want, datatest.Lengths(x)); d != "" {
			t.Error(d)
		}
		for i, n := range []int{1, 3 * dataset.ChunkBytes / 4} {
			if v := graph.View[float32](x.Rows(i, i+1)); v[0] != float32(n) || v[len(v)-1] != float32(n) {
				t.Errorf("example %d is %g … %g", i, v[0], v[len(v)-1])
			}
		}
	}
}

// The length of the first record may be how compressed files begin.
func TestTFRecordLikeCompressed(t *testing.T) {
	for _, length := range []int{0x0178, 0x9c78, 0xda78, 0x8b1f} {
		empty := len(example("s", bytesFeature(strings.Repeat("a", length-64))))
		record := example("s", bytesFeature(strings.Repeat("a", length-64+length-empty)))
		if len(record) != length {
			t.Fatalf("the record has %d bytes, want %d", len(record), length)
		}
		s := datatest.MustOpen(t, "d.tfrecord", framed(record, record), testgraph.Tensor("s", graph.String))
		if s.Examples() != 2 {
			t.Errorf("%d examples after a record of %d bytes, want 2", s.Examples(), length)
		}
	}
}

// A column that is refused takes no more room.
func TestRefusedTakesNoRoom(t *testing.T) {
	var features, names []string
	for i := range 1000 {
		names = append(names, fmt.Sprint("k", i))
		features = append(features, names[i], intFeature(1))
	}
	q := dataset.Request{
		Sources: []string{datatest.File(t, "d.tfrecord", framed(example(features...))+strings.Repeat(framed(example("k0", intFeature(1))), 1<<14))},
		Columns: map[string]string{"x": strings.Join(names, ",")}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32, 1000)},
	}
	var err error
	took := datatest.Allocated(func() { _, err = datatest.Read(t, q) })
	datatest.WantError(t, err, dataset.ErrUnfit, `record 1: it has no feature "k1"`)
	if took > 64<<20 {
		t.Errorf("%d MiB were allocated", took>>20)
	}
}

func TestBadTFRecord(t *testing.T) {
	x, y := testgraph.Tensor("x", graph.Float32), datatest.Label("y", 3)
	good := example("x", floatFeature(1), "y", intFeature(2))
	whole := framed(good, good)
	flip := func(at int) string {
		b := []byte(whole)
		b[at] ^= 1
		return string(b)
	}
	second := len(whole) / 2
	for _, c := range []struct {
		name, content string
		tensors       []graph.Tensor
		kind          error
		words         []string
	}{
		{"empty", "", []graph.Tensor{x}, dataset.ErrUnfit, []string{"d.tfrecord holds no examples"}},
		{"another file", strings.Repeat("no record ", 9), []graph.Tensor{x}, dataset.ErrUnreadable, []string{"length of record 0 is wrong", "not a TFRecord"}},
		{"length damaged", flip(second), []graph.Tensor{x}, dataset.ErrUnreadable, []string{"length of record 1 is wrong"}},
		{"data damaged", flip(second + 20), []graph.Tensor{x}, dataset.ErrUnreadable, []string{"checksum of record 1 is wrong"}},
		{"cut in the head", whole[:second+5], []graph.Tensor{x}, dataset.ErrUnreadable, []string{"cut short in record 1"}},
		{"cut in the data", whole[:second+20], []graph.Tensor{x}, dataset.ErrUnreadable, []string{"cut short in record 1"}},
		{"cut at the end", whole[:len(whole)-1], []graph.Tensor{x}, dataset.ErrUnreadable, []string{"cut short in record 1"}},
		{"no example", framed(good, "\x0a\xff"), []graph.Tensor{x}, dataset.ErrUnreadable, []string{"record 1", "no", "tf.train.Example"}},
		{"list damaged", framed(good, example("x", message(2, message(1, "\x00\x00\x80")))), []graph.Tensor{x}, dataset.ErrUnreadable, []string{"record 1 holds a list that is damaged"}},
		{"integer damaged", framed(good, example("y", message(3, message(1, "\xff")))), []graph.Tensor{y}, dataset.ErrUnreadable, []string{"record 1 holds a list that is damaged"}},
		{"no such feature", whole, []graph.Tensor{testgraph.Tensor("a", graph.Float32), x, y}, dataset.ErrUnfit, []string{"no column for a", "it holds x, y"}},
		{"feature missing later", framed(good, example("x", floatFeature(1))), []graph.Tensor{x, y}, dataset.ErrUnfit, []string{"record 1", `no feature "y"`}},
		{"feature twice", framed(good, example("x", floatFeature(1), "x", floatFeature(2))), []graph.Tensor{x}, dataset.ErrUnfit, []string{"record 1", "twice"}},
		{"empty list", framed(good, example("x", floatFeature())), []graph.Tensor{x}, dataset.ErrUnfit, []string{"record 1: feature x has no value"}},
		{"no list", framed(good, example("x", "")), []graph.Tensor{x}, dataset.ErrUnfit, []string{"record 1: feature x has no value"}},
		{"another kind", framed(good, example("x", intFeature(1))), []graph.Tensor{x}, dataset.ErrUnfit, []string{"record 1: feature x holds integers, and floating-point numbers in the records before"}},
		{"fractions", framed(example("y", floatFeature(1)), example("y", floatFeature(1.5))), []graph.Tensor{y}, dataset.ErrUnfit, []string{"record 1: feature y has the value 1.5, the graph takes int32"}},
		{"bytes", framed(example("x", bytesFeature("\x00\x00\x80\x3f"))), []graph.Tensor{x}, dataset.ErrUnfit, []string{"holds bytes, the graph takes float32", "tf.io.decode_raw"}},
		{"label", framed(good, example("y", intFeature(3))), []graph.Tensor{y}, dataset.ErrUnfit, []string{"record 1: feature y has the value 3, the graph knows 0 to 2"}},
		{"rows", framed(example("x", floatFeature(1, 2, 3))), []graph.Tensor{testgraph.Tensor("x", graph.Float32, 0, 2)}, dataset.ErrUnfit, []string{"x has 3 values at example 0, the graph takes rows of 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := datatest.Open(t, "d.tfrecord", c.content, c.tensors...)
			datatest.WantError(t, err, c.kind, c.words...)
		})
	}
	s := datatest.MustOpen(t, "d.tfrecord", framed(good, example("x", floatFeature(float32(math.NaN())))), x)
	datatest.WantError(t, s.Fit(datatest.Manifest(x)), dataset.ErrUnfit, "x has the value NaN at example 1")
	_, err := datatest.Open(t, "d.tfrecord.gz", datatest.Gzip(t, whole)[:40], x)
	datatest.WantError(t, err, dataset.ErrUnreadable, "cut short")
}

// A target whose loss leaves missing values out takes NaN.
func TestTFRecordMissing(t *testing.T) {
	y := testgraph.Tensor("y", graph.Float32)
	y.NaN = true
	record := framed(example("y", floatFeature(float32(math.NaN()))))
	s := datatest.MustOpen(t, "d.tfrecord", record, y)
	if v := datatest.Values[float32](s, "y")[0]; v == v {
		t.Errorf("it holds %g, want NaN", v)
	}
}
