package process

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// Boot returns what identifies this machine since it was started, with the processes and
// the files that this program sees of it, which are others in a container; "" where the
// system does not tell.
func Boot() string {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	processes, _ := os.Readlink("/proc/self/ns/pid") // "" for all who cannot tell
	files, _ := os.Readlink("/proc/self/ns/mnt")
	return strings.Join([]string{strings.TrimSpace(string(text)), processes, files}, " ")
}

// Descends reports whether this process descends from another one, as far as the system
// tells: else, whether that one started it.
func Descends(from int) bool {
	for pid, seen := os.Getppid(), 0; pid > 0 && seen < 64; seen++ {
		if pid == from {
			return true
		}
		pid = parentOf(pid)
	}
	return false
}

// parentOf returns the process that started another one, 0 where that is not known.
func parentOf(pid int) int {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	after := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // the name may have spaces
	if len(after) < 2 {
		return 0
	}
	parent, err := strconv.Atoi(string(after[1]))
	if err != nil {
		return 0
	}
	return parent
}
