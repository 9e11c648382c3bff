package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// shortID is how much of an id is shown: enough for 'history show'.
const shortID = 8

// FromSearch names a search, as in "from tune @00c0ffee of 2026-03-01".
func FromSearch(id string, found time.Time) string {
	return fmt.Sprintf("from tune @%s of %s", shortened(id), found.Format(time.DateOnly))
}

// BestSentence says what the best settings are, and which search found them.
func BestSentence(b compare.Best) string {
	return FromSearch(b.ID, b.Found) + ": " + BestChanges(b)
}

// BestChanges says what the best settings change of the default.
func BestChanges(b compare.Best) string {
	var words []string
	for _, item := range b.Changes() {
		name, value, _ := strings.Cut(item, "=")
		switch variable, ok := strings.CutPrefix(name, "env."); {
		case name == "graph":
			words = append(words, value)
		case ok:
			words = append(words, variable+"="+value)
		default:
			words = append(words, name+" "+value)
		}
	}
	if len(words) == 0 {
		return "nothing is faster than the default"
	}
	return strings.Join(words, ", ")
}

// KnownSettings says of the runs with known settings where they are from, and what the
// best make of the time of the default where the record has both.
func KnownSettings(rec *record.Record) []string {
	var out []string
	titles := Titles(rec.Runs)
	for i := range rec.Runs {
		r := &rec.Runs[i]
		if r.Settings == nil || r.Settings.Name != record.SettingsBest {
			continue
		}
		line := fmt.Sprintf("%s: the best settings known, %s.", titles[i], FromSearch(r.Settings.From, r.Settings.Found))
		if base := defaultOf(rec, r); base != nil {
			line += againstDefault(base, r)
		}
		out = append(out, line)
	}
	return out
}

// defaultOf returns the run of a record with the default settings of the same graph, fed
// alike.
func defaultOf(rec *record.Record, best *record.Run) *record.Run {
	for i := range rec.Runs {
		r := &rec.Runs[i]
		if s := r.Settings; s != nil && s.Name == record.SettingsDefault && s.Graph == best.Settings.Graph && r.Config.Feed == best.Config.Feed {
			return r
		}
	}
	return nil
}

// againstDefault is what best settings make of the time of the default, from launches
// paired block by block.
func againstDefault(base, best *record.Run) string {
	r := stats.RatioByBlocks(stats.LaunchValues(base, false), stats.LaunchValues(best, false), stats.Confidence)
	switch {
	case r.Blocks == 0:
		return ""
	case !r.Known():
		return fmt.Sprintf(" Time per epoch against the default settings: %s.", Change(r.Median))
	}
	return fmt.Sprintf(" Time per epoch against the default settings: %s (%.3g %% interval %s).", Change(r.Median), 100*r.Confidence, Changes(r))
}

// Bests writes a line for each of the best settings that are known.
func Bests(w io.Writer, list []compare.Best, width int) {
	if len(list) == 0 {
		fmt.Fprintln(w, "No best settings are known: no search has found any.")
		return
	}
	var rows []table.Row
	for _, b := range list {
		rows = append(rows, table.Row{b.Default.Graph.Name, b.Machine.Title(), b.TensorFlow, bestChange(b), b.Found.Format(time.DateOnly), shortened(b.ID), Prose(BestChanges(b))})
	}
	fmt.Fprintln(w, Grid(table.Row{"graph", "machine", "TensorFlow", "time", "found", "tune", "best settings"}, rows, width))
}

// bestChange is what the best settings make of the default's time.
func bestChange(b compare.Best) string {
	if b.IsDefault() {
		return none
	}
	return Change(b.Ratio.Median)
}
