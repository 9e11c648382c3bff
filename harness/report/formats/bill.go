package formats

import (
	"math"

	"epochtime/harness/record"
)

// figure is one figure of a bill.
type figure struct {
	name    string
	seconds record.Interval // not known: the median is NaN
	share   float64         // of what fit takes; NaN where the figure is no part of it
	missing string          // why it is not known
}

// billLines are the figures that add up to what fit takes.
func billLines(b record.Bill) []figure {
	var out []figure
	for _, l := range b.Lines {
		f := figure{name: string(l.Part), seconds: l.Seconds, share: l.Share, missing: l.Missing}
		if l.Missing != "" {
			f.seconds, f.share = exactly(math.NaN()), math.NaN()
		}
		out = append(out, f)
	}
	return out
}

// billTotals are the other figures of a bill: what fit takes and how much of it the lines
// explain, what its first epoch takes, on what its own cost falls, and what of the
// input is hidden.
func billTotals(b record.Bill) []figure {
	if b.Whole.Median <= 0 {
		return nil
	}
	out := []figure{{name: "whole", seconds: b.Whole, share: 1}}
	if e := b.Explained; e.Median > 0 {
		seconds := record.Number(b.Whole.Median)
		out = append(out, figure{name: "explained", share: e.Median, seconds: record.Interval{
			Median: b.Whole.Median * e.Median, Low: seconds * e.Low, High: seconds * e.High, Confidence: e.Confidence,
		}})
	}
	if b.First != nil {
		out = append(out, figure{name: "first_epoch", seconds: *b.First, share: math.NaN()})
	}
	for _, own := range []struct {
		name    string
		seconds float64
	}{{"own_per_step", b.PerStep}, {"own_per_epoch", b.PerEpoch}, {"hidden_input", b.Hidden}} {
		if own.seconds > 0 {
			out = append(out, figure{name: own.name, seconds: exactly(own.seconds), share: math.NaN()})
		}
	}
	return out
}

// exactly is a value without an interval.
func exactly(seconds float64) record.Interval {
	return record.Interval{Median: seconds, Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
}
