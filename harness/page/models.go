package page

import (
	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/sentence"
)

// models are the tables of all rows.
func models(f *fleet.Fleet) []model {
	var out []model
	for _, r := range f.Rows {
		out = append(out, model{Name: r.Name(), About: about(r) + ".", Table: modelTable(f, r), Parts: partsOf(r)})
	}
	return out
}

// about describes a model.
func about(r *fleet.Row) string {
	architecture := r.Graph.Architecture
	if architecture == r.Title {
		architecture = ""
	}
	out := sentence.Join(", ", architecture, report.Count(r.Graph.Parameters)+" parameters")
	if r.Graph.FlopsPerExample > 0 {
		out += ", " + report.Amount(r.Graph.FlopsPerExample) + " FLOP per example"
	}
	if part := report.ScriptPart(r.Graph.Script); part != "" {
		out += ", " + part
	}
	if r.PerExample {
		out += ". Its epochs differ in examples, so machines are compared by example"
	}
	return out
}

// alone is the table of the models of the only machine; nil where there are several.
func alone(f *fleet.Fleet) *table {
	if len(f.Machines) != 1 || len(f.Rows) == 0 {
		return nil
	}
	var cells []*fleet.Cell
	for _, r := range f.Rows {
		cells = append(cells, r.Cells[0])
	}
	shown := valued(cells)
	t := &table{Caption: "Models on " + f.Machines[0].Name, Head: []string{"model"}}
	for _, c := range shown {
		t.Head = append(t.Head, c.title)
	}
	for i, r := range f.Rows {
		sub := sentence.Join("; ", ranWith(f, r, cells[i]), about(r))
		if r.Gains()[0] != nil {
			sub = "with the settings above"
		}
		t.Rows = append(t.Rows, row{Head: r.Name(), Sub: sub, Cells: modelCells(cells[i], nil, shown)})
	}
	return t
}

// modelTable has a line for each machine that was measured, the best first, with the columns of which some
// machine has a value.
func modelTable(f *fleet.Fleet, r *fleet.Row) *table {
	shown := valued(r.Cells)
	t := &table{Caption: r.Name() + " by machine", Head: []string{"machine"}}
	for _, c := range shown[:min(1, len(shown))] {
		t.Head = append(t.Head, c.title)
	}
	t.Head = append(t.Head, relativeTitle[f.Rank], "rank", "probability of being first")
	for _, c := range shown[min(1, len(shown)):] {
		t.Head = append(t.Head, c.title)
	}
	for _, i := range ranked(r.Places) {
		c := r.Cells[i]
		if c == nil { // the table of all models says so
			continue
		}
		ranks := placeCells(r.Places[i], r.Places)
		t.Rows = append(t.Rows, row{Head: f.Machines[i].Name, Sub: ranWith(f, r, c), Mark: r.Places[i].Rank == 1, Cells: modelCells(c, ranks, shown)})
	}
	return t
}

// modelCells are the first of the columns, ranks, and the others.
func modelCells(c *fleet.Cell, ranks []cell, shown []column) []cell {
	if len(shown) == 0 {
		return ranks
	}
	out := append([]cell{shown[0].cell(c)}, ranks...)
	for _, col := range shown[1:] {
		out = append(out, col.cell(c))
	}
	return out
}

// partsOf is the table of the sessions and units of a row's cells that have several; nil
// where none has.
func partsOf(r *fleet.Row) *table {
	shown := valued(r.Cells)
	t := &table{Caption: "Sessions of " + r.Name(), Head: []string{"unit", "began"}}
	for _, c := range shown {
		t.Head = append(t.Head, c.title)
	}
	for _, c := range r.Cells {
		if c == nil || len(c.Runs) < 2 {
			continue
		}
		for _, run := range c.Runs {
			line := row{Head: run.Unit.Name, Cells: []cell{words(run.Began.UTC().Format("2006-01-02 15:04"))}}
			line.Cells = append(line.Cells, modelCells(&fleet.Cell{Machine: c.Machine, Runs: []fleet.Run{run}}, nil, shown)...)
			t.Rows = append(t.Rows, line)
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// allParts are the tables of sessions of all rows.
func allParts(f *fleet.Fleet) []*table {
	var out []*table
	for _, r := range f.Rows {
		if t := partsOf(r); t != nil {
			out = append(out, t)
		}
	}
	return out
}

// ranWith says on what device and batch a cell was measured, and of the best settings
// which they are and what found them.
func ranWith(f *fleet.Fleet, r *fleet.Row, c *fleet.Cell) string {
	if c == nil || len(c.Runs) == 0 {
		return ""
	}
	run := c.Runs[0]
	out := sentence.Join(", ", device(run.Run), batch(run.Run))
	if r.Best {
		out = sentence.Join(", ", out, sentence.Join(", ", changed(r.Graph, run)...), foundBy(f, run))
	}
	return out
}

// device is the one that a run's launches used.
func device(r *record.Run) string {
	for _, l := range r.Launches {
		if l.Resolved.Device != "" {
			return l.Resolved.Device
		}
	}
	return r.Config.Device
}

func batch(r *record.Run) string {
	for _, l := range r.Launches {
		if l.Resolved.Batch > 0 {
			return "batch " + report.Count(l.Resolved.Batch)
		}
	}
	return ""
}
