package fleet

import (
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/price"
	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/sentence"
)

// note adds the sentences on what the numbers are.
func (f *Fleet) note() {
	f.Notes = append(f.Notes, f.unitNotes()...)
	f.Notes = append(f.Notes, f.launchNotes()...)
	f.Notes = append(f.Notes, f.rankNotes()...)
	f.Notes = append(f.Notes, f.kindNotes()...)
	f.Warnings = append(f.Warnings, f.versionWarnings()...)
}

// unitNotes say of which machines only one unit was measured.
func (f *Fleet) unitNotes() []string {
	var single []string
	for _, m := range f.Machines {
		if len(m.Units) == 1 {
			single = append(single, m.Name)
		}
	}
	if len(single) == 0 {
		return nil
	}
	who := "one unit of " + sentence.List(single)
	if len(single) == len(f.Machines) && len(single) > 1 {
		who = "one unit of each machine"
	}
	out := []string{fmt.Sprintf("Only %s was measured, so how units of one type differ is not in the numbers. Identical GPUs differ by 8 %% on average and 22 %% at worst (arXiv 2208.11035).", who)}
	if len(f.Units) > 1 && len(f.Units) == len(f.Machines) && sameType(f.Machines) {
		out = append(out, fmt.Sprintf("All %d machines are of one type, so they are ranked as units.", len(f.Machines)))
	}
	return out
}

func sameType(machines []*Machine) bool {
	return !slices.ContainsFunc(machines, func(m *Machine) bool { return m.Type != machines[0].Type })
}

// tooFew says for each level why there is no interval.
var tooFew = [...]string{
	Launches: "An interval takes %d launches; models on %s have fewer.",
	Sessions: "Where a machine was measured in several sessions, an interval takes %d sessions, however many launches each has, because launches of one session do not tell how sessions differ; models on %s have fewer.",
	Units:    "Where several units of a machine were measured, an interval takes %d units, because launches on one do not tell how units differ; models on %s have fewer.",
}

// launchNotes say where launches are too few.
func (f *Fleet) launchNotes() []string {
	var one []string
	few := map[Level][]string{}
	sessions := false
	for _, r := range f.Rows {
		for _, c := range r.Cells {
			if !c.ok() || r.Best {
				continue
			}
			sessions = sessions || c.Level() != Launches
			switch s, _ := c.Seconds(); {
			case len(c.launches(seconds)) == 1:
				one = sentence.Add(one, c.Machine.Name)
			case !s.Known():
				few[c.Level()] = sentence.Add(few[c.Level()], c.Machine.Name)
			}
		}
	}
	var out []string
	if len(one) > 0 {
		out = append(out, fmt.Sprintf("One launch only, of models on %s: these times have no interval and no rank.", sentence.List(one)))
	}
	for level, why := range tooFew {
		if who := few[Level(level)]; len(who) > 0 {
			out = append(out, fmt.Sprintf(why, stats.MinLaunches, sentence.List(who)))
		}
	}
	if !sessions && len(f.Rows) > 0 {
		out = append(out, "Each model was measured in one session on each machine, so how sessions differ is not in the numbers.")
	}
	return out
}

// rankNotes say what is left out of rankings, and of what a best setting is the best.
func (f *Fleet) rankNotes() []string {
	var out []string
	if f.Rank == Cost && f.mixed() {
		var each []string
		for _, m := range f.Machines {
			if m.Price != nil {
				each = append(each, m.Name+currencyOf(m.Price))
			}
		}
		out = append(out, fmt.Sprintf("Prices are in several currencies, which are not ranked together: %s.", strings.Join(each, ", ")))
	}
	out = append(out, f.leftOut()...)
	if slices.ContainsFunc(f.Rows, func(r *Row) bool { return r.Best }) {
		out = append(out, "Best settings are those that a search had found before, where they were measured again; else the fastest that were measured on each machine. The best of many looks better than it is, unless it was measured again, as a search does.")
	}
	return out
}

// currencyOf names the currency of a price behind its machine.
func currencyOf(p *record.Price) string {
	if p.Currency == price.NoCurrency {
		return " without a currency"
	}
	return " in " + p.Currency
}

// leftOut says which models are in no overall ranking; those that the same machines lack
// are named together.
func (f *Fleet) leftOut() []string {
	var order []string
	of := map[string][]string{}
	for _, o := range f.Overall {
		for _, l := range o.LeftOut {
			var names []string
			for _, m := range l.Lacking {
				names = append(names, m.Name)
			}
			who := sentence.List(names)
			order = sentence.Add(order, who)
			of[who] = sentence.Add(of[who], l.Row.Name())
		}
	}
	var out []string
	for _, who := range order {
		out = append(out, fmt.Sprintf("Not in the overall ranking, for lack of a figure of %s: %s.", who, strings.Join(of[who], "; ")))
	}
	return out
}

// kindNotes say which records tell no epoch times.
func (f *Fleet) kindNotes() []string {
	var out []string
	for i, s := range f.Sources {
		if !slices.ContainsFunc(f.Rows, func(r *Row) bool { return r.of(i) }) {
			out = append(out, fmt.Sprintf("%s is a record of the kind %s, of which there are no epoch times to rank.", s.Name, s.Record.Plan.Kind))
		}
	}
	return out
}

// of reports whether a source has a run in the row.
func (r *Row) of(source int) bool {
	return slices.ContainsFunc(r.Cells, func(c *Cell) bool {
		return c != nil && slices.ContainsFunc(c.Runs, func(r Run) bool { return r.Source == source })
	})
}

// versionWarnings say where machines trained with different versions of TensorFlow.
func (f *Fleet) versionWarnings() []string {
	var versions, each []string
	for _, m := range f.Machines {
		var of []string
		for _, r := range f.Rows {
			if c := r.Cells[slices.Index(f.Machines, m)]; c != nil {
				of = c.versions(of)
			}
		}
		if len(of) > 0 {
			each = append(each, fmt.Sprintf("%s (%s)", strings.Join(of, " and "), m.Name))
		}
		for _, v := range of {
			versions = sentence.Add(versions, v)
		}
	}
	if len(versions) < 2 {
		return nil
	}
	return []string{fmt.Sprintf("TensorFlow differs: %s. What differs may not be the machine.", strings.Join(each, ", "))}
}

// versions adds the versions of TensorFlow that a cell's launches had.
func (c *Cell) versions(list []string) []string {
	for _, r := range c.Runs {
		for _, l := range r.Launches {
			if l.TensorFlow != "" && l.Status == record.OK {
				list = sentence.Add(list, l.TensorFlow)
			}
		}
	}
	return list
}
