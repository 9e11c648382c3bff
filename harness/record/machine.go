package record

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Machine is the fingerprint of the hardware and system a worker ran on. What is not
// known is empty or 0.
type Machine struct {
	Hostname       string   `json:"hostname"`
	OS             string   `json:"os"`
	Kernel         string   `json:"kernel"`
	Arch           string   `json:"arch"`
	CPU            string   `json:"cpu"`
	Cores          int      `json:"cores"` // logical, that this process may use
	CPUFeatures    []string `json:"cpu_features"`
	Governor       string   `json:"governor"`
	MemoryBytes    uint64   `json:"memory_bytes"`
	Virtualization string   `json:"virtualization"`
	Driver         string   `json:"driver"`             // of the GPU, with its version; empty where none is loaded
	CPULimit       float64  `json:"cpu_limit"`          // cores, of the control group; 0 is none
	MemoryLimit    uint64   `json:"memory_limit_bytes"` // of the control group; 0 is none

	ID            string  `json:"id,omitempty"`    // hash of what identifies the unit; no serial number is in it
	Name          string  `json:"name,omitempty"`  // that a user gave
	Price         *Price  `json:"price,omitempty"` // that a user gave
	Sockets       int     `json:"sockets,omitempty"`
	PhysicalCores int     `json:"physical_cores,omitempty"` // of the whole machine
	LogicalCores  int     `json:"logical_cores,omitempty"`  // likewise
	NUMANodes     int     `json:"numa_nodes,omitempty"`
	Caches        []Cache `json:"caches,omitempty"`
	MemoryType    string  `json:"memory_type,omitempty"`      // such as DDR5
	MemorySpeed   int     `json:"memory_speed_mts,omitempty"` // millions of transfers a second
	Boost         string  `json:"boost,omitempty"`            // on or off
	SMT           string  `json:"smt,omitempty"`              // on or off
	Container     string  `json:"container,omitempty"`        // such as docker
	Product       string  `json:"product,omitempty"`          // maker and model, or cloud and instance type
	GPUs          []GPU   `json:"gpus,omitempty"`
}

// Cache is one kind of cache of a CPU.
type Cache struct {
	Level int    `json:"level"`
	Kind  string `json:"kind"`  // data, instruction or unified
	Bytes uint64 `json:"bytes"` // of one
	Count int    `json:"count"` // in the machine
}

// GPU is an accelerator as its driver describes it.
type GPU struct {
	Model       string  `json:"model"`
	MemoryBytes uint64  `json:"memory_bytes"`
	Driver      string  `json:"driver"`
	CUDA        string  `json:"cuda,omitempty"` // the newest that the driver runs
	PowerLimit  float64 `json:"power_limit_w,omitempty"`
	MaxClock    float64 `json:"max_clock_mhz,omitempty"`
}

// Build is what TensorFlow was built with, and what of it was found.
type Build struct {
	OneDNN     string `json:"onednn,omitempty"` // on or off
	XLA        string `json:"xla,omitempty"`    // on or off
	CUDA       string `json:"cuda,omitempty"`   // version it was built for
	CuDNN      string `json:"cudnn,omitempty"`
	CUDAFound  string `json:"cuda_found,omitempty"`
	CuDNNFound string `json:"cudnn_found,omitempty"`
}

// Price is what an hour of a machine costs, from where and when.
type Price struct {
	Name     string  `json:"name,omitempty"`
	PerHour  float64 `json:"per_hour"`
	Currency string  `json:"currency"`
	Source   string  `json:"source,omitempty"`
	Date     string  `json:"date,omitempty"` // as 2026-03-01
}

// Identity returns by what the history knows a machine: host name, architecture, CPU,
// the cores that a process may use, and the limit of its control group on them. The
// system, its kernel and the memory may change on the same machine.
func (m Machine) Identity() []string {
	return []string{m.Hostname, m.Arch, m.CPU, strconv.Itoa(m.Cores), strconv.FormatFloat(m.CPULimit, 'g', -1, 64)}
}

// Known reports whether the machine has said what it is. One of a fleet may have failed
// before it could.
func (m Machine) Known() bool { return m.Cores > 0 }

