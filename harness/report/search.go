package report

import (
	"fmt"
	"io"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// longestReason is how much of a failure is shown in a ranking's line.
const longestReason = 60

// search writes the ranking of a search, its confirmation, and what to do.
func search(w io.Writer, rec *record.Record, s compare.Search, threshold float64, width int) {
	if len(s.Candidates) == 0 {
		fmt.Fprintln(w, "The record has no candidates.")
		return
	}
	ranking(w, rec, s, width)
	fmt.Fprintln(w)
	if s.Pair != nil {
		fmt.Fprintf(w, "%s\n\n", Wrap("", "Confirmation in a fresh comparison; A is the default, B the winner of the search:", width))
		sides(w, *s.Pair, threshold, width)
		fmt.Fprintln(w)
	}
	sentence, command := Advice(rec, s)
	fmt.Fprintln(w, Wrap("", sentence, width))
	if command != "" {
		fmt.Fprintln(w, "  "+command)
	}
}

// ranking writes the places of the candidates, the best first. What was not tried
// is counted.
func ranking(w io.Writer, rec *record.Record, s compare.Search, width int) {
	var lines []line
	for i, standing := range s.Ranking {
		if !standing.Tried() {
			continue
		}
		place := strconv.Itoa(i + 1)
		if standing.Failed {
			place = none
		}
		lines = append(lines, line{place, standing.Run, table.Row{standingTime(standing), Launches(s.Candidates[standing.Run]), StandingNote(s, standing)}})
	}
	v, header := varying(s.Candidates), table.Row{"epoch time", "launches", ""}
	out, fits := v.grid("place", header, lines, width)
	if !fits {
		out = labelled(v.change, "place", header, lines, width)
	}
	fmt.Fprintln(w, out)
	fmt.Fprintln(w, "\n"+Wrap("", "Epoch time is the median of the launches. The fewer launches, the less certain it is.", width))
	if first := s.Ranking[0].Run; s.Winner >= 0 && s.Winner != first {
		fmt.Fprintln(w, Wrap("", "The launches do not tell the winner from place 1, which changes more settings.", width))
	}
	if untried := len(s.Ranking) - len(lines); untried > 0 {
		reason := "The time limit"
		if rec.Status != record.Complete {
			reason = "The interruption"
		}
		fmt.Fprintln(w, Wrap("", fmt.Sprintf("%s left %d of %d candidates untried.", reason, untried, len(s.Ranking)), width))
	}
}

func standingTime(s stats.Standing) string {
	if s.Seconds <= 0 {
		return none
	}
	return Seconds(s.Seconds)
}

// StandingNote returns what is special about a candidate: default, winner, or how
// it failed.
func StandingNote(s compare.Search, standing stats.Standing) string {
	switch {
	case standing.Failed:
		return "failed: " + snip(failure(s.Candidates[standing.Run]), longestReason)
	case standing.Run == s.Winner && standing.Run == 0:
		return "default, winner"
	case standing.Run == s.Winner:
		return "winner"
	case standing.Run == 0:
		return "default"
	}
	return ""
}

// failure is the reason of the first launch that failed; empty where none did.
func failure(r record.Run) string {
	for _, l := range r.Launches {
		if l.Status != record.OK && l.Status != record.Interrupted {
			return l.Reason
		}
	}
	return ""
}

// Advice returns what a search has come to, as a sentence, and the command line to
// use; empty where no candidate works.
func Advice(rec *record.Record, s compare.Search) (sentence, command string) {
	if s.Winner < 0 {
		return fmt.Sprintf("No candidate works: %s.", failure(s.Candidates[0])), ""
	}
	defaults, winner := s.Candidates[0], s.Candidates[s.Winner]
	command = Command(winner)
	switch {
	case s.Winner == 0:
		return "Nothing beats the default:", command
	case defaults.Summary == nil:
		return fmt.Sprintf("The default does not work here: %s. The fastest that does:", failure(defaults)), command
	case s.Pair == nil:
		return "The search ended before its winner was compared with the default. To compare the two:", compareCommand(defaults, winner, 0)
	case s.Pair.Base.Summary == nil || s.Pair.New.Summary == nil:
		return "One side of the confirmation did not work. To compare both again:", compareCommand(defaults, winner, 0)
	case s.Pair.Failures != nil:
		return "Not confirmed: launches of the confirmation failed. To compare the two again:", compareCommand(defaults, winner, 0)
	case s.Pair.Verdict == compare.Faster:
		return "Run it with:", command
	case s.Pair.Verdict == compare.Inconclusive:
		return notConfirmed(rec, *s.Pair), compareCommand(defaults, winner, s.Pair.Needed)
	}
	return "Nothing beats the default:", Command(defaults)
}

// notConfirmed says what would confirm the winner: more time, if the time limit
// ended the comparison.
func notConfirmed(rec *record.Record, p compare.Pair) string {
	out := "Not confirmed: these launches cannot tell the winner from the default."
	if limit := rec.Plan.MaxTime; limit > 0 && len(p.New.Launches) < rec.Plan.Blocks {
		out += fmt.Sprintf(" The time limit of %s was too short", Seconds(limit))
		if needed := p.NeededSeconds(); needed > 0 && finite(needed) {
			out += fmt.Sprintf("; %dm may be enough", wholeMinutes(max(limit, searchSeconds(rec)+needed)))
		}
		out += "."
	}
	return out + " To compare the two for longer:"
}

// searchSeconds is how long the launches of all candidates took.
func searchSeconds(rec *record.Record) float64 {
	total := 0.0
	for _, r := range rec.Runs {
		if r.Side != "" {
			continue
		}
		for _, l := range r.Launches {
			total += l.Wall
		}
	}
	return total
}

// wholeMinutes returns the whole minutes that exceed a duration in seconds.
func wholeMinutes(s float64) int { return int(s/60) + 1 }
