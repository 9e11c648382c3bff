package record

import "testing"

func TestSameMachine(t *testing.T) {
	lab := Machine{
		Hostname: "lab", OS: "Debian 12", Kernel: "6.1", Arch: "amd64", CPU: "Fast CPU", Cores: 8, CPULimit: 4,
		MemoryBytes: 1 << 30, Governor: "performance",
	}
	for name, c := range map[string]struct {
		change func(*Machine)
		same   bool
	}{
		"nothing":      {func(*Machine) {}, true},
		"kernel":       {func(m *Machine) { m.Kernel = "6.2" }, true},
		"system":       {func(m *Machine) { m.OS = "Debian 13" }, true},
		"memory":       {func(m *Machine) { m.MemoryBytes *= 2 }, true},
		"governor":     {func(m *Machine) { m.Governor = "powersave" }, true},
		"hostname":     {func(m *Machine) { m.Hostname = "desk" }, false},
		"architecture": {func(m *Machine) { m.Arch = "arm64" }, false},
		"CPU":          {func(m *Machine) { m.CPU = "Slow CPU" }, false},
		"cores":        {func(m *Machine) { m.Cores = 4 }, false},
		"CPU limit":    {func(m *Machine) { m.CPULimit = 0 }, false},
	} {
		other := lab
		c.change(&other)
		if got := lab.Same(other); got != c.same || other.Same(lab) != got {
			t.Errorf("another %s: the same machine is %v, want %v", name, got, c.same)
		}
	}
}
