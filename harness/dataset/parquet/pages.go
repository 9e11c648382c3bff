package parquet

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	pq "github.com/apache/arrow-go/v18/parquet"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// pageReader refuses pages whose claims cannot be, before they lead the decoders to
// allocate what they claim.
type pageReader struct {
	pqfile.PageReader
	column *schema.Column
	values int64 // of the column chunk
	packed bool  // pages of version 2 are compressed, even where they deny it
	err    error
}

// Next implements file.PageReader.
func (r *pageReader) Next() bool {
	if r.err != nil || !r.PageReader.Next() {
		return false
	}
	r.err = r.check(r.Page())
	return r.err == nil
}

// Err implements file.PageReader.
func (r *pageReader) Err() error { return cmp.Or(r.err, r.PageReader.Err()) }

// GetDictionaryPage implements file.PageReader.
func (r *pageReader) GetDictionaryPage() (*pqfile.DictionaryPage, error) {
	page, err := r.PageReader.GetDictionaryPage()
	if err == nil && page != nil {
		err = r.check(page)
	}
	return page, err
}

func (r *pageReader) check(page pqfile.Page) error {
	n := int64(page.NumValues())
	if dictionary, ok := page.(*pqfile.DictionaryPage); ok {
		if size := int64(max(1, minBytes(r.column))); n > int64(len(dictionary.Data()))/size {
			return fmt.Errorf("its dictionary claims %d values in %d bytes", n, len(dictionary.Data()))
		}
		return nil
	}
	if n > r.values {
		return fmt.Errorf("a page claims %d values of %d", n, r.values)
	}
	if p, ok := page.(*pqfile.DataPageV2); ok && r.packed && !p.IsCompressed() {
		return errors.New("its pages of version 2 are as parquet-cpp wrote them before 2.0.0")
	}
	values, ok := r.valuesOf(page)
	switch encoding := pq.Encoding(page.Encoding()); {
	case !ok || len(values) == 0:
		return nil // the library says why, or there is nothing to say
	case encoding == pq.Encodings.DeltaByteArray:
		lengths, err := skipDelta(values)
		if err != nil {
			return err
		}
		_, err = skipDelta(lengths)
		return err
	case encoding == pq.Encodings.DeltaBinaryPacked || encoding == pq.Encodings.DeltaLengthByteArray:
		_, err := skipDelta(values)
		return err
	}
	return nil
}

// minBytes is how many bytes a value takes in a dictionary, at least.
func minBytes(c *schema.Column) int {
	switch c.PhysicalType() {
	case pq.Types.Int64, pq.Types.Double:
		return 8
	case pq.Types.FixedLenByteArray:
		return c.TypeLength()
	}
	return 4
}

// valuesOf returns the bytes of a page after its levels; ok is false where they are
// not in it.
func (r *pageReader) valuesOf(page pqfile.Page) (data []byte, ok bool) {
	data = page.Data()
	switch p := page.(type) {
	case *pqfile.DataPageV2:
		n := int64(p.RepetitionLevelByteLen()) + int64(p.DefinitionLevelByteLen())
		if n < 0 || n > int64(len(data)) {
			return nil, false
		}
		return data[n:], true
	case *pqfile.DataPageV1:
		ok = true
		if m := r.column.MaxRepetitionLevel(); m > 0 {
			data, ok = afterLevels(data, p.RepetitionLevelEncoding(), m, int64(p.NumValues()))
		}
		if m := r.column.MaxDefinitionLevel(); m > 0 && ok {
			data, ok = afterLevels(data, p.DefinitionLevelEncoding(), m, int64(p.NumValues()))
		}
		return data, ok
	}
	return nil, false
}

// afterLevels returns what follows the levels of n values up to a largest one.
func afterLevels(data []byte, encoding pq.Encoding, largest int16, n int64) ([]byte, bool) {
	size := (n*int64(bits.Len16(uint16(largest))) + 7) / 8
	if encoding == pq.Encodings.RLE {
		if len(data) < 4 {
			return nil, false
		}
		size = 4 + int64(binary.LittleEndian.Uint32(data))
	}
	if size > int64(len(data)) {
		return nil, false
	}
	return data[size:], true
}

// maxMiniBlock is the most values that decoders unpack at once. Writers put 32 to 64
// values in a miniblock.
const maxMiniBlock = 1 << 20

// skipDelta returns what follows numbers packed as differences. It returns an error
// if their blocks cannot be.
func skipDelta(data []byte) (rest []byte, err error) {
	damaged := errors.New("its packed numbers are cut short")
	var header [4]uint64 // values in a block, miniblocks in it, values, the first of them
	for i := range header {
		v, n := binary.Uvarint(data)
		if n <= 0 {
			return nil, damaged
		}
		header[i], data = v, data[n:]
	}
	block, minis, left := header[0], header[1], int64(header[2])-1
	if minis == 0 || block/minis > maxMiniBlock || minis > uint64(len(data)) && left > 0 {
		return nil, fmt.Errorf("its packed numbers claim blocks of %d in %d parts", block, minis)
	}
	per := int64(block / minis)
	for left > 0 && per > 0 {
		_, n := binary.Uvarint(data)
		if n <= 0 || len(data)-n < int(minis) {
			return nil, damaged
		}
		widths := data[n:][:minis]
		data = data[n+int(minis):]
		for _, width := range widths {
			size := per * int64(width) / 8
			switch {
			case left <= 0:
				continue
			case size > int64(len(data)):
				return nil, damaged
			}
			data = data[size:]
			left -= per
		}
	}
	return data, nil
}
