package tfrecord

import (
	"encoding/binary"
	"fmt"
)

// Masked is the checksum of records.
var Masked = masked

// Values are what an Example holds under each name: the kind of list, and its values.
func Values(record []byte) (map[string][]string, error) {
	out := map[string][]string{}
	return out, eachFeature(record, func(name []byte, f feature) error {
		all := []string{}
		if f.kind != none {
			all = append(all, [...]string{bytesList: "bytes_list", floatList: "float_list", int64List: "int64_list"}[f.kind])
		}
		values, err := f.written()
		out[string(name)] = append(all, values...)
		if n, failed := f.count(); err == nil && (failed != nil || n != len(values)) {
			return fmt.Errorf("%d values are counted as %d, %v", len(values), n, failed)
		}
		return err
	})
}

func (f feature) written() (out []string, err error) {
	switch f.kind {
	case bytesList:
		err = eachText(f.list, func(text []byte) { out = append(out, fmt.Sprint(text)) })
	case floatList:
		var all []byte
		all, err = appendFloats(nil, f.list)
		for i := 0; i+4 <= len(all); i += 4 {
			out = append(out, fmt.Sprint(binary.LittleEndian.Uint32(all[i:])))
		}
	case int64List:
		var all []int64
		all, err = appendInts(nil, f.list)
		for _, v := range all {
			out = append(out, fmt.Sprint(v))
		}
	}
	return out, err
}
