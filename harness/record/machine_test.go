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

func TestSameMachineByID(t *testing.T) {
	lab := Machine{ID: "9f2c1a7be0d84c35", Hostname: "lab", CPU: "Fast CPU", Cores: 2, LogicalCores: 64}
	for name, c := range map[string]struct {
		change func(*Machine)
		same   bool
	}{
		"nothing":              {func(*Machine) {}, true},
		"hostname":             {func(m *Machine) { m.Hostname = "container-2" }, true},
		"id":                   {func(m *Machine) { m.ID = "0000000000000000" }, false},
		"cores":                {func(m *Machine) { m.Cores = 64 }, false},
		"CPU limit":            {func(m *Machine) { m.CPULimit = 2 }, false},
		"no id":                {func(m *Machine) { m.ID = "" }, true},
		"no id, and hostname":  {func(m *Machine) { m.ID, m.Hostname = "", "desk" }, false},
		"no id, and CPU limit": {func(m *Machine) { m.ID, m.CPULimit = "", 2 }, false},
	} {
		other := lab
		c.change(&other)
		if got := lab.Same(other); got != c.same || other.Same(lab) != got {
			t.Errorf("another %s: the same machine is %v, want %v", name, got, c.same)
		}
	}
}

func TestType(t *testing.T) {
	const gib = 1 << 30
	h100 := GPU{Model: "NVIDIA H100", MemoryBytes: 81559 << 20}
	for want, m := range map[string]Machine{
		"": {},
		"Some Maker R750, 2 × Fast CPU, 32 cores, 64 threads, 256 GiB": {
			Product: "Some Maker R750", CPU: "Fast CPU", Sockets: 2, PhysicalCores: 32, LogicalCores: 64, Cores: 64, MemoryBytes: 251 * gib,
		},
		"Fast CPU, 2 of 32 cores, 64 threads, 256 GiB": {CPU: "Fast CPU", PhysicalCores: 32, LogicalCores: 64, Cores: 64, CPULimit: 2, MemoryBytes: 255 * gib},
		"Fast CPU, 8 of 64 cores, 16 GiB, limited to 4 GiB": {
			CPU: "Fast CPU", LogicalCores: 64, Cores: 8, MemoryBytes: 15770 << 20, MemoryLimit: 4 * gib,
		},
		"Fast CPU, 8 cores, 16 GiB, limited to 500 MiB": {CPU: "Fast CPU", Cores: 8, MemoryBytes: 16 * gib, MemoryLimit: 500 << 20},
		"Fast CPU, 8 cores, 8 GiB, 2 × NVIDIA H100 80 GiB, Some GPU": {
			CPU: "Fast CPU", Cores: 8, MemoryBytes: 8 * gib, MemoryLimit: 8 * gib, GPUs: []GPU{h100, {Model: "Some GPU"}, h100},
		},
	} {
		if got := m.Type(); got != want {
			t.Errorf("the type is %q, want %q", got, want)
		}
	}
	// Serial numbers, host names and what a restart changes are of the unit.
	a := Machine{Hostname: "a", ID: "1", Kernel: "6.1", Name: "x", CPU: "Fast CPU", Cores: 4, MemoryBytes: 15872 << 20}
	b := Machine{Hostname: "b", ID: "2", Kernel: "6.8", Name: "y", CPU: "Fast CPU", Cores: 4, MemoryBytes: 15667 << 20}
	if a.Type() != b.Type() {
		t.Errorf("two units of one type have the types %q and %q", a.Type(), b.Type())
	}
}
