// Package machine identifies the hardware and system that a launch runs on, counts
// what disturbs it, and limits its memory.
package machine

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/load"
	"github.com/shirou/gopsutil/v4/mem"

	"epochtime/harness/record"
)

// features are the CPU features by which TensorFlow selects kernels.
var features = []string{
	"sse4_2", "avx", "avx2", "fma", "f16c", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "avx512_fp16",
	"amx_tile", "amx_bf16", "amx_int8", "asimd", "asimdhp", "asimddp", "bf16", "i8mm", "sve",
}

// Fingerprint describes this machine. Fields that are not known are empty.
func Fingerprint() record.Machine {
	m := record.Machine{Arch: runtime.GOARCH, OS: runtime.GOOS, Cores: runtime.NumCPU()}
	m.Hostname, _ = os.Hostname()
	if info, err := host.Info(); err == nil {
		if name := strings.TrimSpace(info.Platform + " " + info.PlatformVersion); name != "" {
			m.OS = name
		}
		m.Kernel = info.KernelVersion
		if info.VirtualizationRole == "guest" {
			m.Virtualization = info.VirtualizationSystem
		}
	}
	if list, err := cpu.Info(); err == nil && len(list) > 0 {
		m.CPU = list[0].ModelName
		for _, f := range features {
			if slices.Contains(list[0].Flags, f) {
				m.CPUFeatures = append(m.CPUFeatures, f)
			}
		}
		if m.Virtualization == "" && slices.Contains(list[0].Flags, "hypervisor") {
			m.Virtualization = "hypervisor"
		}
	}
	if v, err := mem.VirtualMemory(); err == nil {
		m.MemoryBytes = v.Total
	}
	m.Governor = governor("/")
	m.Driver = driver("/")
	m.CPULimit, m.MemoryLimit = limits("/")
	return m
}

func governor(root string) string {
	text, err := os.ReadFile(filepath.Join(root, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// driver returns the name and version of the GPU's driver, on Linux.
func driver(root string) string {
	for _, module := range []string{"nvidia", "amdgpu"} {
		if text, err := os.ReadFile(filepath.Join(root, "sys/module", module, "version")); err == nil {
			return module + " " + strings.TrimSpace(string(text))
		}
	}
	return ""
}

// Load returns the average number of runnable threads over the last minute, and
// false where that is not known.
func Load() (float64, bool) {
	l, err := load.Avg()
	if err != nil {
		return 0, false
	}
	return l.Load1, true
}

// Concerns returns sentences about what would disturb a measurement now. load is that
// of Load, and 0 where it is not known.
func Concerns(m record.Machine, load float64) []string {
	var out []string
	add := func(yes bool, text string) {
		if yes {
			out = append(out, text)
		}
	}
	add(load > 0.3*float64(m.Cores), "other work is running: stop it, or measure at a quieter time")
	add(m.Governor != "" && m.Governor != "performance",
		"the CPU governor is "+m.Governor+": clock speed follows load; 'cpupower frequency-set -g performance' fixes it")
	add(m.Virtualization != "", "this is a virtual machine or a container ("+m.Virtualization+"): neighbours take CPU time, watch steal_s in the record")
	add(m.CPULimit > 0 && m.CPULimit < float64(m.Cores), "the control group limits the CPU: steps are throttled when the quota is used up")
	add(m.Cores < 4, "with fewer than four cores, every other process shares a core with the measurement")
	return out
}
