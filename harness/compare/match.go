package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// match is a run of the base and its counterpart.
type match struct {
	title     string
	base, new *record.Run
	doubts    []string
}

// named is a run and the title that tells it from the other runs of its record.
type named struct {
	run   *record.Run
	title string
}

// match pairs the runs of two records: first those of equal graph and settings,
// then what is left where a graph has one run on either side. Within one session
// of two sides, side A is the base and side B the new one.
func (c *Comparison) match(base, new *record.Record) []match {
	if c.SameSession && sided(base) {
		return c.matchSides(new)
	}
	bases, news := runs(base, "A"), runs(new, "B")
	c.LeftOut = append(leftOut(base, bases, "the base"), leftOut(new, news, "the new record")...)
	out, bases, news := counterparts(bases, news, configuration)
	baseCounts, newCounts := byTitle(bases), byTitle(news)
	more, bases, news := counterparts(bases, news, func(r *record.Run) string {
		if title := r.Title(); baseCounts[title] == 1 && newCounts[title] == 1 {
			return title
		}
		return configuration(r) // it has no counterpart
	})
	c.OnlyBase, c.OnlyNew = titles(bases), titles(news)
	return append(out, more...)
}

// matchSides pairs the two sides of a session, however they differ, and leaves out
// its other runs, the candidates of a search.
func (c *Comparison) matchSides(r *record.Record) []match {
	var a, b *named
	for _, n := range name(r, func(*record.Run) bool { return true }) {
		switch n.run.Side {
		case "A":
			a = &n
		case "B":
			b = &n
		default:
			c.LeftOut = append(c.LeftOut, "candidate "+n.title)
		}
	}
	if a == nil || b == nil {
		return nil
	}
	return []match{{title: b.run.Title(), base: a.run, new: b.run}}
}

// sided reports whether a record compares two sides.
func sided(r *record.Record) bool {
	return slices.ContainsFunc(r.Runs, func(run record.Run) bool { return run.Side != "" })
}

// runs returns the runs of a record that are compared with another session's: of
// an ab one side, of a search its candidates.
func runs(r *record.Record, side string) []named {
	if r.Plan.Kind == record.KindTune {
		side = ""
	}
	return name(r, func(run *record.Run) bool { return run.Side == "" || run.Side == side })
}

// leftOut names the runs of a record that are not among those compared: the other
// side of an ab, and what confirms a search.
func leftOut(r *record.Record, compared []named, of string) []string {
	var out []string
	for _, n := range name(r, func(run *record.Run) bool {
		return !slices.ContainsFunc(compared, func(n named) bool { return n.run == run })
	}) {
		out = append(out, fmt.Sprintf("side %s of %s (%s)", n.run.Side, of, n.title))
	}
	return out
}

func name(r *record.Record, wanted func(*record.Run) bool) []named {
	var chosen []record.Run
	var out []named
	for i := range r.Runs {
		if wanted(&r.Runs[i]) {
			chosen = append(chosen, r.Runs[i])
			out = append(out, named{run: &r.Runs[i]})
		}
	}
	for i, title := range setting.Titles(chosen) {
		out[i].title = title
	}
	return out
}

// configuration is the same for runs of one graph that differ in nothing that
// makes a run what it is.
func configuration(r *record.Run) string {
	var b strings.Builder
	b.WriteString(r.Graph.Name)
	for _, s := range setting.Of(r.Config) {
		if !s.Comparable {
			fmt.Fprintf(&b, "\x00%s=%s", s.Name, s.Text(r.Config))
		}
	}
	return b.String()
}

// counterparts pairs what has the same key, the first with the first, and returns
// the rest.
func counterparts(bases, news []named, key func(*record.Run) string) (pairs []match, restBase, restNew []named) {
	waiting := map[string][]int{}
	for i, n := range bases {
		waiting[key(n.run)] = append(waiting[key(n.run)], i)
	}
	taken := make([]bool, len(bases))
	for _, n := range news {
		list := waiting[key(n.run)]
		if len(list) == 0 {
			restNew = append(restNew, n)
			continue
		}
		waiting[key(n.run)] = list[1:]
		taken[list[0]] = true
		base := bases[list[0]]
		pairs = append(pairs, match{title: n.title, base: base.run, new: n.run, doubts: changed(base.run, n.run)})
	}
	for i, n := range bases {
		if !taken[i] {
			restBase = append(restBase, n)
		}
	}
	return pairs, restBase, restNew
}

// byTitle counts the runs of each graph.
func byTitle(list []named) map[string]int {
	out := map[string]int{}
	for _, n := range list {
		out[n.run.Title()]++
	}
	return out
}

// changed names the settings that differ.
func changed(base, new *record.Run) []string {
	var out []string
	for _, s := range setting.Differing(base.Config, new.Config) {
		out = append(out, fmt.Sprintf("different %s: %s against %s", s.Name, cmp.Or(s.Shown(base.Config), "none"), cmp.Or(s.Shown(new.Config), "none")))
	}
	return out
}

func titles(list []named) []string {
	var out []string
	for _, n := range list {
		out = append(out, n.title)
	}
	return out
}
