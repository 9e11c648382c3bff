package report

import (
	"database/sql"
	"testing"
	"time"

	"epochtime/harness/record"
	"epochtime/harness/store"
)

// A record has one line, or on a narrow terminal one for each run, and a search is
// not a list of its candidates.
func TestHistory(t *testing.T) {
	seconds := func(v float64) sql.NullFloat64 { return sql.NullFloat64{Float64: v, Valid: v > 0} }
	at := time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)
	entries := []store.Entry{
		{ID: "0123456789", Started: at, Machines: []string{"lab"}, Kind: record.KindTune, Status: record.Incomplete, Launches: 19,
			Runs: []store.Run{{Title: "cnn", Median: seconds(0.3)}, {Title: "cnn"}, {Title: "cnn-jit", Median: seconds(0.2)}}},
		{ID: "1123456789", Started: at, Machines: []string{"the second offer of a vendor"}, Kind: record.KindSweep, Status: record.Complete, Launches: 2, Runs: []store.Run{{Title: "rnn"}}},
		{ID: "2123456789", Started: at, Kind: record.KindAB, Status: record.Complete, Launches: 1200, Tags: []string{"main"}, Labels: map[string]string{"commit": "abc"},
			Runs: []store.Run{{Title: "cnn", Side: "A", Median: seconds(0.3)}, {Title: "cnn", Side: "B", Median: seconds(0.25)}}},
		{ID: "3123456789", Started: at, Kind: record.KindRun, Status: record.Complete, Launches: 24,
			Runs: []store.Run{{Title: "cnn", Notices: "callbacks"}, {Title: "linear", Notices: "callbacks, shuffle", Median: seconds(1e-4)}, {Title: "mlp", Median: seconds(0.02)}, {Title: "rnn", Median: seconds(1)}}},
		{ID: "4123456789", Started: at, Machines: []string{"a", "b"}, Kind: record.KindLargest, Status: record.Incomplete, Launches: 24, Labels: map[string]string{"commit": "0123456789abcdef"},
			Runs: []store.Run{{Title: "functional-embedding-classifier", Median: seconds(1)}}},
	}
	golden(t, "history", History(entries, 0)+"\n")
	narrow := History(entries, 80)
	golden(t, "history-80", narrow+"\n")
	if n := Widest(narrow); n > 80 {
		t.Errorf("it is %d columns wide", n)
	}
}
