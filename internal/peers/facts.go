//go:build linux

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// facts are when, where and how the launches of all records were made.
type facts struct {
	Date, Took, Machine, Versions, Command string

	Launches, Blocks int
	Seed             uint64
	Stolen           string   // share of the measured time
	Incomplete       []string // titles of works
}

func factsOf(records []*record.Record) facts {
	var f facts
	first := time.Time{}
	versions, machines := map[string]string{}, map[string]bool{}
	var wall, stolen, measured float64
	var commands []string
	for _, rec := range records {
		if first.IsZero() || rec.Started.Before(first) {
			first = rec.Started
		}
		f.Seed, f.Blocks = rec.Plan.Seed, max(f.Blocks, rec.Plan.Blocks)
		if command := strings.Join(rec.Argv, " "); !slices.Contains(commands, command) { // models may be measured one after another
			commands = append(commands, command)
		}
		if rec.Status != record.Complete {
			f.Incomplete = append(f.Incomplete, rec.Labels[labelWork])
		}
		for _, m := range rec.Machines {
			machines[fmt.Sprintf("%s, %d cores, %s, %s %s", m.CPU, m.Cores, report.Bytes(m.MemoryBytes), m.OS, m.Kernel)] = true
		}
		versions["epochtime"] = rec.Epochtime
		for _, l := range launchesOf(rec) {
			f.Launches++
			wall, stolen = wall+l.Wall, stolen+l.Disturbance.Steal
			for _, e := range stats.Measured(l) {
				measured += e.Seconds
			}
			maps.Copy(versions, versionsOf(l))
		}
	}
	f.Command = strings.Join(commands, "`, `")
	f.Date, f.Took = first.Format(time.DateOnly), report.Seconds(wall)
	f.Machine = harmless.Markdown(strings.Join(slices.Sorted(maps.Keys(machines)), "; "))
	f.Versions = harmless.Markdown(listed(versions))
	if measured > 0 {
		f.Stolen = fmt.Sprintf("%.1f %%", 100*stolen/measured)
	}
	return f
}

func launchesOf(rec *record.Record) []record.Launch {
	var out []record.Launch
	for _, run := range rec.Runs {
		out = append(out, run.Launches...)
	}
	return out
}

// versionsOf returns the versions of what trained in a launch.
func versionsOf(l record.Launch) map[string]string {
	out := maps.Clone(l.Versions)
	if out == nil {
		out = map[string]string{}
	}
	if l.TensorFlow != "" {
		out["tensorflow"] = l.TensorFlow
	}
	return out
}

func listed(versions map[string]string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(versions)) {
		out = append(out, name+" "+versions[name])
	}
	return strings.Join(out, ", ")
}
