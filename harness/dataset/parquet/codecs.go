package parquet

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow-go/v18/parquet/compress"
)

// The library lacks the codec LZ4, and takes a page without any values for damage.
func init() {
	compress.RegisterCodec(compress.Codecs.Lz4, hadoopLZ4{codec(compress.Codecs.Lz4Raw)})
	compress.RegisterCodec(compress.Codecs.Snappy, emptySnappy{codec(compress.Codecs.Snappy)})
}

func codec(c compress.Compression) compress.Codec {
	found, err := compress.GetCodec(c)
	if err != nil {
		panic(err) // the library always has them
	}
	return found
}

// emptySnappy is Snappy, in which nothing is compressed to nothing.
type emptySnappy struct{ compress.Codec }

func (c emptySnappy) DecodeWithError(dst, src []byte) ([]byte, error) {
	if len(src) == 0 {
		return dst[:0], nil
	}
	return compress.Decode(c.Codec, dst, src)
}

// hadoopLZ4 reads the codec LZ4 as Hadoop wrote it: blocks, each after its sizes. Other
// writers left the sizes out.
type hadoopLZ4 struct{ compress.Codec }

var errNotHadoop = errors.New("it has no blocks of LZ4")

func (c hadoopLZ4) DecodeWithError(dst, src []byte) ([]byte, error) {
	if out, err := c.blocks(dst, src); err == nil {
		return out, nil
	}
	return compress.Decode(c.Codec, dst, src)
}

func (c hadoopLZ4) blocks(dst, src []byte) ([]byte, error) {
	n := 0
	for len(src) > 0 {
		if len(src) < 8 {
			return nil, errNotHadoop
		}
		size, packed := int64(binary.BigEndian.Uint32(src)), int64(binary.BigEndian.Uint32(src[4:]))
		src = src[8:]
		if packed > int64(len(src)) || size > int64(len(dst)-n) {
			return nil, errNotHadoop
		}
		out, err := compress.Decode(c.Codec, dst[n:n+int(size)], src[:packed])
		if err != nil || int64(len(out)) != size {
			return nil, errNotHadoop
		}
		n += int(size)
		src = src[packed:]
	}
	return dst[:n], nil
}
