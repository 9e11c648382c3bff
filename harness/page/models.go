package page

import (
	"fmt"
	"slices"

	"epochtime/harness/fleet"
	"epochtime/harness/price"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/setting"
)

// column is a column of a model's table.
type column struct {
	title string
	cell  func(*fleet.Cell) cell
}

// columns that a model's table has where a machine has a value.
var columns = []column{
	{"epoch time", func(c *fleet.Cell) cell {
		s, ok := c.Seconds()
		if !ok {
			return words(dash)
		}
		return number("epoch", report.Seconds(s.Median), s.Median)
	}},
	{"95 % interval", func(c *fleet.Cell) cell {
		s, _ := c.Seconds()
		return ends("epoch-interval", report.Range(s), s)
	}},
	{"examples per second", func(c *fleet.Cell) cell {
		v := c.ExamplesPerSecond()
		if v == 0 {
			return words(dash)
		}
		return number("examples", report.Rate(v), v)
	}},
	{"cost per epoch", func(c *fleet.Cell) cell {
		v, ok := c.Cost()
		if !ok {
			return words(dash)
		}
		return number("cost", report.Money(v.Median, c.Machine.Price.Currency), v.Median)
	}},
	{"cost per million examples", func(c *fleet.Cell) cell {
		rate := c.ExamplesPerSecond()
		if c.Machine.Price == nil || rate == 0 {
			return words(dash)
		}
		v := price.PerMillion(*c.Machine.Price, rate)
		return number("cost-million", report.Money(v, c.Machine.Price.Currency), v)
	}},
	{"energy per epoch", func(c *fleet.Cell) cell {
		v, ok := c.Joules()
		if !ok {
			return words(dash)
		}
		out := number("joules", report.Joules(v.Median), v.Median)
		if v.Known() {
			out.Sub = report.Joules(float64(v.Low)) + " to " + report.Joules(float64(v.High))
		}
		return out
	}},
	{"peak memory", func(c *fleet.Cell) cell {
		v := c.Memory()
		if v == 0 {
			return words(dash)
		}
		return number("memory", report.Bytes(v), float64(v))
	}},
	{"device memory", func(c *fleet.Cell) cell {
		v, reserved := c.DeviceMemory()
		if v == 0 {
			return words(dash)
		}
		out := number("device-memory", report.Bytes(v), float64(v))
		if reserved {
			out.Sub = "reserved, which is more than the peak"
		}
		return out
	}},
	{"launches", func(c *fleet.Cell) cell {
		ok, all := c.Counts()
		text := report.Count(ok)
		if ok < all {
			text = fmt.Sprintf("%d of %d", ok, all)
		}
		out := number("launches", text, float64(ok))
		out.Mark = ok < all
		return out
	}},
}

// models are the tables of all rows.
func models(f *fleet.Fleet) []model {
	var out []model
	for _, r := range f.Rows {
		m := model{Name: r.Name(), About: about(r), Table: modelTable(f, r)}
		out = append(out, m)
	}
	return out
}

// about describes a model.
func about(r *fleet.Row) string {
	out := joined(", ", r.Graph.Architecture, report.Count(r.Graph.Parameters)+" parameters")
	if r.Graph.FlopsPerExample > 0 {
		out += ", " + report.Amount(r.Graph.FlopsPerExample) + " FLOP per example"
	}
	if part := report.ScriptPart(r.Graph.Script); part != "" {
		out += ", " + part
	}
	if r.PerExample {
		out += ". Its epochs differ in examples, so machines are compared by example"
	}
	return out + "."
}

// modelTable has a line for each machine, the best first, with the columns of which some
// machine has a value.
func modelTable(f *fleet.Fleet, r *fleet.Row) *table {
	var shown []column
	for _, c := range columns {
		if slices.ContainsFunc(r.Cells, func(at *fleet.Cell) bool { return at != nil && c.cell(at).Value != "" }) {
			shown = append(shown, c)
		}
	}
	t := &table{Caption: r.Name() + " by machine", Head: []string{"machine"}}
	for _, c := range shown[:min(1, len(shown))] {
		t.Head = append(t.Head, c.title)
	}
	if len(f.Machines) > 1 {
		t.Head = append(t.Head, relativeTitle[f.Rank], "rank", "probability of being first")
	}
	for _, c := range shown[min(1, len(shown)):] {
		t.Head = append(t.Head, c.title)
	}
	for _, i := range ranked(r.Places) {
		c := r.Cells[i]
		ranks := placeCells(r.Places[i], r.Places)
		if len(f.Machines) == 1 {
			ranks = nil
		}
		t.Rows = append(t.Rows, row{Head: f.Machines[i].Name, Sub: ranWith(r, c), Mark: r.Places[i].Rank == 1, Cells: modelCells(c, ranks, shown)})
		t.Rows = append(t.Rows, unitRows(c, len(ranks), shown)...)
	}
	return t
}

// modelCells are the first of the columns, ranks, and the others.
func modelCells(c *fleet.Cell, ranks []cell, shown []column) []cell {
	var out []cell
	for i, col := range shown {
		if c == nil {
			out = append(out, words(dash))
		} else {
			out = append(out, col.cell(c))
		}
		if i == 0 {
			out = append(out, ranks...)
		}
	}
	if len(shown) == 0 {
		return ranks
	}
	return out
}

// unitRows are lines of the units or sessions of a cell that has several.
func unitRows(c *fleet.Cell, ranks int, shown []column) []row {
	if c == nil || len(c.Runs) < 2 {
		return nil
	}
	var out []row
	for _, run := range c.Runs {
		part := &fleet.Cell{Machine: c.Machine, Runs: []fleet.Run{run}}
		line := row{Head: "of these: " + run.Unit.Name, Sub: "session of " + run.Began.UTC().Format("2006-01-02 15:04")}
		line.Cells = modelCells(part, make([]cell, ranks), shown)
		for i := range line.Cells {
			line.Cells[i].Figure = "unit-" + line.Cells[i].Figure
		}
		out = append(out, line)
	}
	return out
}

// ranWith says on what device and batch a cell was measured, and of the best settings
// which they are.
func ranWith(r *fleet.Row, c *fleet.Cell) string {
	if c == nil || len(c.Runs) == 0 {
		return ""
	}
	run := c.Runs[0]
	out := joined(", ", device(run.Run), batch(run.Run))
	if r.Best {
		configs := []record.Config{setting.Defaults(), run.Config}
		for _, s := range setting.Differing(configs...) {
			if shown := s.Shown(run.Config); !slices.Contains([]string{"device", "batch", "epochs", "seed"}, s.Name) && shown != "" && shown != "default" && shown != "auto" {
				out += ", " + s.Name + " " + shown
			}
		}
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
