package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// MemoryGroup is a control group, version 1 or 2, that limits the memory of its
// processes.
type MemoryGroup struct{ dir string }

var memoryGroups atomic.Int64 // how many this process has made

// NewMemoryGroup makes a control group below this process's own that may hold limit
// bytes of memory, without swap if that can be turned off. The process needs
// permission to write to the file system of control groups.
func NewMemoryGroup(limit uint64) (*MemoryGroup, error) { return newMemoryGroup("/", limit) }

func newMemoryGroup(root string, limit uint64) (*MemoryGroup, error) {
	own := groups(root, "memory")
	if len(own) == 0 {
		return nil, errors.New("making a memory control group: this system has none")
	}
	// The limits of this process's own group apply below it.
	dir := filepath.Join(own[0], fmt.Sprintf("epochtime-%d-%d", os.Getpid(), memoryGroups.Add(1)))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making a memory control group: %w", err)
	}
	if err := setLimit(dir, limit); err != nil {
		_ = os.Remove(dir) // it is empty
		return nil, fmt.Errorf("limiting a memory control group: %w", err)
	}
	return &MemoryGroup{dir}, nil
}

// setLimit sets the limit of a group and turns its swap off.
func setLimit(dir string, limit uint64) error {
	text := []byte(strconv.FormatUint(limit, 10))
	existing := os.O_WRONLY // without O_CREATE: the kernel makes these files
	if err := writeTo(filepath.Join(dir, "memory.max"), existing, text); err == nil {
		_ = writeTo(filepath.Join(dir, "memory.swap.max"), existing, []byte("0")) // there may be no swap
		return nil
	}
	if err := writeTo(filepath.Join(dir, "memory.limit_in_bytes"), existing, text); err != nil {
		return err
	}
	_ = writeTo(filepath.Join(dir, "memory.memsw.limit_in_bytes"), existing, text) // exists only where swap is counted
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

// Add adds a process to the group, and what the process starts from then on.
func (g *MemoryGroup) Add(pid int) error {
	if err := writeTo(filepath.Join(g.dir, "cgroup.procs"), os.O_WRONLY, []byte(strconv.Itoa(pid))); err != nil {
		return fmt.Errorf("adding a process to a memory control group: %w", err)
	}
	return nil
}

// Kills returns how many processes of the group the kernel has killed for lack of
// memory, and false where that is not known.
func (g *MemoryGroup) Kills() (int64, bool) { return killsOf(g.dir) }

// Kill kills all processes of the group, also those that left the process group in
// which they were started.
func (g *MemoryGroup) Kill() error {
	if writeTo(filepath.Join(g.dir, "cgroup.kill"), os.O_WRONLY, []byte("1")) == nil {
		return nil
	}
	for range 20 { // version 1: they may start others meanwhile
		text, err := os.ReadFile(filepath.Join(g.dir, "cgroup.procs"))
		if err != nil {
			return fmt.Errorf("ending a memory control group: %w", err)
		}
		pids := strings.Fields(string(text))
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			if n, err := strconv.Atoi(pid); err == nil && n > 0 {
				_ = syscall.Kill(n, syscall.SIGKILL) // it may have ended
			}
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

// Close removes the group, whose processes must have ended. It retries for a short
// time, because the kernel may not have noticed that yet.
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

// GroupResident returns how many bytes of memory the processes of a process group
// hold, and false if there is no such group. Files that they map, such as
// TensorFlow's library, are not counted, as in a control group.
func GroupResident(group int) (uint64, bool) { return groupResident("/proc", group) }

func groupResident(proc string, group int) (uint64, bool) {
	var pages uint64
	found := false
	for _, pid := range members(proc, group) {
		if n, ok := ownPages(filepath.Join(proc, strconv.Itoa(pid), "statm")); ok {
			pages, found = pages+n, true
		}
	}
	return pages * uint64(os.Getpagesize()), found
}

// Members returns the processes of a process group; nil where they are not known.
func Members(group int) []int { return members("/proc", group) }

func members(proc string, group int) []int {
	stats, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "stat")) // the pattern is valid
	var out []int
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// The name in parentheses may contain anything. proc_pid_stat(5) counts fields from 1.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		const processGroup = 5 - 3
		if len(fields) <= processGroup || fields[processGroup] != strconv.Itoa(group) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			out = append(out, pid)
		}
	}
	return out
}

// ownResident returns how many bytes of memory this process holds that belong to no file.
func ownResident() (uint64, bool) {
	pages, ok := ownPages("/proc/self/statm")
	return pages * uint64(os.Getpagesize()), ok
}

// ownPages returns how many resident pages of a process belong to no file
// (proc_pid_statm(5)).
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

// sacrifice is the out-of-memory score of a worker (proc(5)); 1000 is the highest.
const sacrifice = 500

// SacrificeFirst makes the kernel kill this process before others when memory runs
// out. It does nothing where that cannot be set.
func SacrificeFirst() {
	const path = "/proc/self/oom_score_adj"
	text, err := os.ReadFile(path)
	if now, bad := strconv.Atoi(strings.TrimSpace(string(text))); err != nil || bad != nil || now >= sacrifice {
		return
	}
	_ = writeTo(path, os.O_WRONLY, []byte(strconv.Itoa(sacrifice))) // optional
}
