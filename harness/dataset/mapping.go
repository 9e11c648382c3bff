package dataset

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"
)

// mapping is a part of a file in the address space: its bytes are read when
// they are touched. They stay in the system's page cache as long as there is
// room, but pages that were touched count as the process's own memory too. So
// from a large mapping they are dropped now and then.
type mapping struct {
	file  *file
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
	blockBytes = 2 << 20   // that one touch may bring in: Linux maps the cache's large pages whole
)

// newMapping maps n bytes of f from offset on; file is what errors name. It
// returns those bytes too.
func newMapping(f *os.File, file *file, offset int64, n int) (*mapping, []byte, error) {
	lead := int(offset % int64(os.Getpagesize()))
	all, err := mapFile(f, offset-int64(lead), lead+n)
	if err != nil {
		return nil, nil, fmt.Errorf("mapping it: %w", err)
	}
	return &mapping{file: file, bytes: all, lead: lead, large: len(all) > keepBytes}, all[lead:], nil
}

// holds tells whether an address lies in the mapping.
func (m *mapping) holds(address uintptr) bool {
	first := uintptr(unsafe.Pointer(unsafe.SliceData(m.bytes)))
	return address >= first && address-first < uintptr(len(m.bytes))
}

// touch is called before the n bytes from first on are read. Dropping takes no
// byte away from whoever reads beside it: what is touched again is mapped again.
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

// Shuffled says that examples will be read in a random order. Of a large file
// the system then reads what is asked for, without what lies around it.
func (s *Set) Shuffled() {
	for _, m := range s.mappings {
		if m.large && !m.shuffled.Swap(true) {
			readAlone(m.bytes)
		}
	}
}

// Close gives back what Read mapped, and with it the Data of those columns.
// Nothing may read the set any more: close a feeder or trainer of it first.
func (s *Set) Close() error {
	var errs []error
	for i := range s.columns {
		if c := s.columns[i]; c.mapped != nil {
			c.data, c.mapped = nil, nil
		}
	}
	for _, m := range s.mappings {
		if err := unmap(m.bytes); err != nil {
			errs = append(errs, fmt.Errorf("unmapping %s: %w", m.file.path, err))
		}
	}
	s.mappings = nil
	return errors.Join(errs...)
}
