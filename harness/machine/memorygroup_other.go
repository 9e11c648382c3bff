//go:build !linux

package machine

import "errors"

// MemoryGroup limits the memory of processes. Only Linux has it.
type MemoryGroup struct{}

// NewMemoryGroup returns an error: there are no control groups here.
func NewMemoryGroup(uint64) (*MemoryGroup, error) {
	return nil, errors.New("memory control groups are Linux's")
}

// Add does nothing.
func (*MemoryGroup) Add(int) error { return nil }

// Kills knows nothing.
func (*MemoryGroup) Kills() (int64, bool) { return 0, false }

// Close does nothing.
func (*MemoryGroup) Close() error { return nil }

// GroupResident knows nothing.
func GroupResident(int) (uint64, bool) { return 0, false }

// SacrificeFirst does nothing.
func SacrificeFirst() {}
