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
	Best       bool    // each machine has its own fastest settings
	PerExample bool    // machines are compared by example, because their epochs differ in examples
	Cells      []*Cell // of each machine; nil where it was not measured
	Places     []Place // of each machine

	given   bool      // its settings were asked for, and not only tried
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

// rowsOf adds the rows of one graph.
func (f *Fleet) rowsOf(runs []Run) {
	var keys []string
	byKey := map[string]*Row{}
	for _, r := range runs {
		row := byKey[r.key]
		if row == nil {
			row = f.newRow(r)
			byKey[r.key] = row
			keys = append(keys, r.key)
		}
		row.put(f.machineOf(r.Unit), f.Machines, r)
	}
	var given []record.Run
	var rows []*Row
	for _, k := range keys {
		if i := slices.IndexFunc(runs, func(r Run) bool { return r.key == k && !r.Point }); i >= 0 {
			byKey[k].given = true
			given, rows = append(given, *runs[i].Run), append(rows, byKey[k])
		}
	}
	for i, title := range setting.Titles(given) {
		rows[i].Settings = title[min(len(title), len(rows[i].Title+", ")):]
		if given[i].Side == "B" && rows[i].Settings == "" {
			rows[i].Settings = "side B"
		}
	}
	f.Rows = append(f.Rows, rows...)
	if best := f.best(keys, byKey); best != nil {
		f.Rows = append(f.Rows, best)
	}
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

// best returns the row of each machine's fastest settings, by the time per example; nil
// where no machine has several.
func (f *Fleet) best(keys []string, byKey map[string]*Row) *Row {
	if len(keys) == 0 {
		return nil
	}
	named := byKey[keys[0]]
	for _, k := range keys {
		if byKey[k].given {
			named = byKey[k]
			break
		}
	}
	out := &Row{Title: named.Title, Graph: named.Graph, Best: true, Cells: make([]*Cell, len(f.Machines))}
	several := false
	for m := range f.Machines {
		var fastest *Cell
		for _, k := range keys {
			c := byKey[k].Cells[m]
			if c == nil || !c.ok() {
				continue
			}
			several = several || fastest != nil
			if fastest == nil || c.perExample() < fastest.perExample() {
				fastest = c
			}
		}
		out.Cells[m] = fastest
	}
	if !several {
		return nil
	}
	return out
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
