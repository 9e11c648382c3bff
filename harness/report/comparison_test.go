package report

import (
	"bytes"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

func sideOf(seconds float64) *record.Run {
	return &record.Run{Launches: []record.Launch{{
		Status: record.OK, Cold: record.Cold{Start: 1}, Epochs: []record.Epoch{{Seconds: seconds, Samples: 1000}},
	}}}
}

// A line names a few configurations and counts the rest.
func TestSeveral(t *testing.T) {
	if got := several([]string{"a", "b", "c", "d", "e"}); got != "a; b; c; d; e" {
		t.Error(got)
	}
	if got := several([]string{"a", "b", "c", "d", "e", "f", "g"}); got != "a; b; c; d; e; and 2 more" {
		t.Error(got)
	}
}

func TestComparison(t *testing.T) {
	nan := math.NaN()
	c := &compare.Comparison{
		SameSession: true, GeometricMean: 1.0954, Doubts: []string{"different kernel: 6.1 against 6.2"},
		OnlyBase: []string{"gru"}, OnlyNew: []string{"lstm, batch 32", "lstm, batch 64"},
		Pairs: []compare.Pair{
			{
				Title: "cnn", Base: sideOf(0.25), New: sideOf(0.3), Verdict: compare.Slower,
				Bar:   stats.Bar{Height: math.Log(1.12), Freedom: 9},
				Ratio: stats.Ratio{Median: 1.2, Low: 1.1, High: 1.3, Confidence: 0.99, Blocks: 10}, Doubts: []string{"different batch: 32 against 64"},
			},
			{
				Title: "rnn", Base: sideOf(2), New: sideOf(2), PerExample: true, Verdict: compare.Inconclusive, Needed: 1234,
				Ratio: stats.Ratio{Median: 1, Low: 0.094, High: 10.6, Confidence: 0.99, Blocks: 6}, Doubts: []string{"different batch: 32 against 64"},
			},
			{
				Title: "mlp", Base: sideOf(1), New: &record.Run{}, Verdict: compare.Inconclusive, Needed: 8,
				Bar:   stats.Bar{Height: math.Inf(1)},
				Ratio: stats.Ratio{Median: nan, Low: nan, High: nan}, Doubts: []string{"1 of 1 launches of new gave no time"},
			},
		},
	}
	const want = `mlp: This comparison can see nothing: it would have called no slowdown, however
large. More launches would help (about 8 per side, 16.0 s in all), and so would
a quieter machine and longer epochs.

graph                 base                  new   change     99 % interval     sees       verdict
cnn                 250 ms               300 ms  +20.0 %  +10.0 to +30.0 %     12 %        slower
rnn    2.00 ms per example  2.00 ms per example    0.0 %   −90.6 to +960 %        –  inconclusive
mlp                 1.00 s                    –        –                 –  nothing  inconclusive

The change is in time, from launches paired block by block in one session. Less
than 2.5 % counts as the same.
Sees: a slowdown of this much or more would have been called.
The geometric mean of 2 changes is +9.5 %.
rnn: a verdict takes about 1,234 launches per side, 2h 3m 24s in all.
Only in base: gru.
Only in new: lstm, batch 32; lstm, batch 64.
doubt: different kernel: 6.1 against 6.2
doubt: cnn; rnn: different batch: 32 against 64
doubt: mlp: 1 of 1 launches of new gave no time
`
	var got bytes.Buffer
	Comparison(&got, c, compare.Options{Threshold: 0.025}, 0)
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("comparison (-want +got):\n%s", diff)
	}
}

func TestRankings(t *testing.T) {
	named := func(name, id string, seconds ...float64) compare.Named {
		r := run("cnn", 54410, 32, 32, seconds...)
		return compare.Named{Name: name, Record: &record.Record{ID: id, Status: record.Complete, Runs: []record.Run{r}}}
	}
	quiet := []float64{.01, -.01, .01, -.01, .01, -.01, .01, -.01}
	base, fast, failed := named("base.json", "1", 0.25, 0.26, 0.25), named("@tag:fast", "2", 0.14, 0.139, 0.141), named("failed.json", "3")
	base.Record.Runs = append(base.Record.Runs, run("rnn", 8148, 32, 32, 0.5))
	for name, noise := range map[string]*compare.Noise{"rankings": {Sessions: quiet}, "rankings-unknown": nil} {
		r, err := compare.Rank([]compare.Named{base, fast, failed}, compare.Options{Noise: noise})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		Rankings(&out, r, 80)
		golden(t, name, out.String())
	}
}
