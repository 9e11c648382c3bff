package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/sentence"
)

// headline is the answer in a sentence, and what is to be known with it.
func headline(f *fleet.Fleet) (string, []string) {
	if len(f.Rows) == 0 {
		return "No epoch times in these records", nil
	}
	if len(f.Overall) == 0 {
		return unrivalled(f), nil
	}
	var lead []string
	for i, o := range f.Overall[1:] {
		lead = append(lead, first(f, o)+withSettings(f.Overall[i+1])+".")
	}
	return first(f, f.Overall[0]) + withSettings(f.Overall[0]), lead
}

func withSettings(o *fleet.Overall) string {
	if o.Best {
		return " at each machine's best settings"
	}
	return ""
}

// unrivalled is the headline where there is nothing to rank.
func unrivalled(f *fleet.Fleet) string {
	const most = 3
	if len(f.Machines) > 1 {
		return "These machines share no model, so they are not ranked"
	}
	var each []string
	rows := 0
	for _, r := range f.Rows {
		if r.Best && r.Beside != nil {
			continue // in brackets after the default
		}
		rows++
		if s, ok := seconds(r.Cells[0]); ok && len(each) < most {
			each = append(each, r.Name()+" "+report.Seconds(s.Median)+atBest(f, r))
		}
	}
	if len(each) == 0 {
		return "No launch on " + f.Machines[0].Name + " gave a time"
	}
	out := fmt.Sprintf("An epoch on %s takes: %s", f.Machines[0].Name, strings.Join(each, ", "))
	switch more := rows - len(each); {
	case more == 1:
		out += ", and one more model"
	case more > 1:
		out += fmt.Sprintf(", and %d more models", more)
	}
	return out
}

// atBest is the time at the best settings that stand beside a row's, on the only machine
// and in brackets; empty where they are not known.
func atBest(f *fleet.Fleet, r *fleet.Row) string {
	for _, o := range f.Rows {
		if s, ok := seconds(o.Cells[0]); ok && o.Best && o.Beside == r {
			return fmt.Sprintf(" (%s at best settings)", report.Seconds(s.Median))
		}
	}
	return ""
}

// seconds is the time of an epoch in a cell that may be missing.
func seconds(c *fleet.Cell) (record.Interval, bool) {
	if c == nil {
		return record.Interval{}, false
	}
	return c.Seconds()
}

// verbs say what the first machine of a ranking is.
var verbs = map[fleet.Measure]string{fleet.Time: "trains fastest", fleet.Cost: "trains at the lowest cost", fleet.Energy: "trains with the least energy"}

// first says which machine is first, or which are tied.
func first(f *fleet.Fleet, o *fleet.Overall) string {
	order := ranked(o.Places)
	var leaders []string
	for _, i := range order {
		if o.Places[i].Rank == 1 {
			leaders = append(leaders, f.Machines[i].Name)
		}
	}
	over := fmt.Sprintf("over %d models", len(o.Rows))
	if len(o.Rows) == 1 {
		over = "on " + o.Rows[0].Name()
	}
	switch {
	case len(leaders) == 0:
		return "No machine is ranked " + over
	case len(leaders) > 1:
		return fmt.Sprintf("%s are tied for first %s", listed(leaders), over)
	}
	p := o.Places[order[0]]
	return fmt.Sprintf("%s %s %s%s (probability %s)", leaders[0], verbs[f.Rank], over, ahead(f, o, order), report.Probability(p.First))
}

// ahead says by how much the first machine is ahead of the second.
func ahead(f *fleet.Fleet, o *fleet.Overall, order []int) string {
	if len(order) < 2 || !(o.Places[order[1]].Relative > 0) {
		return ""
	}
	factor := report.Factor(o.Places[order[0]].Relative / o.Places[order[1]].Relative)
	return fmt.Sprintf(": %s %s %s", factor, map[fleet.Measure]string{fleet.Time: "the speed of", fleet.Cost: "the epochs per money of", fleet.Energy: "the epochs per joule of"}[f.Rank], f.Machines[order[1]].Name)
}

// listed joins names; of many the first ones.
func listed(names []string) string {
	const most = 4
	if len(names) > most {
		return fmt.Sprintf("%s and %d others", strings.Join(names[:most], ", "), len(names)-most)
	}
	return sentence.List(names)
}

// ranked returns the indices of places, the best first, those without a rank last.
func ranked(places []fleet.Place) []int {
	out := make([]int, len(places))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int {
		pa, pb := places[a], places[b]
		return cmp.Or(cmp.Compare(last(pa.Rank), last(pb.Rank)), cmp.Compare(known(pb.First), known(pa.First)), cmp.Compare(known(pb.Relative), known(pa.Relative)))
	})
	return out
}

