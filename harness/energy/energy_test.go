package energy

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"epochtime/harness/record"
)

// tree is the root folder of a machine with counters.
type tree struct {
	t    *testing.T
	root string
	at   time.Time
}

func (m *tree) now() time.Time { return m.at }

// zone writes a zone of powercap; its name may be that of a zone within another.
func (m *tree) zone(zone, name, span, energy string) {
	m.t.Helper()
	for file, text := range map[string]string{"name": name, "max_energy_range_uj": span, "energy_uj": energy} {
		m.write(zone, file, text)
	}
}

func (m *tree) write(zone, file, text string) {
	m.t.Helper()
	dir := filepath.Join(m.root, folder, zone)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text+"\n"), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

func newTree(t *testing.T) *tree {
	return &tree{t: t, root: t.TempDir(), at: time.Unix(1000, 0)}
}

// server has two packages with memory, as Intel's have.
func server(t *testing.T) *tree {
	m := newTree(t)
	m.zone("intel-rapl:0", "package-0", "262143328850", "1000000")
	m.zone("intel-rapl:0:0", "core", "262143328850", "700000")
	m.zone("intel-rapl:0:1", "dram", "65712999613", "100000")
	m.zone("intel-rapl:1", "package-1", "262143328850", "2000000")
	m.zone("intel-rapl:1:0", "dram", "65712999613", "200000")
	m.zone("intel-rapl:2", "psys", "262143328850", "5000000")
	m.zone("intel-rapl-mmio:0", "package-0", "262143328850", "1000000") // the same counter again
	return m
}

func open(t *testing.T, m *tree) *Counters {
	t.Helper()
	c, err := Open(m.root, m.now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDomainsAreNamedApart(t *testing.T) {
	want := []string{"package-0", "dram-0", "package-1", "dram-1", "psys"}
	if diff := cmp.Diff(want, open(t, server(t)).Domains()); diff != "" {
		t.Error(diff)
	}
	amd := newTree(t)
	amd.zone("intel-rapl:0", "package-0", "65532610987", "1")
	amd.zone("intel-rapl:0:0", "core", "65532610987", "1")
	if diff := cmp.Diff([]string{"package-0"}, open(t, amd).Domains()); diff != "" {
		t.Errorf("AMD: %s", diff)
	}
	dies := newTree(t)
	dies.zone("intel-rapl:1", "package-0-die-1", "65532610987", "1")
	dies.zone("intel-rapl:1:0", "dram", "65532610987", "1")
	if diff := cmp.Diff([]string{"package-0-die-1", "dram-0-die-1"}, open(t, dies).Domains()); diff != "" {
		t.Errorf("two dies: %s", diff)
	}
}

func TestBetween(t *testing.T) {
	m := server(t)
	c := open(t, m)
	from := c.Read()
	m.at = m.at.Add(2 * time.Second)
	m.write("intel-rapl:0", "energy_uj", "101000000") // 100 J
	m.write("intel-rapl:0:1", "energy_uj", "8100000") // 8 J
	to := c.Read()
	got := c.Between(from, to, 4, 10*time.Millisecond)[:2]
	want := []record.Energy{
		{Domain: "package-0", Source: record.EnergyRAPL, Joules: 100, Seconds: 2, Epochs: 4, Error: 50*0.012 + 2*61e-6},
		{Domain: "dram-0", Source: record.EnergyRAPL, Joules: 8, Seconds: 2, Epochs: 4, Error: 4*0.012 + 2*61e-6},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Error(diff)
	}
	if p := c.Power(from, to)[0]; p != (record.Power{Domain: "package-0", Watts: 50, Seconds: 2}) {
		t.Errorf("power: %+v", p)
	}
	if p := c.Power(to, to); p != nil {
		t.Errorf("over no time: %+v", p)
	}
}

func TestCounterWraps(t *testing.T) {
	m := newTree(t)
	m.zone("intel-rapl:0", "package-0", "1000000000", "999000000")
	c := open(t, m)
	m.at = m.at.Add(time.Second)
	m.write("intel-rapl:0", "energy_uj", "4000000")
	if got := c.Read().Joules[0]; got != 5 {
		t.Errorf("%g J, not 5", got)
	}
}

// A counter that goes back, or vanishes, is said, and takes nothing from the others.
func TestCounterIsLost(t *testing.T) {
	for name, c := range map[string]struct {
		lose func(*tree)
		want string
	}{
		"set back":  {func(m *tree) { m.write("intel-rapl:0", "energy_uj", "500") }, "package-0: ROOT/sys/class/powercap/intel-rapl:0/energy_uj: it went back from 1000000 to 500 µJ"},
		"gone":      {func(m *tree) { os.Remove(filepath.Join(m.root, folder, "intel-rapl:0/energy_uj")) }, "package-0: ROOT/sys/class/powercap/intel-rapl:0/energy_uj: no such file"},
		"no number": {func(m *tree) { m.write("intel-rapl:0", "energy_uj", "much") }, `energy_uj: it is "much\n", not a number`},
		"no span": {func(m *tree) {
			m.write("intel-rapl:0", "energy_uj", "900000")
		}, "it went back from 1000000 to 900000 µJ"},
	} {
		t.Run(name, func(t *testing.T) {
			m := server(t)
			if name == "no span" {
				os.Remove(filepath.Join(m.root, folder, "intel-rapl:0/max_energy_range_uj"))
			}
			counters := open(t, m)
			from := counters.Read()
			m.at = m.at.Add(time.Second)
			c.lose(m)
			m.write("intel-rapl:1", "energy_uj", "3000000")
			to := counters.Read()
			if !math.IsNaN(to.Joules[0]) || to.Joules[2] != 1 {
				t.Errorf("%v", to.Joules)
			}
			if p := counters.Power(from, to); len(p) != 4 || p[0].Domain != "dram-0" {
				t.Errorf("%+v", p)
			}
			lost := counters.Lost()
			if len(lost) != 1 || !strings.Contains(strings.ReplaceAll(lost[0].Error(), m.root, "ROOT"), c.want) {
				t.Errorf("lost: %v", lost)
			}
			m.at = m.at.Add(time.Second)
			m.write("intel-rapl:0", "energy_uj", "9000000")
			if again := counters.Read(); !math.IsNaN(again.Joules[0]) {
				t.Errorf("it counts again: %v", again.Joules)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	empty := newTree(t)
	_, err := Open(empty.root, nil)
	if !errors.Is(err, ErrNone) || errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "sys/class/powercap has no intel-rapl") {
		t.Errorf("without counters: %v", err)
	}
	m := server(t)
	c := &Counters{now: m.now, read: func(path string) ([]byte, error) { // root may read all
		if filepath.Base(path) == "energy_uj" {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
		}
		return os.ReadFile(path)
	}}
	err = c.find(m.root)
	want := "not readable here: " + m.root + "/sys/class/powercap/intel-rapl:0/energy_uj: permission denied: run as root, or allow it by 'chmod a+r " + m.root + "/sys/class/powercap/intel-rapl:*/energy_uj'"
	if !errors.Is(err, ErrNone) || !errors.Is(err, fs.ErrPermission) || err.Error() != want {
		t.Errorf("without permission: %v", err)
	}
}
