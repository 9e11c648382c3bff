package report

import (
	"fmt"
	"io"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"epochtime/harness/record"
)

// Rank is a place in a ranking: the index of its run, the median of its launches
// in seconds, and whether it failed or was tried at all.
type Rank struct {
	Run     int
	Seconds float64
	Failed  bool
	Tried   bool
}

// longestReason is how much of a failure stands in a ranking's line.
const longestReason = 60

// Ranking writes the places of a search, the best first. What was not tried is
// counted. width is that of the terminal; 0 is unlimited.
func Ranking(w io.Writer, runs []record.Run, ranks []Rank, width int) {
	names, values := varyingOr(runs, "graph", func(r record.Run) string { return r.Graph.Name })
	header := table.Row{"place"}
	for _, name := range names {
		header = append(header, name)
	}
	header = append(header, "epoch time", "launches", "")
	var rows []table.Row
	untried := 0
	for i, rank := range ranks {
		if !rank.Tried {
			untried++
			continue
		}
		row := table.Row{strconv.Itoa(i + 1)}
		if rank.Failed {
			row[0] = none
		}
		for _, v := range values[rank.Run] {
			row = append(row, v)
		}
		rows = append(rows, append(row, rankTime(rank), launchesOf(runs[rank.Run]), rankNote(runs[rank.Run], rank)))
	}
	fmt.Fprintln(w, Grid(header, rows, width))
	fmt.Fprintln(w, "\n"+Wrap("", "Epoch time is the median of the launches; fewer launches, less certain.", width))
	if untried > 0 {
		fmt.Fprintln(w, Wrap("", fmt.Sprintf("%d of %d candidates were not tried: the budget was too short.", untried, len(ranks)), width))
	}
}

func rankTime(r Rank) string {
	if r.Seconds <= 0 {
		return none
	}
	return Seconds(r.Seconds)
}

// rankNote says what is special about a candidate.
func rankNote(r record.Run, rank Rank) string {
	for _, l := range r.Launches {
		if rank.Failed && l.Status != record.OK {
			return "failed: " + text.Snip(l.Reason, longestReason, "…")
		}
	}
	if rank.Run == 0 {
		return "default"
	}
	return ""
}
