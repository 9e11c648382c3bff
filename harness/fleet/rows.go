package fleet

import (
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// Row is a model with the same settings on all machines, or with the best of each.
type Row struct {
	Title      string // of the graph; those that differ have their hash
	Settings   string // in which it differs from other rows of the graph; empty: none
	Graph      record.Graph
	Best       bool    // each machine has its own best settings
	Beside     *Row    // of the best settings, the row of the default ones; nil: they were not asked for
	PerExample bool    // machines are compared by example, because their epochs differ in examples
	Cells      []*Cell // of each machine; nil where it was not measured
	Places     []Place // of each machine

	samples []*sample // by which machines are ranked; nil where they are not
	medians []float64 // of the measure; NaN where it is not known
}

// Name is the row's title with its settings.
func (r *Row) Name() string {
	switch {
	case r.Best:
		return r.Title + ", best settings"
	case r.Settings != "":
		return r.Title + ", " + r.Settings
	}
	return r.Title
}

// findRows groups runs by model and settings. Settings that were only tried stand in the
// row of the best ones.
func (f *Fleet) findRows(runs []Run) {
	var models []string
	byModel := map[string][]Run{}
	for _, r := range runs {
		if byModel[r.model] == nil {
			models = append(models, r.model)
		}
		byModel[r.model] = append(byModel[r.model], r)
	}
	for _, m := range models {
		f.rowsOf(byModel[m])
	}
	f.distinguish()
}

// rowsOf adds the rows of one model.
func (f *Fleet) rowsOf(runs []Run) {
	var all []*Row
	byKey := map[string]*Row{}
	for _, r := range runs {
		if r.Role == Fits {
			continue
		}
		row := byKey[r.key]
		if row == nil {
			row = f.newRow(r)
			byKey[r.key] = row
			all = append(all, row)
		}
		row.put(f.machineOf(r.Unit), f.Machines, r)
	}
	var given []record.Run
	var rows []*Row
	for _, row := range all {
		if r := row.asked(); r != nil {
			given, rows = append(given, *r), append(rows, row)
		}
	}
	for i, title := range setting.Titles(given) {
		rows[i].Settings = title[min(len(title), len(rows[i].Title+", ")):]
		if given[i].Side == "B" && rows[i].Settings == "" {
			rows[i].Settings = "side B"
		}
	}
	f.Rows = append(f.Rows, rows...)
	if best := f.best(all); best != nil {
		f.Rows = append(f.Rows, best)
	}
}

// asked returns the first run of a row whose settings were asked for; nil where they were
// only tried.
func (r *Row) asked() *record.Run {
	for _, c := range r.Cells {
		if c == nil {
			continue
		}
		if i := slices.IndexFunc(c.Runs, func(r Run) bool { return r.Role == Asked }); i >= 0 {
			return c.Runs[i].Run
		}
	}
	return nil
}

func (f *Fleet) newRow(r Run) *Row {
	return &Row{Title: r.Title(), Graph: r.Graph, Cells: make([]*Cell, len(f.Machines))}
}

func (r *Row) put(machine int, machines []*Machine, run Run) {
	if r.Cells[machine] == nil {
		r.Cells[machine] = &Cell{Machine: machines[machine]}
	}
	r.Cells[machine].Runs = append(r.Cells[machine].Runs, run)
}

// best returns the row of each machine's best settings: those that a search has found
// before, and where there are none the fastest by the time per example. It is nil where
// no machine has several, or such ones.
func (f *Fleet) best(all []*Row) *Row {
	beside := besideBest(all)
	named := beside
	if named == nil && len(all) > 0 {
		named = all[0]
	}
	if named == nil {
		return nil
	}
	out := &Row{Title: named.Title, Graph: named.Graph, Best: true, Beside: beside, Cells: make([]*Cell, len(f.Machines))}
	worth := false
	for m := range f.Machines {
		var cells []*Cell
		for _, r := range all {
			if c := r.Cells[m]; c.ok() {
				cells = append(cells, c)
			}
		}
		known := slices.ContainsFunc(cells, (*Cell).known)
		worth = worth || known || len(cells) > 1
		for _, c := range cells {
			if c.known() == known && (out.Cells[m] == nil || c.perExample() < out.Cells[m].perExample()) {
				out.Cells[m] = c
			}
		}
	}
	if !worth {
		return nil
	}
	return out
}

// known reports whether the cell has the best settings that a search has found before.
func (c *Cell) known() bool { return c.Runs[0].Role == Best }

// besideBest returns the row of the default settings: of those that were asked for the one
// that is named so, else the first; nil where none was.
func besideBest(all []*Row) *Row {
	var first *Row
	for _, row := range all {
		r := row.asked()
		switch {
		case r == nil:
		case r.Settings != nil && r.Settings.Name == record.SettingsDefault:
			return row
		case first == nil:
			first = row
		}
	}
	return first
}

// distinguish gives rows of graphs that share a name their hash.
func (f *Fleet) distinguish() {
	hashes := map[string]map[string]bool{}
	for _, r := range f.Rows {
		if hashes[r.Title] == nil {
			hashes[r.Title] = map[string]bool{}
		}
		hashes[r.Title][r.Graph.SHA256] = true
	}
	for _, r := range f.Rows {
		if len(hashes[r.Title]) > 1 {
			r.Title += " (" + r.Graph.SHA256[:min(8, len(r.Graph.SHA256))] + ")"
		}
	}
}
