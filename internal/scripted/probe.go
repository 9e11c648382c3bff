package scripted

import (
	"math"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// rates are what a scripted machine can do at most. The float32 peak is 4 GFLOP/s, so
// that utilizations are easily seen.
var rates = []record.Rate{
	{Name: record.RateMatMul + "-float32", Unit: record.FlopPerSecond, Value: record.Interval{Median: 4e9}},
	{Name: record.RateMatMul + "-float16", Unit: record.FlopPerSecond, Note: "no kernel of this device takes it"},
	{Name: record.RateConv + "-float32", Unit: record.FlopPerSecond, Value: record.Interval{Median: 3e9}},
	{Name: record.RateMemory, Unit: record.BytePerSecond, Value: record.Interval{Median: 2e10}, Note: "an array of 64 MiB"},
	{Name: record.RateToDevice, Unit: record.BytePerSecond, Note: "not applicable on cpu"},
	{Name: record.RateEmptyStep, Unit: record.Second, Value: record.Interval{Median: 1.25e-5}},
}

// probe sends rates, each multiplied by the factor if one is given.
func (w *worker) probe(factor string) error {
	by := 1.0
	factors, err := floats(factor)
	if err != nil {
		return err
	}
	if len(factors) > 0 {
		by = factors[0]
	}
	out := &protocol.Limits{Resolved: w.resolved()}
	out.Resolved.Batch, out.Resolved.Samples, out.Resolved.Steps = 0, 0, 0
	for _, r := range rates {
		none := record.Number(math.NaN())
		r.Value = record.Interval{Median: by * r.Value.Median, Low: none, High: none}
		out.Rates = append(out.Rates, r)
	}
	return w.send(protocol.Event{Event: protocol.EventProbe, Probe: out})
}
