package graph

import (
	"encoding/binary"
	"unsafe"
)

// shortString is how many bytes a record holds itself (ctstring_internal.h).
const shortString = 22

// StringRoom is how many bytes a string takes behind the records of a buffer:
// none where its record holds it, else with the zero that ends it.
func StringRoom(size int) int {
	if size <= shortString {
		return 0
	}
	return size + 1
}

// PutString writes record k of a buffer of strings as TensorFlow's C++ reads
// them: a short string in the record itself, a longer one at buffer[at:], where
// the record points. It returns where the next one goes. The buffer lies outside
// Go's memory or is pinned; nobody but its owner may end the strings, as
// TensorFlow does to those in a tensor that it allocated.
//
// TensorFlow has forms that point without owning, OFFSET and VIEW. A copy of such
// a string still points here: what a graph keeps would change with the buffer.
func PutString(buffer []byte, k, at int, text []byte) (next int) {
	record := buffer[k*dtypeSizes[String]:][:dtypeSizes[String]]
	clear(record)
	if len(text) <= shortString {
		record[0] = byte(len(text) << 2) // TF_TSTR_SMALL
		copy(record[1:], text)
		return at
	}
	place := buffer[at : at+len(text)+1]
	place[copy(place, text)] = 0
	binary.LittleEndian.PutUint64(record, uint64(len(text))<<2|1) // TF_TSTR_LARGE
	binary.LittleEndian.PutUint64(record[8:], uint64(len(text)))
	binary.LittleEndian.PutUint64(record[16:], uint64(uintptr(unsafe.Pointer(unsafe.SliceData(place)))))
	return at + len(place)
}

// MoveStrings writes n strings of one buffer into another.
func MoveStrings(to, from []byte, n int) {
	at := n * dtypeSizes[String]
	for k := range n {
		at = PutString(to, k, at, []byte(GetString(from, k)))
	}
}

// GetString reads record k of a buffer that PutString has written.
func GetString(buffer []byte, k int) string {
	record := buffer[k*dtypeSizes[String]:][:dtypeSizes[String]]
	if record[0]&3 == 0 {
		return string(record[1:][:record[0]>>2])
	}
	size := binary.LittleEndian.Uint64(record) >> 2
	at := binary.LittleEndian.Uint64(record[16:]) - uint64(uintptr(unsafe.Pointer(unsafe.SliceData(buffer))))
	return string(buffer[at:][:size])
}
