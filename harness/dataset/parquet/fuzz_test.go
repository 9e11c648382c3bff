package parquet_test

import (
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"

	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// every returns small files of all types, encodings, page versions and codecs.
func every(t testing.TB) []string {
	numbers := []arrow.Field{required("x", arrow.PrimitiveTypes.Int32), nullable("s", arrow.BinaryTypes.String), nullable("f", arrow.PrimitiveTypes.Float64)}
	rows := "["
	for i := range 40 {
		rows += fmt.Sprintf(`%s{"x":%d,"s":"text %d","f":%d}`, map[bool]string{true: "", false: ","}[i == 0], i*i, i%3, i)
	}
	rows += "]"
	var all []string
	for _, version := range []pq.DataPageVersion{pq.DataPageV1, pq.DataPageV2} {
		for _, codec := range []compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Gzip, compress.Codecs.Brotli, compress.Codecs.Zstd, compress.Codecs.Lz4Raw} {
			all = append(all, written(t, rows, numbers, pq.WithDataPageVersion(version), pq.WithCompression(codec), pq.WithStats(false)))
		}
		for _, e := range [][3]pq.Encoding{
			{pq.Encodings.Plain, pq.Encodings.Plain, pq.Encodings.Plain},
			{pq.Encodings.DeltaBinaryPacked, pq.Encodings.DeltaByteArray, pq.Encodings.ByteStreamSplit},
			{pq.Encodings.ByteStreamSplit, pq.Encodings.DeltaLengthByteArray, pq.Encodings.Plain},
		} {
			all = append(all, written(t, rows, numbers, pq.WithDataPageVersion(version), pq.WithDictionaryDefault(false), pq.WithStats(false),
				pq.WithEncodingFor("x", e[0]), pq.WithEncodingFor("s", e[1]), pq.WithEncodingFor("f", e[2])))
		}
		all = append(all, written(t, `[{"x":[1,2],"h":0.5,"d":"1.5","u":1,"b":true,"m":[{"key":"a","value":1}]},{"x":[3],"h":1,"d":"2.5","u":2,"b":false,"m":[]}]`, []arrow.Field{
			nullable("x", arrow.ListOf(arrow.PrimitiveTypes.Int32)), required("h", arrow.FixedWidthTypes.Float16), required("d", &arrow.Decimal128Type{Precision: 30, Scale: 1}),
			required("u", arrow.PrimitiveTypes.Uint64), nullable("b", arrow.FixedWidthTypes.Boolean), nullable("m", arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64)),
		}, pq.WithDataPageVersion(version), pq.WithStats(false)))
	}
	return all
}

func FuzzParquet(f *testing.F) {
	for _, content := range append(every(f), "", delta(f)) {
		f.Add([]byte(content))
	}
	path := datatest.File(f, "d.parquet", "")
	f.Fuzz(func(t *testing.T, content []byte) {
		datatest.Bounded(t, path, string(content))
		datatest.Fuzz(t, path, string(content), testgraph.Tensor("x", graph.Int32, 0), testgraph.Tensor("s", graph.String))
	})
}
