package dataset

import (
	"bytes"
	"encoding/binary"
	"epochtime/harness/graph"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// stringType takes NumPy's types of strings apart: |S8 is 8 bytes, <U8 are 8
// characters of 4 bytes each.
func stringType(descr string) (size int, wide, ok bool) {
	if len(descr) < 3 || descr[:2] != "|S" && descr[:2] != "<U" {
		return 0, false, false
	}
	n, err := strconv.Atoi(descr[2:])
	if err != nil || n < 1 || n > maxHeader {
		return 0, false, false
	}
	wide = descr[1] == 'U'
	if wide {
		n *= 4
	}
	return n, wide, true
}

// unpackStrings reads n strings, each padded with zeros to size bytes, into the
// column: without the zeros, and in UTF-8.
func (r *reader) unpackStrings(c *Column, body io.Reader, n, size int, wide bool) error {
	data, ends := &tape{r: r}, &tape{r: r}
	defer data.close()
	defer ends.close()
	if err := ends.append(intBytes([]int{0})); err != nil {
		return err
	}
	one := make([]byte, size)
	p := &Part{}
	for k := range n {
		if got, err := io.ReadFull(body, one); err != nil {
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				return short(int64(k*size+got), n*size)
			}
			return err
		}
		p.Data = appendString(p.Data, one, wide)
		p.Ends = append(p.Ends, data.n+len(p.Data))
		if len(p.Data) < chunkBytes && len(p.Ends) < batchValues && k < n-1 {
			continue
		}
		if err := data.append(p.Data); err != nil {
			return err
		}
		if err := ends.append(intBytes(p.Ends)); err != nil {
			return err
		}
		p.Data, p.Ends = p.Data[:0], p.Ends[:0]
	}
	if err := drain(body); err != nil {
		return err
	}
	bounds, _, err := ends.finish()
	if err != nil {
		return err
	}
	c.bounds = graph.View[int](bounds)
	if c.data, c.mapped, err = data.finish(); err != nil {
		return fmt.Errorf("its strings: %w", err)
	}
	return nil
}

// appendString adds a string without the zeros that pad it.
func appendString(to, padded []byte, wide bool) []byte {
	if !wide {
		return append(to, bytes.TrimRight(padded, "\x00")...)
	}
	last := len(padded)
	for last >= 4 && binary.LittleEndian.Uint32(padded[last-4:]) == 0 {
		last -= 4
	}
	for i := 0; i < last; i += 4 {
		to = utf8.AppendRune(to, rune(binary.LittleEndian.Uint32(padded[i:])))
	}
	return to
}
