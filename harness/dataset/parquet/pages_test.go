package parquet

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

func packed(numbers ...uint64) []byte {
	var out []byte
	for _, n := range numbers {
		out = binary.AppendUvarint(out, n)
	}
	return out
}

// What packed numbers claim is found before a decoder allocates it.
func TestPackedNumbers(t *testing.T) {
	whole := append(packed(128, 4, 65, 7, 2), 3, 0, 8, 1) // 64 differences in two parts, of 3 bits and of none
	for _, c := range []struct {
		name  string
		data  []byte
		rest  string
		words string
	}{
		{"one number", append(packed(128, 4, 1, 7), "rest"...), "rest", ""},
		{"all parts", append(append(bytes.Clone(whole), make([]byte, 32*3/8)...), "rest"...), "rest", ""},
		{"cut short", whole, "", "cut short"},
		{"no header", packed(128), "", "cut short"},
		{"vast blocks", append(packed(1<<31, 1, 9, 7), 0), "", "claim blocks of 2147483648 in 1 parts"},
		{"vast parts", append(packed(1<<31, 1<<26, 9, 7), 0), "", "claim blocks"},
		{"no parts", packed(128, 0, 9, 7), "", "claim blocks"},
	} {
		rest, err := skipDelta(c.data)
		if c.words == "" && (err != nil || string(rest) != c.rest) || c.words != "" && (err == nil || !strings.Contains(err.Error(), c.words)) {
			t.Errorf("%s: %q is left, %v", c.name, rest, err)
		}
	}
}

// A page that claims more than it can hold is refused.
func TestPageClaims(t *testing.T) {
	text := column1(t, schema.NewByteArrayNode("x", pq.Repetitions.Required, -1))
	page := func(n int32, encoding pq.Encoding, data []byte) pqfile.Page {
		buffer := memory.NewBufferBytes(data)
		if encoding == pq.Encodings.PlainDict {
			return pqfile.NewDictionaryPage(buffer, n, encoding)
		}
		return pqfile.NewDataPageV2(buffer, n, 0, n, encoding, 0, 0, int32(len(data)), false)
	}
	old := pageReader{column: text, values: 10, packed: true}
	for _, c := range []struct {
		reader pageReader
		page   pqfile.Page
		words  string
	}{
		{pageReader{column: text}, page(2, pq.Encodings.PlainDict, make([]byte, 8)), ""},
		{pageReader{column: text}, page(1<<30, pq.Encodings.PlainDict, make([]byte, 8)), "its dictionary claims 1073741824 values in 8 bytes"},
		{pageReader{column: text, values: 10}, page(11, pq.Encodings.Plain, nil), "a page claims 11 values of 10"},
		{pageReader{column: text, values: 10}, page(10, pq.Encodings.DeltaLengthByteArray, packed(1<<31, 1, 9, 7)), "claim blocks"},
		{pageReader{column: text, values: 10}, page(10, pq.Encodings.DeltaByteArray, append(packed(128, 4, 1, 0), packed(1<<31, 1, 9, 7)...)), "claim blocks"},
		{old, page(10, pq.Encodings.Plain, nil), "parquet-cpp"},
	} {
		err := c.reader.check(c.page)
		if c.words == "" && err != nil || c.words != "" && (err == nil || !strings.Contains(err.Error(), c.words)) {
			t.Errorf("the error is %v, want %q", err, c.words)
		}
	}
}

// column1 is the column of a schema of one leaf.
func column1(t *testing.T, n schema.Node) *schema.Column {
	t.Helper()
	root, err := schema.NewGroupNode("schema", pq.Repetitions.Required, schema.FieldList{n}, -1)
	if err != nil {
		t.Fatal(err)
	}
	return schema.NewSchema(root).Column(0)
}

// LZ4 is read as Hadoop writes it, in blocks, and as others write it, plain. An empty
// page of Snappy is empty.
func TestCodecs(t *testing.T) {
	text := bytes.Repeat([]byte("some text, "), 50)
	block := codec(compress.Codecs.Lz4Raw).Encode(nil, text)
	sizes := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(len(text))), uint32(len(block)))
	hadoop := append(sizes, block...)
	for _, c := range []struct {
		codec     compress.Compression
		src, want []byte
	}{
		{compress.Codecs.Lz4, block, text},
		{compress.Codecs.Lz4, append(bytes.Clone(hadoop), hadoop...), append(bytes.Clone(text), text...)},
		{compress.Codecs.Snappy, nil, []byte{}},
	} {
		got, err := compress.Decode(codec(c.codec), make([]byte, len(c.want)), c.src)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %d bytes, %v; want %d", c.codec, len(got), err, len(c.want))
		}
	}
	if got, err := compress.Decode(codec(compress.Codecs.Lz4), make([]byte, 10), hadoop); err == nil {
		t.Errorf("%d bytes of a block of more", len(got))
	}
}
