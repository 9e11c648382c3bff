package hostile

import "epochtime/harness/record"

// estimate has text in every place where an estimate has text.
func (t *text) estimate() *record.Estimate {
	known := record.Interval{Median: 0.25, Low: 0.125, High: 0.5, Confidence: 0.9}
	return &record.Estimate{
		Asked: record.Asked{Samples: 1000, Batch: 32, Epochs: 2}, From: t.name(), Held: 1, Steps: 32, Epoch: known, Total: known, Cold: known,
		Cost: &record.Cost{PerEpoch: known, Total: known, Currency: t.name()}, Parts: []record.EstimatePart{{Name: t.name(), Each: 0.25, Seconds: 0.25, Share: 0.5}},
		Launches: 4, Notes: []string{t.name(), t.next()}, Measured: &record.Verified{Epoch: known, Launches: 2},
	}
}
