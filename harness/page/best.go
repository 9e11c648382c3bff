package page

import (
	"slices"
	"strings"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/setting"
	"epochtime/internal/sentence"
)

// bests is the table of default and best settings side by side, by model and machine;
// nil where no machine has both.
func bests(f *fleet.Fleet) *table {
	t := &table{Caption: "Default and best settings side by side", Head: []string{"model", "epoch time, default", "epoch time, best", "change", "default settings", "best settings"}}
	for _, r := range f.Rows {
		for i, g := range r.Gains() {
			if g == nil {
				continue
			}
			base, best := g.Default.Runs[0], g.Best.Runs[0]
			before, _ := g.Default.Seconds()
			after, _ := g.Best.Seconds()
			change := number("gain", report.Change(g.Ratio.Median), g.Ratio.Median)
			if g.Ratio.Known() {
				change.Sub = report.Changes(g.Ratio)
			}
			with := words(settingsText(r.Graph, best))
			with.Sub, with.Long = foundBy(f, best), true
			line := row{Head: r.Title, Cells: []cell{
				number("epoch-default", report.Seconds(before.Median), before.Median), number("epoch-best", report.Seconds(after.Median), after.Median), change,
				words(settingsText(r.Graph, base)), with,
			}}
			if len(f.Machines) > 1 {
				line.Sub = "on " + f.Machines[i].Name
			}
			t.Rows = append(t.Rows, line)
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// settingsText are the settings of a run of a graph, with its batch.
func settingsText(g record.Graph, r fleet.Run) string {
	return sentence.Join(", ", append([]string{batch(r.Run)}, changed(g, r)...)...)
}

// ofWork are settings that say what is trained, and not how, or are shown elsewhere.
var ofWork = []string{"device", "batch", "epochs", "seed", "samples", "warmup"}

// changed are the settings of a run that are not those of epochtime, and its export where
// that is not the graph.
func changed(g record.Graph, r fleet.Run) []string {
	var out []string
	if r.Graph.SHA256 != g.SHA256 {
		out = append(out, "as "+r.Graph.Name)
	}
	for _, s := range setting.Differing(setting.Defaults(), r.Config) {
		shown := s.Shown(r.Config)
		variable, isVariable := strings.CutPrefix(s.Name, "env.")
		switch {
		case slices.Contains(ofWork, s.Name) || shown == "" || shown == "default" || shown == "auto":
		case isVariable:
			out = append(out, variable+"="+shown)
		default:
			out = append(out, s.Name+" "+shown)
		}
	}
	return out
}

// foundBy says what found the settings of a run to be the best.
func foundBy(f *fleet.Fleet, r fleet.Run) string {
	if s, ok := f.SearchOf(r); ok {
		return report.FromSearch(s.ID, s.Began)
	}
	return "the fastest that was measured"
}
