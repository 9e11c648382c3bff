// Package tstring writes strings as TensorFlow's C++ reads them: a buffer begins
// with one record per string, which holds a short string itself and points to a
// longer one, behind all records.
//
// TensorFlow has record forms that point without owning, OFFSET and VIEW. They
// are not used: a copy of such a string still points into the buffer, so what a
// graph keeps would change with it.
package tstring

import (
	"encoding/binary"
	"unsafe"
)

// Size is the size of a record in bytes.
const Size = 24

// short is how many bytes a record holds itself (ctstring_internal.h).
const short = 22

// The forms of a record, in the two lowest bits of its first byte.
const (
	small = 0 // TF_TSTR_SMALL
	large = 1 // TF_TSTR_LARGE
)

// Room is how many bytes a string of that length takes behind the records: none
// where its record holds it, otherwise one more, for the zero that ends it.
func Room(size int) int {
	if size <= short {
		return 0
	}
	return size + 1
}

// Put writes string k of a buffer; a long one goes to buffer[at:]. It returns
// where the next long one goes. The buffer is outside Go's memory or pinned, and
// large enough. Nobody but its owner may free the strings, as TensorFlow does
// with those in a tensor that it allocated.
func Put(buffer []byte, k, at int, text []byte) (next int) {
	record := buffer[k*Size:][:Size]
	clear(record)
	if len(text) <= short {
		record[0] = byte(len(text)<<2 | small)
		copy(record[1:], text)
		return at
	}
	place := buffer[at : at+len(text)+1]
	place[copy(place, text)] = 0
	binary.LittleEndian.PutUint64(record, uint64(len(text))<<2|large)
	binary.LittleEndian.PutUint64(record[8:], uint64(len(text)))
	binary.LittleEndian.PutUint64(record[16:], uint64(uintptr(unsafe.Pointer(unsafe.SliceData(place)))))
	return at + len(place)
}

// Move writes n strings of one buffer into another.
func Move(to, from []byte, n int) {
	at := n * Size
	for k := range n {
		at = Put(to, k, at, []byte(Get(from, k)))
	}
}

// Get returns string k of a buffer that Put has written.
func Get(buffer []byte, k int) string {
	record := buffer[k*Size:][:Size]
	if record[0]&3 == small {
		return string(record[1:][:record[0]>>2])
	}
	size := binary.LittleEndian.Uint64(record) >> 2
	at := binary.LittleEndian.Uint64(record[16:]) - uint64(uintptr(unsafe.Pointer(unsafe.SliceData(buffer))))
	return string(buffer[at:][:size])
}
