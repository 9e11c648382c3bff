package machine

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v4/cpu"

	"epochtime/harness/record"
)

// topology counts sockets, cores, NUMA nodes and caches of the whole machine. list is
// what /proc/cpuinfo has, for where a container hides /sys.
func (s system) topology(m *record.Machine, list []cpu.InfoStat) {
	sockets, cores, logical := map[string]bool{}, map[string]bool{}, 0
	for _, dir := range s.list("sys/devices/system/cpu/cpu[0-9]*/topology") {
		siblings := s.text(dir, "core_cpus_list")
		if siblings == "" { // before Linux 5.3
			siblings = s.text(dir, "thread_siblings_list")
		}
		if siblings == "" {
			continue
		}
		logical++
		cores[siblings] = true
		if socket := s.text(dir, "physical_package_id"); socket != "" && socket != "-1" {
			sockets[socket] = true
		}
	}
	if logical == 0 {
		logical = len(list)
		for _, c := range list {
			if c.PhysicalID == "" || c.CoreID == "" {
				continue
			}
			sockets[c.PhysicalID] = true
			cores[c.PhysicalID+" "+c.CoreID] = true
		}
	}
	m.LogicalCores, m.PhysicalCores, m.Sockets = logical, len(cores), len(sockets)
	m.NUMANodes = len(s.list("sys/devices/system/node/node[0-9]*"))
	m.Caches = s.caches()
}

// caches returns the kinds of cache, those nearest to a core first. Each cache is counted
// at the first of the cores that share it.
func (s system) caches() []record.Cache {
	var out []record.Cache
	for _, dir := range s.list("sys/devices/system/cpu/cpu[0-9]*/cache/index[0-9]*") {
		if !s.first(dir) {
			continue
		}
		level, err := strconv.Atoi(s.text(dir, "level"))
		c := record.Cache{Level: level, Kind: strings.ToLower(s.text(dir, "type")), Bytes: cacheSize(s.text(dir, "size"))}
		if err != nil || c.Bytes == 0 {
			continue
		}
		i := slices.IndexFunc(out, func(have record.Cache) bool {
			return have.Level == c.Level && have.Kind == c.Kind && have.Bytes == c.Bytes
		})
		if i < 0 {
			i, out = len(out), append(out, c)
		}
		out[i].Count++
	}
	slices.SortStableFunc(out, func(a, b record.Cache) int { return a.Level - b.Level })
	return out
}

// first reports whether a cache's folder, as in cpu/cpu7/cache/index3, is that of the
// first core that shares it, or of a core that is not known to share it.
func (s system) first(dir string) bool {
	shared := s.text(dir, "shared_cpu_list")
	number := strings.IndexFunc(shared, func(r rune) bool { return r < '0' || r > '9' })
	if number >= 0 {
		shared = shared[:number]
	}
	return shared == "" || "cpu"+shared == path.Base(path.Dir(path.Dir(dir)))
}

// cacheSize returns the bytes of a size as the kernel writes it, such as 32K; 0 is none.
func cacheSize(text string) uint64 {
	unit := uint64(1)
	if number, ok := strings.CutSuffix(text, "K"); ok {
		text, unit = number, 1<<10
	} else if number, ok := strings.CutSuffix(text, "M"); ok {
		text, unit = number, 1<<20
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0
	}
	return n * unit
}

// What Machine.Boost and Machine.SMT may hold.
const (
	on  = "on"
	off = "off"
)

// boost reports whether the CPU may exceed its nominal clock; empty where the kernel
// does not tell.
func (s system) boost() string {
	const cpu = "sys/devices/system/cpu/"
	switch s.text(cpu + "intel_pstate/no_turbo") {
	case "0":
		return on
	case "1":
		return off
	}
	for _, file := range []string{"cpufreq/boost", "cpufreq/policy0/boost"} {
		switch s.text(cpu + file) {
		case "0":
			return off
		case "1":
			return on
		}
	}
	return ""
}

// smt reports whether cores run several threads; empty where the kernel does not tell.
func (s system) smt() string {
	switch s.text("sys/devices/system/cpu/smt/active") {
	case "0":
		return off
	case "1":
		return on
	}
	return ""
}