func last(rank int) int {
	if rank == 0 {
		return math.MaxInt
	}
	return rank
}

func known(v float64) float64 {
	if math.IsNaN(v) {
		return -1
	}
	return v
}

// relativeTitle is the title of the column of Place.Relative.
var relativeTitle = map[fleet.Measure]string{fleet.Time: "relative speed", fleet.Cost: "epochs per money, relative", fleet.Energy: "epochs per joule, relative"}

// placeCells are rank, probability and relative speed.
func placeCells(p fleet.Place, all []fleet.Place) []cell {
	rank := words(dash)
	if p.Rank > 0 {
		text := report.Count(p.Rank)
		if p.Tied(all) {
			text += ", tied"
		}
		rank = number("rank", text, float64(p.Rank))
		rank.Mark = p.Rank == 1
	} else {
		rank.Sub = p.Why
	}
	probability, relative := words(dash), words(dash)
	if !math.IsNaN(p.First) {
		probability = number("first", report.Probability(p.First), p.First)
	}
	if !math.IsNaN(p.Relative) {
		relative = number("relative", report.Factor(p.Relative), p.Relative)
	}
	return []cell{relative, rank, probability}
}

// overall is the table of the machines over all models; nil where they are not ranked.
func overall(f *fleet.Fleet) *table {
	if len(f.Overall) == 0 {
		return nil
	}
	t := &table{Caption: "Machines " + overModels(f.Overall[0]), Head: []string{"machine"}}
	for _, o := range f.Overall {
		suffix := ""
		if len(f.Overall) > 1 {
			suffix = ", default settings"
		}
		if o.Best {
			suffix = ", best settings"
		}
		t.Head = append(t.Head, relativeTitle[f.Rank]+suffix, "rank"+suffix, "probability of being first")
	}
	priced := slices.ContainsFunc(f.Machines, func(m *fleet.Machine) bool { return m.Price != nil })
	if priced {
		t.Head = append(t.Head, "price per hour")
	}
	for _, i := range ranked(f.Overall[0].Places) {
		m := f.Machines[i]
		r := row{Head: m.Name, Sub: m.Type, Mark: f.Overall[0].Places[i].Rank == 1}
		for _, o := range f.Overall {
			r.Cells = append(r.Cells, placeCells(o.Places[i], o.Places)...)
		}
		if priced {
			r.Cells = append(r.Cells, priceCell(m.Price))
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

func overModels(o *fleet.Overall) string {
	if len(o.Rows) == 1 {
		return "on " + o.Rows[0].Name()
	}
	return fmt.Sprintf("over %d models, by the geometric mean", len(o.Rows))
}

func priceCell(p *record.Price) cell {
	if p == nil {
		return words(dash)
	}
	c := number("price", report.Money(p.PerHour, p.Currency), p.PerHour)
	c.Sub = sentence.Join(", ", p.Name, p.Source, p.Date)
	return c
}

// matrix is the table of models by machines; nil where one table of a model has it all.
func matrix(f *fleet.Fleet) *table {
	if len(f.Rows) < 2 || len(f.Machines) < 2 {
		return nil
	}
	t := &table{Caption: "Epoch time of each model on each machine, with its 95 % interval and relative speed", Names: true, Head: []string{"model"}}
	for _, m := range f.Machines {
		t.Head = append(t.Head, m.Name)
	}
	for _, r := range f.Rows {
		line := row{Head: r.Title, Sub: settingsOf(r)}
		for i, c := range r.Cells {
			line.Cells = append(line.Cells, matrixCell(c, r.Places[i]))
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

func settingsOf(r *fleet.Row) string {
	if r.Best {
		return "best settings of each machine"
	}
	return r.Settings
}

func matrixCell(c *fleet.Cell, p fleet.Place) cell {
	s, ok := seconds(c)
	if !ok {
		return cell{Text: dash, Sub: p.Why, Words: true}
	}
	out := number("epoch", report.Seconds(s.Median), s.Median)
	out.Sub = sentence.Join(", ", report.Range(s), rankText(p))
	if !s.Known() {
		out.Sub = sentence.Join(", ", rankText(p))
	}
	out.Mark = p.Rank == 1
	return out
}

// rankText is a rank in words, with the relative speed.
func rankText(p fleet.Place) string {
	if math.IsNaN(p.Relative) {
		return ""
	}
	if p.Rank == 0 {
		return report.Factor(p.Relative)
	}
	return fmt.Sprintf("%s, rank %d", report.Factor(p.Relative), p.Rank)
}
