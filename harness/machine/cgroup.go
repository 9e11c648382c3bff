package machine

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// limits returns the lowest limits of this process's control group and those above
// it, version 1 or 2: cores, and bytes of memory. 0 is no limit.
func limits(root string) (cores float64, memory uint64) {
	for _, dir := range groups(root, "cpu") {
		if quota, period, ok := cpuQuota(dir); ok && (cores == 0 || quota/period < cores) {
			cores = quota / period
		}
	}
	for _, dir := range groups(root, "memory") {
		for _, name := range []string{"memory.max", "memory.limit_in_bytes"} {
			limit, ok := number(filepath.Join(dir, name))
			// Version 1 writes a number near 2^63 for no limit.
			if ok && limit < math.MaxInt64/2 && (memory == 0 || uint64(limit) < memory) {
				memory = uint64(limit)
			}
		}
	}
	return cores, memory
}

func cpuQuota(dir string) (quota, period float64, ok bool) {
	if text, err := os.ReadFile(filepath.Join(dir, "cpu.max")); err == nil {
		fields := strings.Fields(string(text))
		if len(fields) != 2 {
			return 0, 0, false
		}
		quota, err1 := strconv.ParseFloat(fields[0], 64)
		period, err2 := strconv.ParseFloat(fields[1], 64)
		return quota, period, err1 == nil && err2 == nil && quota > 0 && period > 0
	}
	quota, ok1 := number(filepath.Join(dir, "cpu.cfs_quota_us"))
	period, ok2 := number(filepath.Join(dir, "cpu.cfs_period_us"))
	return quota, period, ok1 && ok2 && quota > 0 && period > 0
}

// OOMKills returns how often the kernel has killed a process of this control group
// for lack of memory, and false if there is no counter.
func OOMKills() (int64, bool) { return oomKills("/") }

func oomKills(root string) (int64, bool) {
	for _, dir := range groups(root, "memory") {
		if n, ok := killsOf(dir); ok {
			return n, true
		}
	}
	return 0, false
}

// killsOf reads the out-of-memory counter of one group.
func killsOf(dir string) (int64, bool) {
	for _, name := range []string{"memory.events", "memory.oom_control"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if value, ok := strings.CutPrefix(line, "oom_kill "); ok {
				n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
				return n, err == nil
			}
		}
	}
	return 0, false
}

// groups returns the folders of this process's control group for a controller and of
// the groups above it, up to the root.
func groups(root, controller string) []string {
	text, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		return nil
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		base := filepath.Join(root, "sys/fs/cgroup")
		if parts[1] != "" { // version 1: one hierarchy per controller
			if !strings.Contains(","+parts[1]+",", ","+controller+",") {
				continue
			}
			base = filepath.Join(base, controller)
		}
		for at := filepath.Clean("/" + parts[2]); ; at = filepath.Dir(at) {
			out = append(out, filepath.Join(base, at))
			if at == "/" {
				break
			}
		}
	}
	return out
}

func number(path string) (float64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	return v, err == nil
}
