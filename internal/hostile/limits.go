package hostile

import "epochtime/harness/record"

// limits are those of a machine, with rates of every unit and of one that is none.
func (t *text) limits() record.Limits {
	known := record.Interval{Median: 2e9, Low: 1e9, High: 3e9, Confidence: 0.95}
	l := record.Limits{Machine: 1, Probed: t.name(), TensorFlow: t.name(), Device: t.name(), Threads: 2}
	for _, unit := range []string{record.FlopPerSecond, record.BytePerSecond, record.Second, t.name()} {
		l.Rates = append(l.Rates, record.Rate{Name: t.name(), Unit: unit, Value: known, Note: t.name()})
	}
	return l
}

// roofline is that of a run.
func (t *text) roofline(l record.Limits) *record.Roofline {
	known := record.Interval{Median: 0.5, Low: 0.25, High: 0.75, Confidence: 0.95}
	return &record.Roofline{Flops: 1e9, Achieved: known, Peak: l.Rates[0].Name, Utilized: known, Shares: []record.Share{{Of: t.name(), Share: 0.25}}, Note: t.name()}
}
