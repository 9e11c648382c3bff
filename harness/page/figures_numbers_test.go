package page

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/madefleet"
)

// renamed makes a record one of another model.
func renamed(r *record.Record, name string) *record.Record {
	r.ID = name
	for i := range r.Runs {
		r.Runs[i].Graph.Name, r.Runs[i].Graph.SHA256 = name, name
	}
	return r
}

// rateOf are the examples per second of a run.
func rateOf(run record.Run) float64 {
	return float64(run.Launches[0].Epochs[0].Samples) / medianOf(launchMedians(run))
}

// The tables below curves, histories and launches over time have the records' numbers.
func TestNumbersOfFigures(t *testing.T) {
	swept := renamed(madefleet.Sweep(one, []int{16, 32, 64, 128}, 128), "swept")
	threads, hot := renamed(threaded(), "threaded"), renamed(throttled(), "throttled")
	sessions := madefleet.Sessions(one, 12, 6)
	ctx := open(t, merged(t, fleet.Options{}, append(sessions, swept, threads, hot)...))
	tried := map[string]int{}
	at := 0.0 // batch or threads of a row
	for _, s := range evaluate[[]shown](t, ctx, numbers) {
		var want float64
		switch s.Figure {
		case "sweep-batch", "threads":
			at, _ = strconv.ParseFloat(s.Value, 64)
			want = at
		case "sweep-examples":
			k := slices.IndexFunc(swept.Runs, func(r record.Run) bool { return r.Config.Batch == int(at) })
			want = rateOf(swept.Runs[k])
		case "threads-examples", "threads-speed":
			k := slices.IndexFunc(threads.Runs, func(r record.Run) bool { return r.Config.IntraOp == int(at) })
			if want = rateOf(threads.Runs[k]); s.Figure == "threads-speed" {
				want /= rateOf(threads.Runs[0])
			}
		case "session":
			k := slices.IndexFunc(sessions, func(r *record.Record) bool { return r.Started.UTC().Format(time.DateTime) == s.Row })
			want = medianOf(launchMedians(sessions[k].Runs[0]))
		case "over-start", "over-epoch":
			epochs := hot.Runs[0].Launches[0].Epochs
			k := slices.IndexFunc(epochs, func(e record.Epoch) bool { return report.Count(e.Index) == s.Row })
			if want = epochs[k].Seconds; s.Figure == "over-start" {
				want = epochs[k].Start - epochs[0].Start
			}
		default:
			continue
		}
		tried[s.Figure]++
		got, err := strconv.ParseFloat(s.Value, 64)
		if err != nil || !near([]float64{got}, []float64{want}) || !showsIt(s.Text, []float64{got}) {
			t.Errorf("%s, %s, %s is %q, shown as %q, and the record has %g", s.Caption, s.Row, s.Figure, s.Value, s.Text, want)
		}
	}
	for figure, least := range map[string]int{
		"sweep-batch": 4, "sweep-examples": 3, "threads": 3, "threads-examples": 3, "threads-speed": 3, "session": 12, "over-start": 120, "over-epoch": 120,
	} {
		if tried[figure] < least {
			t.Errorf("only %d numbers of %s were seen", tried[figure], figure)
		}
	}
}
