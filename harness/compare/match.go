package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"epochtime/harness/record"
)

// match is a run of the base and its counterpart.
type match struct {
	title     string
	base, new *record.Run
	doubts    []string
}

// unimportant settings decide how long is measured, not what: runs that differ in
// them are counterparts, with a doubt.
var unimportant = []string{"epochs", "warmup", "seed"}

// keyed is a run with what it is matched by.
type keyed struct {
	run      *record.Run
	title    string
	settings map[string]string
}

// match pairs the runs of two records: those of equal graph and settings first,
// then what is left where a graph has one run on either side. In the record of an
// ab session, side A is the base and side B the new one.
func (c *Comparison) match(base, new *record.Record) []match {
	of, ours := runs(base, "A"), runs(new, "B")
	if c.SameSession && sided(base) {
		if len(of) > 0 && len(ours) > 0 { // whatever differs is what was asked
			return []match{{title: ours[0].title, base: of[0].run, new: ours[0].run}}
		}
		return nil
	}
	out, of, ours := counterparts(of, ours, keyed.whole)
	left, leftOurs := byTitle(of), byTitle(ours)
	more, of, ours := counterparts(of, ours, func(k keyed) string {
		if title := k.run.Title(); left[title] == 1 && leftOurs[title] == 1 {
			return title
		}
		return k.whole() // which has no counterpart
	})
	out = append(out, more...)
	c.OnlyBase, c.OnlyNew = titles(of), titles(ours)
	return out
}

// sided tells whether a record compares two sides.
func sided(r *record.Record) bool {
	return slices.ContainsFunc(r.Runs, func(run record.Run) bool { return run.Side != "" })
}

// runs are those of a record, only one side's where it has sides.
func runs(r *record.Record, side string) []keyed {
	list := make([]keyed, 0, len(r.Runs))
	for i := range r.Runs {
		if run := &r.Runs[i]; run.Side == "" || run.Side == side {
			list = append(list, keyed{run: run, settings: settings(run.Config)})
		}
	}
	name(list)
	return list
}

// settings are a configuration's, as text.
func settings(c record.Config) map[string]string {
	var fields map[string]json.RawMessage
	text, _ := json.Marshal(c) // a Config holds nothing that JSON lacks
	_ = json.Unmarshal(text, &fields)
	out := make(map[string]string, len(fields))
	for name, value := range fields {
		out[name] = strings.Trim(string(value), `"`)
	}
	for _, name := range []string{"data", "preprocess", "env"} {
		if out[name] == "null" || out[name] == "{}" || out[name] == "[]" {
			out[name] = "none"
		}
	}
	if out["feed"] == "" {
		out["feed"] = record.FeedBatches
	}
	for name, unset := range map[string]string{"executor": "", "intra_op": "0", "inter_op": "0"} {
		if out[name] == unset {
			out[name] = "default"
		}
	}
	for name, unset := range map[string]string{"inputs": "none", "take": "all", "tokens": "default", "window": "default", "image_size": "default"} {
		if out[name] == "" { // older records have none of these
			out[name] = unset
		}
	}
	return out
}

// whole is the run's graph and all settings that make it what it is.
func (k keyed) whole() string {
	var b strings.Builder
	b.WriteString(k.run.Graph.Name)
	for _, name := range slices.Sorted(maps.Keys(k.settings)) {
		if !slices.Contains(unimportant, name) {
			fmt.Fprintf(&b, "\x00%s=%s", name, k.settings[name])
		}
	}
	return b.String()
}

// name gives runs of one graph titles that tell them apart: the settings in which
// they differ.
func name(list []keyed) {
	groups := map[string][]int{}
	for i, k := range list {
		groups[k.run.Title()] = append(groups[k.run.Title()], i)
	}
	for title, group := range groups {
		differing := map[string]bool{}
		for _, i := range group {
			for setting, value := range list[i].settings {
				if value != list[group[0]].settings[setting] {
					differing[setting] = true
				}
			}
		}
		delete(differing, "feed") // is in the title
		for _, i := range group {
			list[i].title = title
			for _, setting := range slices.Sorted(maps.Keys(differing)) {
				list[i].title += fmt.Sprintf(", %s %s", strings.ReplaceAll(setting, "_", "-"), list[i].settings[setting])
			}
		}
	}
}

// counterparts pairs what has the same key, the first with the first, and returns
// the rest.
func counterparts(of, ours []keyed, key func(keyed) string) (pairs []match, restOf, restOurs []keyed) {
	waiting := map[string][]int{}
	for i, k := range of {
		waiting[key(k)] = append(waiting[key(k)], i)
	}
	taken := make([]bool, len(of))
	for _, k := range ours {
		list := waiting[key(k)]
		if len(list) == 0 {
			restOurs = append(restOurs, k)
			continue
		}
		waiting[key(k)] = list[1:]
		taken[list[0]] = true
		base := of[list[0]]
		pairs = append(pairs, match{title: k.title, base: base.run, new: k.run, doubts: changed(base, k)})
	}
	for i, k := range of {
		if !taken[i] {
			restOf = append(restOf, k)
		}
	}
	return pairs, restOf, restOurs
}

// byTitle counts the runs of each graph.
func byTitle(list []keyed) map[string]int {
	out := map[string]int{}
	for _, k := range list {
		out[k.run.Title()]++
	}
	return out
}

// changed says which settings differ.
func changed(base, new keyed) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(new.settings)) {
		if a, b := base.settings[name], new.settings[name]; a != b {
			out = append(out, fmt.Sprintf("different %s: %s against %s", strings.ReplaceAll(name, "_", " "), a, b))
		}
	}
	return out
}

func titles(list []keyed) []string {
	var out []string
	for _, k := range list {
		out = append(out, k.title)
	}
	return out
}
