package dataset

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"
)

// mapping is a part of a file in the address space, whose bytes are read when they
// are touched. The system's page cache keeps them while there is room, but pages
// that were touched count as the process's memory too. So a large mapping drops
// them now and then.
type mapping struct {
	path  string // of the file, for messages; empty for a scratch file
	bytes []byte
	lead  int // bytes before the data
	large bool

	shuffled atomic.Bool
	last     atomic.Int64 // block that was touched last
	count    atomic.Int64 // blocks that were touched since they were dropped
}

const (
	keepBytes  = 256 << 20 // a mapping up to this size is never dropped
	dropBytes  = 64 << 20  // larger ones are dropped when so much was touched
	blockBytes = 2 << 20   // the most that one touch brings in: Linux maps the cache's large pages whole
)

// newMapping maps n bytes of f from offset on and returns them too.
func newMapping(f *os.File, path string, offset int64, n int) (*mapping, []byte, error) {
	lead := int(offset % int64(os.Getpagesize()))
	all, err := mapFile(f, offset-int64(lead), lead+n)
	if err != nil {
		return nil, nil, fmt.Errorf("mapping it: %w", err)
	}
	return &mapping{path: path, bytes: all, lead: lead, large: len(all) > keepBytes}, all[lead:], nil
}

// holds reports whether an address is in the mapping.
func (m *mapping) holds(address uintptr) bool {
	first := uintptr(unsafe.Pointer(unsafe.SliceData(m.bytes)))
	return address >= first && address-first < uintptr(len(m.bytes))
}

// touch is called before the n bytes from first on are read. Dropping takes no
// bytes from other readers: what is touched again is mapped again.
func (m *mapping) touch(first, n int) {
	if m == nil || !m.large {
		return
	}
	from, to := int64(first/blockBytes), int64((first+n)/blockBytes)
	blocks := to - from + 1
	if m.last.Swap(to) == from {
		blocks--
	}
	if m.count.Add(blocks) > dropBytes/blockBytes {
		m.count.Store(blocks)
		drop(m.bytes)
	}
	if m.shuffled.Load() {
		page := os.Getpagesize()
		prefetch(m.bytes[(m.lead+first)/page*page : m.lead+first+n])
	}
}

// Shuffled announces that examples will be read in a random order. The system then
// reads only what is asked for of a large file, without what is around it.
func (s *Set) Shuffled() {
	if s == nil {
		return
	}
	for _, m := range s.mappings {
		if m.large && !m.shuffled.Swap(true) {
			readAlone(m.bytes)
		}
	}
}

// Close releases mapped files, and with them the bytes of those columns. Nothing
// may read the set any more: close a feeder or trainer of it first. Closing again
// does nothing.
func (s *Set) Close() error {
	if s == nil {
		return nil
	}
	var errs []error
	for _, c := range s.columns {
		if c.mapped != nil {
			c.data, c.mapped = nil, nil
		}
	}
	for _, m := range s.mappings {
		if err := unmap(m.bytes); err != nil {
			errs = append(errs, fmt.Errorf("unmapping %s: %w", m.path, err))
		}
	}
	s.mappings = nil
	return errors.Join(errs...)
}
