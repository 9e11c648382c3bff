//go:build !linux

package machine

import "errors"

// MemoryGroup limits the memory of processes on Linux.
type MemoryGroup struct{}

// NewMemoryGroup returns an error: this system has no control groups.
func NewMemoryGroup(uint64) (*MemoryGroup, error) {
	return nil, errors.New("this system has no control groups")
}

// Add does nothing.
func (*MemoryGroup) Add(int) error { return nil }

// Kills returns false.
func (*MemoryGroup) Kills() (int64, bool) { return 0, false }

// Kill does nothing.
func (*MemoryGroup) Kill() error { return nil }

// Close does nothing.
func (*MemoryGroup) Close() error { return nil }

// GroupResident returns false.
func GroupResident(int) (uint64, bool) { return 0, false }

// Members knows no processes on this system.
func Members(int) []int { return nil }

func ownResident() (uint64, bool) { return 0, false }

// SacrificeFirst does nothing.
func SacrificeFirst() {}
