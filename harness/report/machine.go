package report

import (
	"fmt"
	"strings"

	"epochtime/harness/record"
	"epochtime/internal/sentence"
)

// Fact is one thing that is known of a machine.
type Fact struct{ Name, Text string }

// Machine returns what is known of a machine, for a table of two columns.
func Machine(m record.Machine) []Fact {
	var out []Fact
	add := func(name string, parts ...string) {
		if text := sentence.Join(", ", parts...); text != "" {
			out = append(out, Fact{name, text})
		}
	}
	name := m.Hostname
	if m.Name != "" && m.Name != m.Hostname {
		name = sentence.Join(", ", m.Name, "host "+m.Hostname)
	}
	add("machine", name, m.Product)
	add("id", m.ID)
	add("system", m.OS, after("kernel ", m.Kernel), m.Arch)
	add("virtualization", m.Virtualization, after("in a container: ", m.Container))
	add("processor", count(m.Sockets, m.CPU))
	add("cores", coresOf(m)...)
	add("caches", cachesOf(m.Caches)...)
	add("clock", after("governor ", m.Governor), after("boost ", m.Boost), after("SMT ", m.SMT))
	add("features", strings.Join(m.CPUFeatures, " "))
	add("memory", known(m.MemoryBytes), memoryKind(m))
	for _, g := range m.GPUs {
		add("accelerator", g.Model, known(g.MemoryBytes), after("driver ", g.Driver), after("CUDA ", g.CUDA), unit(g.PowerLimit, "W"), unit(g.MaxClock, "MHz"))
	}
	if len(m.GPUs) == 0 {
		add("driver", m.Driver)
	}
	add("limits", limitsOf(m))
	return out
}

// TensorFlow returns a version of TensorFlow with what it was built with; empty where
// there is no version.
func TensorFlow(version string, b *record.Build) string {
	if version == "" {
		return ""
	}
	return sentence.Join(", ", version, Build(b))
}

// Build returns what a TensorFlow was built with; empty where that is not known.
func Build(b *record.Build) string {
	if b == nil {
		return ""
	}
	parts := []string{after("oneDNN ", b.OneDNN), after("XLA ", b.XLA)}
	for _, lib := range []struct{ name, built, found string }{{"CUDA", b.CUDA, b.CUDAFound}, {"cuDNN", b.CuDNN, b.CuDNNFound}} {
		switch {
		case lib.built == "" && lib.found == "":
		case lib.found == "":
			parts = append(parts, lib.name+" "+lib.built+" (none is found)")
		case lib.built == "":
			parts = append(parts, lib.name+" "+lib.found+" is found")
		default:
			parts = append(parts, fmt.Sprintf("%s %s (%s is found)", lib.name, lib.built, lib.found))
		}
	}
	return sentence.Join(", ", parts...)
}

// coresOf returns what a process may use of the cores, and how they are built.
func coresOf(m record.Machine) []string {
	var out []string
	switch {
	case m.Cores < m.LogicalCores:
		out = append(out, fmt.Sprintf("%s of %s for this process", Count(m.Cores), Count(m.LogicalCores)))
	case m.Cores > 0:
		out = append(out, Count(m.Cores)+" for this process")
	}
	for _, c := range []struct {
		n         int
		one, many string
	}{{m.Sockets, "socket", "sockets"}, {m.PhysicalCores, "physical", "physical"}, {m.NUMANodes, "NUMA node", "NUMA nodes"}} {
		switch {
		case c.n == 1:
			out = append(out, "1 "+c.one)
		case c.n > 1:
			out = append(out, Count(c.n)+" "+c.many)
		}
	}
	return out
}

// cachesOf returns caches as in 16 × L1d 48 KiB.
func cachesOf(list []record.Cache) []string {
	var out []string
	for _, c := range list {
		kind := ""
		if c.Kind == "data" || c.Kind == "instruction" {
			kind = c.Kind[:1]
		}
		out = append(out, count(c.Count, fmt.Sprintf("L%d%s %s", c.Level, kind, Bytes(c.Bytes))))
	}
	return out
}

func memoryKind(m record.Machine) string {
	if m.MemorySpeed == 0 {
		return m.MemoryType
	}
	return strings.TrimSpace(fmt.Sprintf("%s at %s MT/s", m.MemoryType, Count(m.MemorySpeed)))
}

// limitsOf returns the limits of the control group.
func limitsOf(m record.Machine) string {
	cores := ""
	if m.CPULimit > 0 {
		cores = fmt.Sprintf("%.3g cores", m.CPULimit)
		if m.CPULimit == 1 {
			cores = "1 core"
		}
		if m.LogicalCores > 0 {
			cores += fmt.Sprintf(" of %s", Count(m.LogicalCores))
		}
	}
	text := sentence.Join(", ", cores, behind(known(m.MemoryLimit), " of memory"))
	if text == "" {
		return "none by a control group"
	}
	return text + ", by the control group"
}

// after returns text behind a word, and nothing where there is no text. behind returns
// it before one.
func after(word, text string) string {
	if text == "" {
		return ""
	}
	return word + text
}

func behind(text, word string) string {
	if text == "" {
		return ""
	}
	return text + word
}

// count returns how many there are of a thing, unless it is one or not known.
func count(n int, thing string) string {
	if n > 1 && thing != "" {
		return fmt.Sprintf("%s × %s", Count(n), thing)
	}
	return thing
}

func known(bytes uint64) string {
	if bytes == 0 {
		return ""
	}
	return Bytes(bytes)
}

func unit(v float64, name string) string {
	if v <= 0 {
		return ""
	}
	return fmt.Sprintf("%.4g %s", v, name)
}
