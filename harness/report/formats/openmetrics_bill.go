package formats

import (
	"strconv"

	"epochtime/harness/record"
)

// billed are the gauges of bills.
func billed(r *record.Record) []family {
	parts := figures("epochtime_bill", "A part of an epoch of Keras's fit: all parts of a bill add up to the whole.")
	wholes := figures("epochtime_bill_whole", "What an epoch of Keras's fit takes, with validation.")
	firsts := figures("epochtime_bill_first_epoch", "What the training of the first epoch of fit takes.")
	share := family{name: "epochtime_bill_share_ratio", unit: "ratio", help: "Share of a part in the whole."}
	explained := ratios("epochtime_bill_explained", "Sum of the parts that are explained over the whole.")
	other := map[string]*family{
		"own_per_step":  {name: "epochtime_bill_own_per_step_seconds", unit: "seconds", help: "Fit's own cost that falls on each step."},
		"own_per_epoch": {name: "epochtime_bill_own_per_epoch_seconds", unit: "seconds", help: "Fit's own cost that falls on the epoch besides."},
		"hidden_input":  {name: "epochtime_bill_hidden_input_seconds", unit: "seconds", help: "What the input pipeline works beside the steps."},
	}
	for i, b := range r.Bills {
		labels := billLabels(r.Bills, i)
		for _, f := range billLines(b) {
			of := with(labels, pair{"part", f.name})
			addInterval(parts, of, f.seconds)
			share.samples = append(share.samples, sample{of, f.share})
		}
		for _, f := range billTotals(b) {
			switch f.name {
			case "whole":
				addInterval(wholes, labels, f.seconds)
			case "explained":
				addInterval(explained, labels, b.Explained)
			case "first_epoch":
				addInterval(firsts, labels, f.seconds)
			default:
				other[f.name].samples = append(other[f.name].samples, sample{labels, f.seconds.Median})
			}
		}
	}
	var out []family
	for _, group := range [][]family{parts, {share}, wholes, explained, firsts} {
		out = append(out, group...)
	}
	for _, name := range sortedKeys(other) {
		out = append(out, *other[name])
	}
	return out
}

// figures are the gauges of a duration and of its interval, ratios those of a ratio.
func figures(name, what string) []family { return gauges(name, "seconds", what) }
func ratios(name, what string) []family  { return gauges(name, "ratio", what) }

func gauges(name, unit, what string) []family {
	return []family{
		{name: name + "_" + unit, unit: unit, help: what},
		{name: name + "_low_" + unit, unit: unit, help: "Lower end of its 95 % interval."},
		{name: name + "_high_" + unit, unit: unit, help: "Upper end of its 95 % interval."},
	}
}

// addInterval adds an interval to its gauges.
func addInterval(to []family, labels []pair, v record.Interval) {
	for i, value := range []float64{v.Median, float64(v.Low), float64(v.High)} {
		to[i].samples = append(to[i].samples, sample{labels, value})
	}
}

// billLabels identify a bill, with a number where graph and side repeat.
func billLabels(bills []record.Bill, i int) []pair {
	b := bills[i]
	out := []pair{{"graph", b.Graph}}
	if b.Side != "" {
		out = append(out, pair{"side", b.Side})
	}
	same := 0
	for _, before := range bills[:i] {
		if before.Graph == b.Graph && before.Side == b.Side {
			same++
		}
	}
	if same > 0 {
		out = append(out, pair{"number", strconv.Itoa(same)})
	}
	return out
}
