package page

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"epochtime/harness/fleet"
	"epochtime/harness/report"
	"epochtime/internal/sentence"
)

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
	facts := make([][]report.Fact, len(f.Units))
	var names []string
	for i, u := range f.Units {
		facts[i] = factsOf(f, u)
		for _, fact := range facts[i] {
			names = sentence.Add(names, fact.Name)
		}
	}
	for _, name := range names {
		r := row{Head: name}
		for i := range facts {
			r.Cells = append(r.Cells, words(cmp.Or(textOf(facts[i], name), dash)))
			if r.Cells[i].Text != r.Cells[0].Text {
				r.Mark, r.Sub = true, "differs"
			}
		}
		t.Rows = append(t.Rows, r)
	}
	t.Rows = append(t.Rows, limitRows(f)...)
	return t
}

// textOf joins the facts of one name.
func textOf(facts []report.Fact, name string) string {
	var out []string
	for _, f := range facts {
		if f.Name == name {
			out = append(out, f.Text)
		}
	}
	return strings.Join(out, "; ")
}

// factsOf are what is known of a unit, and of what trained on it.
func factsOf(f *fleet.Fleet, u *fleet.Unit) []report.Fact {
	out := report.Machine(u.Machine)
	if u.Price != nil {
		out = append(out, report.Fact{Name: "price", Text: report.Price(u.Machine)})
	}
	var builds, missing []string
	for _, r := range f.Runs() {
		if r.Unit != u {
			continue
		}
		for _, l := range r.Launches {
			if text := report.TensorFlow(l.TensorFlow, l.Build); text != "" {
				builds = sentence.Add(builds, text)
			}
			for _, text := range l.Unreadable {
				missing = sentence.Add(missing, text)
			}
		}
	}
	if len(builds) > 0 {
		out = append(out, report.Fact{Name: "TensorFlow", Text: strings.Join(builds, "; ")})
	}
	if len(missing) > 0 {
		out = append(out, report.Fact{Name: "not readable here", Text: strings.Join(missing, "; ")})
	}
	return out
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
