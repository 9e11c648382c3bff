package machine

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/record"
)

func TestFingerprint(t *testing.T) {
	m := Fingerprint()
	if m.Arch != runtime.GOARCH || m.Cores != runtime.NumCPU() || m.OS == "" || m.Hostname == "" || m.MemoryBytes == 0 {
		t.Errorf("the fingerprint is %+v", m)
	}
	for _, f := range m.CPUFeatures {
		if !slices.Contains(features, f) {
			t.Errorf("%q is no feature that is asked for", f)
		}
	}
	again := Fingerprint()
	if again.CPU != m.CPU || again.Kernel != m.Kernel || again.OS != m.OS || !slices.Equal(again.CPUFeatures, m.CPUFeatures) {
		t.Errorf("one machine has two fingerprints: %+v and %+v", m, again)
	}
}

func TestConcerns(t *testing.T) {
	quiet := record.Machine{Cores: 8}
	for _, c := range []struct {
		name   string
		change func(*record.Machine)
		load   float64
		says   []string // the start or a part of each concern, in order
	}{
		{"quiet", func(*record.Machine) {}, 2.4, nil},
		{"load", func(*record.Machine) {}, 2.5, []string{"other work is running"}},
		{"load, two cores", func(m *record.Machine) { m.Cores = 2 }, 0.7, []string{"other work is running", "fewer than four cores"}},
		{"four cores", func(m *record.Machine) { m.Cores = 4 }, 0, nil},
		{"performance", func(m *record.Machine) { m.Governor = "performance" }, 0, nil},
		{"powersave", func(m *record.Machine) { m.Governor = "powersave" }, 0, []string{"the CPU governor is powersave"}},
		{"virtual", func(m *record.Machine) { m.Virtualization = "kvm" }, 0, []string{"(kvm): neighbours take CPU time"}},
		{"throttled", func(m *record.Machine) { m.CPULimit = 7.5 }, 0, []string{"the control group limits the CPU"}},
		{"limit of all cores", func(m *record.Machine) { m.CPULimit = 8 }, 0, nil},
		{"all", func(m *record.Machine) {
			*m = record.Machine{Cores: 1, Governor: "x", Virtualization: "y", CPULimit: 0.5}
		}, 9, []string{
			"other work", "governor", "virtual machine", "control group", "fewer than four",
		}},
	} {
		m := quiet
		c.change(&m)
		got := Concerns(m, c.load)
		if len(got) != len(c.says) {
			t.Errorf("%s: the concerns are %q, want %d", c.name, got, len(c.says))
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.says[i]) {
				t.Errorf("%s: concern %d is %q, want it to say %q", c.name, i, got[i], c.says[i])
			}
		}
	}
}

func TestSince(t *testing.T) {
	before, after := Counters{steal: 2, switches: 10}, Counters{steal: 2.5, switches: 17}
	if got, want := after.Since(before), (record.Disturbance{Steal: 0.5, InvoluntarySwitches: 7}); got != want {
		t.Errorf("Since = %+v, want %+v", got, want)
	}
	// A hypervisor may set its counter back.
	if got := before.Since(after).Steal; got != 0 {
		t.Errorf("a counter that went back gives %g s, want 0", got)
	}
}

func TestCountersGoUp(t *testing.T) {
	before := Count()
	if d := Count().Since(before); d.Steal < 0 || d.InvoluntarySwitches < 0 {
		t.Errorf("Since = %+v", d)
	}
}

// TestPeakMemory checks that what was used once stays in the peak.
func TestPeakMemory(t *testing.T) {
	const size = 64 << 20
	before := PeakMemory().PeakRSS
	touched := make([]byte, size)
	for i := 0; i < size; i += 1024 {
		touched[i] = 1
	}
	peak := PeakMemory().PeakRSS
	if before == 0 || peak < size {
		t.Errorf("the peak was %d, and %d after %d bytes were used", before, peak, len(touched))
	}
	runtime.KeepAlive(touched)
}

func TestLoad(t *testing.T) {
	if load, ok := Load(); ok && load < 0 || !ok && load != 0 {
		t.Errorf("Load = %g, %v", load, ok)
	}
}

func TestOOMKillsHere(t *testing.T) {
	if n, ok := OOMKills(); n < 0 || !ok && n != 0 {
		t.Errorf("OOMKills = %d, %v", n, ok)
	}
}
