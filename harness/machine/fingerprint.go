// Package machine identifies the hardware and system that a launch runs on, counts
// what disturbs it, and limits its memory.
package machine

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/klauspost/cpuid/v2"
	gopsutil "github.com/shirou/gopsutil/v4/common"
	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/mem"

	"epochtime/harness/record"
)

// features are the CPU features by which TensorFlow selects kernels.
var features = []string{
	"sse4_2", "avx", "avx2", "fma", "f16c", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "avx512_fp16",
	"amx_tile", "amx_bf16", "amx_int8", "asimd", "asimdhp", "asimddp", "bf16", "i8mm", "sve",
}

// Fingerprint describes this machine. Fields that are not known are empty: Missing says
// why.
func Fingerprint() record.Machine {
	s := system{root: "/", getenv: os.Getenv, hypervisor: hypervisors[cpuid.CPU.HypervisorVendorID]}
	m := s.fingerprint()
	m.Arch, m.Cores = runtime.GOARCH, runtime.NumCPU()
	m.Hostname, _ = os.Hostname()
	if kernel, err := host.KernelVersion(); err == nil {
		m.Kernel = kernel
	}
	if runtime.GOOS != "linux" {
		m.LogicalCores, _ = cpu.Counts(true)
		m.PhysicalCores, _ = cpu.Counts(false)
	}
	m.ID = s.id(m)
	return m
}

// hypervisors are the names of those that a CPU tells.
var hypervisors = map[cpuid.Vendor]string{
	cpuid.KVM: "kvm", cpuid.MSVM: "hyper-v", cpuid.VMware: "vmware", cpuid.XenHVM: "xen", cpuid.Bhyve: "bhyve", cpuid.QNX: "qnx", cpuid.ACRN: "acrn",
}

// system is where a machine tells of itself: files below a root, variables, and what
// the CPU says of its hypervisor.
type system struct {
	root       string
	getenv     func(string) string
	hypervisor string // empty: none, or none that is known
}

// text returns a file's content without space around it; empty where it cannot be read.
func (s system) text(path ...string) string {
	text, err := os.ReadFile(filepath.Join(append([]string{s.root}, path...)...))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.TrimRight(string(text), "\x00"))
}

// exists reports whether there is such a file or folder.
func (s system) exists(path string) bool {
	_, err := os.Stat(filepath.Join(s.root, path))
	return err == nil
}

// list returns the files and folders that match a pattern, in order.
func (s system) list(pattern string) []string {
	found, err := filepath.Glob(filepath.Join(s.root, pattern))
	if err != nil {
		return nil
	}
	for i := range found {
		found[i], _ = filepath.Rel(s.root, found[i]) // each begins with the root
	}
	return found
}

// context makes gopsutil read below the root.
func (s system) context() context.Context {
	at := func(path string) string { return filepath.Join(s.root, path) }
	return context.WithValue(context.Background(), gopsutil.EnvKey, gopsutil.EnvMap{
		gopsutil.HostProcEnvKey: at("proc"), gopsutil.HostSysEnvKey: at("sys"), gopsutil.HostEtcEnvKey: at("etc"),
		gopsutil.HostVarEnvKey: at("var"), gopsutil.HostRunEnvKey: at("run"), gopsutil.HostDevEnvKey: at("dev"),
	})
}

// fingerprint describes what files tell.
func (s system) fingerprint() record.Machine {
	m := record.Machine{OS: runtime.GOOS}
	if platform, _, version, err := host.PlatformInformationWithContext(s.context()); err == nil {
		if name := strings.TrimSpace(platform + " " + version); name != "" {
			m.OS = name
		}
	}
	list, err := cpu.InfoWithContext(s.context())
	if err != nil {
		list = nil
	}
	if len(list) > 0 {
		m.CPU = list[0].ModelName
		for _, f := range features {
			if slices.Contains(list[0].Flags, f) {
				m.CPUFeatures = append(m.CPUFeatures, f)
			}
		}
	}
	s.topology(&m, list)
	if v, err := mem.VirtualMemoryWithContext(s.context()); err == nil {
		m.MemoryBytes = v.Total
	}
	m.MemoryType, m.MemorySpeed = s.modules()
	m.Governor = s.text("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
	m.Boost, m.SMT = s.boost(), s.smt()
	m.Driver = s.driver()
	m.CPULimit, m.MemoryLimit = limits(s.root)
	m.Product = s.product()
	m.Container = s.container()
	m.Virtualization = s.virtualization(len(list) > 0 && slices.Contains(list[0].Flags, "hypervisor"))
	return m
}

// driver returns the name and version of the GPU's driver, on Linux.
func (s system) driver() string {
	for _, module := range []string{"nvidia", "amdgpu"} {
		if version := s.text("sys/module", module, "version"); version != "" {
			return module + " " + version
		}
	}
	return ""
}
