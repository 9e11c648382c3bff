package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// MemoryGroup is a control group, version 1 or 2, that limits the memory of the
// processes in it.
type MemoryGroup struct{ dir string }

var memoryGroups atomic.Int64 // made by this process

// NewMemoryGroup makes a group below this process's own that may take limit
// bytes, swap not counted where it can be kept off. It takes the right to write
// in the control groups' file system.
func NewMemoryGroup(limit uint64) (*MemoryGroup, error) { return newMemoryGroup("/", limit) }

func newMemoryGroup(root string, limit uint64) (*MemoryGroup, error) {
	own := groups(root, "memory")
	if len(own) == 0 {
		return nil, errors.New("making a memory control group: there are none here")
	}
	// Below this process's own group and nowhere else: its limits stay in force.
	dir := filepath.Join(own[0], fmt.Sprintf("epochtime-%d-%d", os.Getpid(), memoryGroups.Add(1)))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making a memory control group: %w", err)
	}
	if err := setLimit(dir, limit); err != nil {
		_ = os.Remove(dir) // of no use
		return nil, fmt.Errorf("limiting a memory control group: %w", err)
	}
	return &MemoryGroup{dir}, nil
}

// setLimit writes the limit, and keeps the group from swapping past it.
func setLimit(dir string, limit uint64) error {
	text := []byte(strconv.FormatUint(limit, 10))
	existing := os.O_WRONLY // a file that is not there is not the kernel's
	if err := writeTo(filepath.Join(dir, "memory.max"), existing, text); err == nil {
		_ = writeTo(filepath.Join(dir, "memory.swap.max"), existing, []byte("0")) // there may be no swap
		return nil
	}
	if err := writeTo(filepath.Join(dir, "memory.limit_in_bytes"), existing, text); err != nil {
		return err
	}
	_ = writeTo(filepath.Join(dir, "memory.memsw.limit_in_bytes"), existing, text) // only where swap is counted
	return nil
}

func writeTo(path string, flags int, text []byte) error {
	f, err := os.OpenFile(path, flags, 0)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// Add puts a process into the group; what it starts from then on is in it too.
func (g *MemoryGroup) Add(pid int) error {
	if err := writeTo(filepath.Join(g.dir, "cgroup.procs"), os.O_WRONLY, []byte(strconv.Itoa(pid))); err != nil {
		return fmt.Errorf("adding a process to a memory control group: %w", err)
	}
	return nil
}

// Kills is how many processes of the group the kernel has killed for want of
// memory; false where it does not say.
func (g *MemoryGroup) Kills() (int64, bool) { return killsOf(g.dir) }

// Close removes the group. Its processes must have ended; the kernel may take a
// moment to notice.
func (g *MemoryGroup) Close() error {
	var err error
	for range 20 {
		if err = os.Remove(g.dir); err == nil || errors.Is(err, os.ErrNotExist) {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return fmt.Errorf("removing a memory control group: %w", err)
}

// GroupResident is the memory, in bytes, that the processes of a process group
// hold; false where there is none. As with a control group, files that they map,
// TensorFlow's library among them, do not count.
func GroupResident(group int) (uint64, bool) { return groupResident("/proc", group) }

func groupResident(proc string, group int) (uint64, bool) {
	stats, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "stat")) // the pattern is whole
	var pages uint64
	found := false
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// The name in parentheses may hold anything; proc_pid_stat(5) numbers from 1.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		const processGroup = 5 - 3
		if len(fields) <= processGroup || fields[processGroup] != strconv.Itoa(group) {
			continue
		}
		if n, ok := ownPages(filepath.Join(filepath.Dir(path), "statm")); ok {
			pages, found = pages+n, true
		}
	}
	return pages * uint64(os.Getpagesize()), found
}

// ownPages are a process's resident pages that are of no file (proc_pid_statm(5)).
func ownPages(statm string) (uint64, bool) {
	text, err := os.ReadFile(statm)
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 3 {
		return 0, false
	}
	resident, err1 := strconv.ParseUint(fields[1], 10, 64)
	shared, err2 := strconv.ParseUint(fields[2], 10, 64)
	return resident - shared, err1 == nil && err2 == nil && shared <= resident
}

// sacrifice is the out-of-memory score of a worker, of at most 1000 (proc(5)).
const sacrifice = 500

// SacrificeFirst makes this process one that the kernel kills before others when
// memory runs out. It does nothing where that cannot be set.
func SacrificeFirst() {
	const path = "/proc/self/oom_score_adj"
	text, err := os.ReadFile(path)
	if now, bad := strconv.Atoi(strings.TrimSpace(string(text))); err != nil || bad != nil || now >= sacrifice {
		return
	}
	_ = writeTo(path, os.O_WRONLY, []byte(strconv.Itoa(sacrifice))) // a kindness, not a need
}