// Same reports whether two fingerprints are of the same machine, with the same cores
// and limit on them. Where one has no ID, their identities tell.
func (m Machine) Same(other Machine) bool {
	if m.ID != "" && other.ID != "" {
		return m.ID == other.ID && m.Cores == other.Cores && m.CPULimit == other.CPULimit
	}
	return slices.Equal(m.Identity(), other.Identity())
}

// Type returns what units of one type of machine have in common, for people: product,
// CPU, sockets, cores, memory, accelerators, and how much of it a process may use.
// Machines that differ in it are not units of one type.
func (m Machine) Type() string {
	cpu := m.CPU
	if m.Sockets > 1 {
		cpu = fmt.Sprintf("%d × %s", m.Sockets, cpu)
	}
	words := append([]string{m.Product, cpu, m.cores(), nominal(m.MemoryBytes)}, distinct(m.GPUs)...)
	if m.MemoryLimit > 0 && m.MemoryLimit < m.MemoryBytes {
		words = append(words, "limited to "+binary(m.MemoryLimit))
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	return strings.Join(words, ", ")
}

// cores returns the cores of the machine, or how many of them a process may use.
func (m Machine) cores() string {
	if m.Cores == 0 {
		return ""
	}
	text := fmt.Sprintf("%d cores", max(m.LogicalCores, m.Cores))
	if text == "1 cores" {
		text = "1 core"
	}
	if m.PhysicalCores > 0 && m.PhysicalCores < m.LogicalCores {
		text = fmt.Sprintf("%d cores, %d threads", m.PhysicalCores, m.LogicalCores)
	}
	switch {
	case m.CPULimit > 0 && m.CPULimit < float64(m.Cores):
		return fmt.Sprintf("%.4g of %s", m.CPULimit, text)
	case m.Cores < m.LogicalCores:
		return fmt.Sprintf("%d of %s", m.Cores, text)
	}
	return text
}

// nominal returns the memory that is built in. The system reports less, by what its
// kernel and firmware keep, so this is the next of eight steps to each power of two.
func nominal(bytes uint64) string {
	if bytes == 0 {
		return ""
	}
	step := math.Exp2(math.Floor(math.Log2(float64(bytes))) - 3)
	return gibibytes(math.Ceil(float64(bytes)/step) * step / (1 << 30))
}

// binary formats bytes in GiB, or fewer of them in MiB.
func binary(bytes uint64) string {
	if bytes < 1<<30 {
		return strconv.FormatFloat(float64(bytes)/(1<<20), 'g', 4, 64) + " MiB"
	}
	return gibibytes(float64(bytes) / (1 << 30))
}

func gibibytes(n float64) string { return strconv.FormatFloat(n, 'g', 4, 64) + " GiB" }

// distinct returns each model of accelerator once, with how many there are.
func distinct(gpus []GPU) []string {
	var models, out []string
	for _, g := range gpus {
		models = append(models, strings.TrimSpace(g.Model+" "+nominal(g.MemoryBytes)))
	}
	slices.Sort(models)
	for len(models) > 0 {
		n := 1
		for n < len(models) && models[n] == models[0] {
			n++
		}
		text := models[0]
		if n > 1 {
			text = fmt.Sprintf("%d × %s", n, text)
		}
		out, models = append(out, text), models[n:]
	}
	return out
}

// Title returns the machine's name: the one that a user gave, or else the host name.
func (m Machine) Title() string { return cmp.Or(m.Name, m.Hostname) }

func (m *Machine) validate() error {
	if min(m.Cores, m.Sockets, m.PhysicalCores, m.LogicalCores, m.NUMANodes, m.MemorySpeed) < 0 {
		return errors.New("a count is negative")
	}
	switch p := m.Price; {
	case p == nil:
	case p.Currency == "":
		return errors.New("price: it has no currency: XXX stands for none")
	case p.PerHour < 0:
		return fmt.Errorf("price: %g is negative: a price is 0 or more", p.PerHour)
	case !finite(p.PerHour):
		return fmt.Errorf("price: %g is no amount", p.PerHour)
	}
	for _, g := range m.GPUs {
		if err := amounts(g.PowerLimit, g.MaxClock); err != nil {
			return fmt.Errorf("gpus: %w", err)
		}
	}
	return amounts(m.CPULimit)
}
