package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"epochtime/harness/record"
)

// usual names a setting that is left to TensorFlow, the environment or the graph.
const usual = "default"

// longestSetting keeps a worker's command line from filling the table.
const longestSetting = 32

// namedSettings are the settings of a run as people name them, without the
// environment.
var namedSettings = []struct {
	name  string
	value func(record.Run) string
}{
	{"graph", func(r record.Run) string { return r.Graph.Name }},
	{"batch", func(r record.Run) string {
		if r.Config.Batch == 0 {
			return "full"
		}
		return Count(r.Config.Batch)
	}},
	{"samples", func(r record.Run) string {
		if r.Config.Samples == 0 {
			return "all"
		}
		return Count(r.Config.Samples)
	}},
	{"take", func(r record.Run) string {
		if r.Config.Take == 0 {
			return "all"
		}
		return Count(r.Config.Take)
	}},
	{"tokens", func(r record.Run) string { return orUsual(r.Config.Tokens) }},
	{"window", func(r record.Run) string { return chosen(r.Config.Window) }},
	{"image size", func(r record.Run) string { return orUsual(r.Config.ImageSize) }},
	{"device", func(r record.Run) string { return r.Config.Device }},
	{"executor", func(r record.Run) string { return orUsual(r.Config.Executor) }},
	{"intra-op", func(r record.Run) string { return chosen(r.Config.IntraOp) }},
	{"inter-op", func(r record.Run) string { return chosen(r.Config.InterOp) }},
	{"prefetch", func(r record.Run) string { return strconv.Itoa(r.Config.Prefetch) }},
	{"feed", func(r record.Run) string {
		if r.Config.Feed == "" {
			return record.FeedBatches
		}
		return r.Config.Feed
	}},
	{"tensorflow", func(r record.Run) string { return ofLaunch(r, func(l record.Launch) string { return l.TensorFlow }) }},
	{"worker", func(r record.Run) string {
		worker := ofLaunch(r, func(l record.Launch) string { return strings.Join(l.Worker, " ") })
		return text.Snip(worker, longestSetting, "…")
	}},
}

func chosen(n int) string {
	if n == 0 {
		return usual
	}
	return strconv.Itoa(n)
}

func orUsual(text string) string {
	if text == "" {
		return usual
	}
	return text
}

// ofLaunch is what the first launch that has it says.
func ofLaunch(r record.Run, value func(record.Launch) string) string {
	for _, l := range r.Launches {
		if v := value(l); v != "" {
			return v
		}
	}
	return none
}

// Varying names the settings in which runs differ, and gives their values for
// each run.
func Varying(runs []record.Run) (names []string, values [][]string) {
	values = make([][]string, len(runs))
	add := func(name string, value func(record.Run) string) {
		column := make([]string, len(runs))
		known := map[string]bool{}
		for i, r := range runs {
			column[i] = value(r)
			if column[i] != none { // a run without launches does not say
				known[column[i]] = true
			}
		}
		if len(known) < 2 {
			return
		}
		names = append(names, name)
		for i := range runs {
			values[i] = append(values[i], column[i])
		}
	}
	for _, s := range namedSettings {
		add(s.name, s.value)
	}
	for _, name := range variables(runs) {
		add(name, func(r record.Run) string {
			if v, set := r.Config.Env[name]; set {
				return v
			}
			return usual
		})
	}
	return names, values
}

// variables are the names of all that any run sets in the environment.
func variables(runs []record.Run) []string {
	all := map[string]bool{}
	for _, r := range runs {
		for name := range r.Config.Env {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Label names a run by the settings in which it differs, as in "batch 64,
// intra-op 2".
func Label(names, values []string) string {
	var out []string
	for i, name := range names {
		out = append(out, fmt.Sprintf("%s %s", name, values[i]))
	}
	return strings.Join(out, ", ")
}
