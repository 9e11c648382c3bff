package tfrecord

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// eachRun calls do with the values of a list, its field 1: with those that are
// packed together, or with one that has the type alone.
func eachRun(list []byte, alone protowire.Type, do func(values []byte) error) error {
	for len(list) > 0 {
		f, rest, err := next(list)
		if err != nil {
			return err
		}
		list = rest
		if f.nested(1) || f.number == 1 && f.wire == alone {
			if err := do(f.value); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendFloats appends the numbers of a floatList as they are, 4 bytes each.
func appendFloats(to, list []byte) ([]byte, error) {
	err := eachRun(list, protowire.Fixed32Type, func(values []byte) error {
		if len(values)%4 != 0 {
			return errExample
		}
		to = append(to, values...)
		return nil
	})
	return to, err
}

// appendInts appends the numbers of an int64List.
func appendInts(to []int64, list []byte) ([]int64, error) {
	err := eachRun(list, protowire.VarintType, func(values []byte) error {
		n := len(to)
		to = slices.Grow(to, len(values))[:n+len(values)]
		k, err := varints(to[n:], values)
		to = to[:n+k]
		return err
	})
	return to, err
}

// varints decodes numbers, and returns how many there are. to has room for as many
// as there are bytes.
func varints(to []int64, b []byte) (n int, err error) {
	for i := 0; i < len(b); n++ {
		v := uint64(b[i])
		i++
		if v >= 0x80 {
			v &= 0x7f
			for shift, more := 7, true; more; shift += 7 {
				if i == len(b) || shift > 63 {
					return n, errExample
				}
				v |= uint64(b[i]&0x7f) << shift
				more = b[i] >= 0x80
				i++
			}
		}
		to[n] = int64(v)
	}
	return n, nil
}

// eachText calls do with the strings of a bytesList.
func eachText(list []byte, do func(text []byte)) error {
	return eachRun(list, protowire.BytesType, func(text []byte) error {
		do(text)
		return nil
	})
}

// count is how many values the feature has.
func (f feature) count() (n int, err error) {
	alone, count := protowire.BytesType, func([]byte) int { return 1 }
	switch f.kind {
	case floatList:
		alone, count = protowire.Fixed32Type, func(values []byte) int { return len(values) / 4 }
	case int64List:
		alone, count = protowire.VarintType, ends
	}
	err = eachRun(f.list, alone, func(values []byte) error {
		n += count(values)
		return nil
	})
	return n, err
}

// ends is how many varints there are: the last byte of each is below 0x80.
func ends(values []byte) int {
	n := 0
	for _, v := range values {
		n += int(v>>7 ^ 1)
	}
	return n
}
