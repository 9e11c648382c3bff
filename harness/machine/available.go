package machine

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v4/mem"
)

// Available returns how many bytes of memory this process can take before the system
// or its control group runs out, and false where that is not known.
func Available() (uint64, bool) {
	v, err := mem.VirtualMemory()
	if err != nil || v.Total == 0 {
		return 0, false
	}
	return min(v.Available, groupRoom("/")), true
}

// groupRoom returns the least free memory, in bytes, of the control group and those
// above it. The page cache counts as free, because the kernel releases it.
func groupRoom(root string) uint64 {
	room := uint64(math.MaxUint64)
	for _, dir := range groups(root, "memory") {
		for _, files := range [][3]string{
			{"memory.max", "memory.current", "inactive_file "},
			{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "},
		} {
			limit, ok1 := number(filepath.Join(dir, files[0]))
			used, ok2 := number(filepath.Join(dir, files[1]))
			if !ok1 || !ok2 || limit >= math.MaxInt64/2 {
				continue
			}
			used = max(0, used-field(filepath.Join(dir, "memory.stat"), files[2]))
			room = min(room, uint64(max(0, limit-used)))
		}
	}
	return room
}

// field returns the number after a name at the start of a line, or 0 without one.
func field(path, name string) float64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name); ok {
			v, _ := strconv.ParseFloat(strings.TrimSpace(value), 64) // 0 if it is not a number
			return v
		}
	}
	return 0
}
