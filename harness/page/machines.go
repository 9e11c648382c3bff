package page

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// trait is a line of the fingerprints.
type trait struct {
	title string
	of    func(record.Machine) string
}

// traits are what a fingerprint shows, the machine first, then its system.
var traits = []trait{
	{"product", func(m record.Machine) string { return m.Product }},
	{"CPU", func(m record.Machine) string { return m.CPU }},
	{"sockets", func(m record.Machine) string { return count(m.Sockets) }},
	{"physical cores", func(m record.Machine) string { return count(m.PhysicalCores) }},
	{"logical cores", func(m record.Machine) string { return count(m.LogicalCores) }},
	{"cores that may be used", func(m record.Machine) string { return count(m.Cores) }},
	{"limit on cores", func(m record.Machine) string { return amount(m.CPULimit, "") }},
	{"NUMA nodes", func(m record.Machine) string { return count(m.NUMANodes) }},
	{"caches", caches},
	{"vector features", func(m record.Machine) string { return strings.Join(m.CPUFeatures, " ") }},
	{"memory", func(m record.Machine) string { return size(m.MemoryBytes) }},
	{"limit on memory", func(m record.Machine) string { return size(m.MemoryLimit) }},
	{"memory type", func(m record.Machine) string {
		return joined(", ", m.MemoryType, amount(float64(m.MemorySpeed), "MT/s"))
	}},
	{"GPUs", gpus},
	{"GPU driver", func(m record.Machine) string { return m.Driver }},
	{"governor", func(m record.Machine) string { return m.Governor }},
	{"boost", func(m record.Machine) string { return m.Boost }},
	{"SMT", func(m record.Machine) string { return m.SMT }},
	{"virtualization", func(m record.Machine) string { return m.Virtualization }},
	{"container", func(m record.Machine) string { return m.Container }},
	{"system", func(m record.Machine) string { return joined(" ", m.OS, m.Kernel, m.Arch) }},
	{"host name", func(m record.Machine) string { return m.Hostname }},
	{"machine id", func(m record.Machine) string { return m.ID }},
	{"price", func(m record.Machine) string {
		if m.Price == nil {
			return ""
		}
		return joined(", ", report.Money(m.Price.PerHour, m.Price.Currency)+" an hour", m.Price.Name, m.Price.Source, m.Price.Date)
	}},
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return report.Count(n)
}

func amount(v float64, unit string) string {
	if v == 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%.4g %s", v, unit))
}

func size(n uint64) string {
	if n == 0 {
		return ""
	}
	return report.Bytes(n)
}

func caches(m record.Machine) string {
	var out []string
	for _, c := range m.Caches {
		out = append(out, fmt.Sprintf("%d × L%d %s %s", c.Count, c.Level, c.Kind, size(c.Bytes)))
	}
	return strings.Join(out, ", ")
}

func gpus(m record.Machine) string {
	var out []string
	for _, g := range m.GPUs {
		out = append(out, joined(", ", g.Model, size(g.MemoryBytes), amount(g.PowerLimit, "W"), amount(g.MaxClock, "MHz"), g.CUDA))
	}
	return strings.Join(out, "; ")
}

// fingerprints is the table of the units side by side; a trait in which they differ stands
// out. It is nil where no launch told its machine.
func fingerprints(f *fleet.Fleet) *table {
	if len(f.Units) == 0 {
		return nil
	}
	t := &table{Caption: "Fingerprints of the machines", Names: true, Head: []string{""}}
	if len(f.Units) > 1 {
		t.Caption += "; rows in which they differ are marked"
	}
	for _, u := range f.Units {
		t.Head = append(t.Head, u.Name)
	}
	for _, line := range append(traits, builds(f)...) {
		r := row{Head: line.title}
		var values []string
		for _, u := range f.Units {
			values = append(values, line.of(u.Machine))
		}
		if !slices.ContainsFunc(values, func(s string) bool { return s != "" }) {
			continue
		}
		for _, s := range values {
			if s != values[0] {
				r.Mark, r.Sub = true, "differs"
			}
			if s == "" {
				s = dash
			}
			r.Cells = append(r.Cells, words(s))
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// builds are the traits of the software that trained on the units.
func builds(f *fleet.Fleet) []trait {
	of := func(what func(record.Launch) string) func(record.Machine) string {
		return func(m record.Machine) string { return launchTrait(f, m, what) }
	}
	build := func(what func(record.Build) string) func(record.Launch) string {
		return func(l record.Launch) string {
			if l.Build == nil {
				return ""
			}
			return what(*l.Build)
		}
	}
	return []trait{
		{"TensorFlow", of(func(l record.Launch) string { return l.TensorFlow })},
		{"oneDNN", of(build(func(b record.Build) string { return b.OneDNN }))},
		{"XLA", of(build(func(b record.Build) string { return b.XLA }))},
		{"CUDA as built, as found", of(build(func(b record.Build) string { return joined(", ", b.CUDA, b.CUDAFound) }))},
		{"cuDNN as built, as found", of(build(func(b record.Build) string { return joined(", ", b.CuDNN, b.CuDNNFound) }))},
		{"not readable", of(func(l record.Launch) string { return strings.Join(l.Unreadable, "; ") })},
	}
}

// launchTrait is what the launches on a unit say of something, each answer once.
func launchTrait(f *fleet.Fleet, m record.Machine, what func(record.Launch) string) string {
	var out []string
	for _, r := range f.Runs() {
		if r.Unit.Machine.Same(m) && r.Unit.Machine.Name == m.Name {
			for _, l := range r.Launches {
				if s := what(l); s != "" && !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
	}
	return strings.Join(out, ", ")
}

// spreads is the table of how far times lie apart on each machine; nil where nothing
// tells it.
func spreads(f *fleet.Fleet) *table {
	t := &table{
		Caption: "How far times lie apart, as a share of the time (standard deviation over all models)",
		Head:    []string{"machine", "launches of a session", "sessions of a unit", "units of the type"},
	}
	some := false
	for i, m := range f.Machines {
		s := f.Spread(i)
		r := row{Head: m.Name, Sub: unitsOf(m)}
		for k, v := range []float64{s.Launches, s.Sessions, s.Units} {
			c := cell{Text: []string{"too few launches", "one session", "one unit"}[k], Words: true}
			if !math.IsNaN(v) {
				some = true
				c = number([]string{"spread-launches", "spread-sessions", "spread-units"}[k], report.Share(v), v)
			}
			r.Cells = append(r.Cells, c)
		}
		t.Rows = append(t.Rows, r)
	}
	if !some {
		return nil
	}
	return t
}

func unitsOf(m *fleet.Machine) string {
	if len(m.Units) == 1 {
		return "one unit"
	}
	var names []string
	for _, u := range m.Units {
		names = append(names, u.Name)
	}
	return fmt.Sprintf("%d units: %s", len(names), strings.Join(names, ", "))
}
