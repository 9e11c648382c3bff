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

func TestComparison(t *testing.T) {
	nan := math.NaN()
	c := &compare.Comparison{
		SameSession: true, GeometricMean: 1.0954, Doubts: []string{"different kernel: 6.1 against 6.2"},
		OnlyBase: []string{"gru"}, OnlyNew: []string{"lstm, batch 32", "lstm, batch 64"},
		Pairs: []compare.Pair{
			{
				Title: "cnn", Base: sideOf(0.25), New: sideOf(0.3), Verdict: compare.Slower,
				Ratio: stats.Ratio{Median: 1.2, Low: 1.1, High: 1.3, Confidence: 0.99, Blocks: 10}, Doubts: []string{"different batch: 32 against 64"},
			},
			{
				Title: "rnn", Base: sideOf(2), New: sideOf(2), PerExample: true, Verdict: compare.Inconclusive, Needed: 1234,
				Ratio: stats.Ratio{Median: 1, Low: 0.094, High: 10.6, Confidence: 0.99, Blocks: 6}, Doubts: []string{"different batch: 32 against 64"},
			},
			{
				Title: "mlp", Base: sideOf(1), New: &record.Run{}, Verdict: compare.Inconclusive, Needed: 8,
				Ratio: stats.Ratio{Median: nan, Low: nan, High: nan}, Doubts: []string{"1 of 1 launches of new gave no time"},
			},
		},
	}
	const want = `graph                base                 new  ratio  99 % interval       verdict
cnn                250 ms              300 ms  1.200    1.100–1.300        slower
rnn    2.00 ms an example  2.00 ms an example  1.000     0.094–10.6  inconclusive
mlp                1.00 s                   –      –              –  inconclusive

New over base, from launches paired block by block in one session. A change of
less than 2.5 % is the same.
The geometric mean of 3 ratios is 1.095.
rnn: a verdict takes about 1,234 launches a side, 2:03:24 h in all.
mlp: a verdict takes about 8 launches a side, 16.0 s in all.
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
