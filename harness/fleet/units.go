package fleet

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/record"
)

// Unit is one machine that stands somewhere.
type Unit struct {
	Name string // no other unit has it
	record.Machine
	at []where
}

// where is the place of a unit in a record.
type where struct{ source, machine int }

// Machine is what is ranked: all units of one type, or a unit where the records hold
// only one type.
type Machine struct {
	Name  string
	Type  string
	Units []*Unit

	// Price is that of the units, where they agree; nil: they do not, or it is not known.
	Price *record.Price
}

// findUnits finds the machines of all records that launches ran on. What the records
// show of a unit may change from one to another; the last is shown.
func (f *Fleet) findUnits() {
	for i, s := range f.Sources {
		for k, m := range s.Record.Machines {
			if s.Record.Plan.Kind == record.KindFleet && !m.Known() { // it failed before it said what it is
				continue
			}
			at := slices.IndexFunc(f.Units, func(u *Unit) bool { return sameUnit(u.Machine, m) })
			if at < 0 {
				at = len(f.Units)
				f.Units = append(f.Units, &Unit{})
			}
			u := f.Units[at]
			f.keep(u, &m)
			u.Machine, u.at = m, append(u.at, where{i, k})
		}
	}
	f.nameUnits()
}

// keep gives what a record shows of a unit the name and the price that an earlier one gave
// it, where it has none, and warns of prices that differ.
func (f *Fleet) keep(u *Unit, m *record.Machine) {
	m.Name = cmp.Or(m.Name, u.Name)
	before := u.Price
	switch {
	case m.Price == nil:
		m.Price = before
	case before != nil && (before.PerHour != m.Price.PerHour || before.Currency != m.Price.Currency):
		f.warn("%s has several prices in its records: costs are by that of the last, %g %s an hour.", m.Title(), m.Price.PerHour, m.Price.Currency)
	}
}

// sameUnit reports whether two fingerprints are of one unit. Names that a user gave tell
// units apart that look the same otherwise, as clones of a virtual machine do.
func sameUnit(a, b record.Machine) bool {
	if a.Name != "" && b.Name != "" && a.Name != b.Name {
		return false
	}
	return a.Same(b)
}

// nameUnits gives units names, and those that share one a suffix.
func (f *Fleet) nameUnits() {
	taken := func(name string) bool {
		return slices.ContainsFunc(f.Units, func(u *Unit) bool { return u.Name == name })
	}
	for _, u := range f.Units {
		title := cmp.Or(u.Title(), "unnamed machine")
		name := title
		for n := 2; taken(name); n++ {
			name = fmt.Sprintf("%s (%d)", title, n)
		}
		u.Name = name
		if name != title {
			f.warn("Two machines have the name %s: the one of %s is shown as %s. Give each a name of its own when it is measured.", title, f.Sources[u.at[0].source].Name, name)
		}
	}
}

// findMachines groups units by type.
func (f *Fleet) findMachines() {
	byType := map[string][]*Unit{}
	var types []string
	for _, u := range f.Units {
		t := u.Machine.Type()
		if byType[t] == nil {
			types = append(types, t)
		}
		byType[t] = append(byType[t], u)
	}
	for _, t := range types {
		if len(types) == 1 { // they are compared with one another
			for _, u := range f.Units {
				f.Machines = append(f.Machines, f.machine(t, []*Unit{u}))
			}
			continue
		}
		f.Machines = append(f.Machines, f.machine(t, byType[t]))
	}
}

func (f *Fleet) machine(typ string, units []*Unit) *Machine {
	m := &Machine{Type: typ, Units: units, Name: unitNames(units)}
	for _, u := range units {
		switch p := u.Price; {
		case p == nil:
		case m.Price == nil:
			m.Price = p
		case p.PerHour != m.Price.PerHour || p.Currency != m.Price.Currency:
			f.warn("Units of %s have different prices, so no cost is shown for it.", m.Name)
			m.Price = nil
			return m
		}
	}
	return m
}

// unitNames are the names of units in short.
func unitNames(units []*Unit) string {
	const most = 2
	var names []string
	for _, u := range units[:min(most, len(units))] {
		names = append(names, u.Name)
	}
	out := strings.Join(names, " + ")
	if more := len(units) - most; more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}

// unitOf returns the unit of a machine of a record.
func (f *Fleet) unitOf(source, machine int) *Unit {
	for _, u := range f.Units {
		if slices.Contains(u.at, where{source, machine}) {
			return u
		}
	}
	return nil
}

// machineOf returns the machine that a unit is of.
func (f *Fleet) machineOf(u *Unit) int {
	return slices.IndexFunc(f.Machines, func(m *Machine) bool { return slices.Contains(m.Units, u) })
}

// At reports whether the unit is the machine of an index in a source's record.
func (u *Unit) At(source, machine int) bool { return slices.Contains(u.at, where{source, machine}) }
