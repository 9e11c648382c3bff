package stats

import (
	"cmp"
	"math"

	"epochtime/harness/record"
)

// Limits returns what the launches of a probe found, for each machine, TensorFlow,
// device and number of threads: medians over the launches that worked.
func Limits(r *record.Record) []record.Limits {
	var out []record.Limits
	launches := map[int][]record.Launch{}
	for _, run := range r.Runs {
		for _, l := range run.Launches {
			if l.Status != record.OK || len(l.Rates) == 0 {
				continue
			}
			of := record.Limits{Machine: l.Machine, Probed: r.ID, TensorFlow: l.TensorFlow, Device: l.Resolved.Device, Threads: l.Resolved.IntraOp}
			at := 0
			for at < len(out) && !out[at].SameAs(of) {
				at++
			}
			if at == len(out) {
				out = append(out, of)
			}
			launches[at] = append(launches[at], l)
		}
	}
	for i := range out {
		out[i].Rates = rates(launches[i])
	}
	return out
}

// rates are the medians of each rate, in the order of the first launch.
func rates(launches []record.Launch) []record.Rate {
	var out []record.Rate
	for _, first := range launches[0].Rates {
		r := record.Rate{Name: first.Name, Unit: first.Unit, Value: record.Interval{Low: record.Number(math.NaN()), High: record.Number(math.NaN())}}
		var values []float64
		for _, l := range launches {
			for _, other := range l.Rates {
				if other.Name != r.Name {
					continue
				}
				r.Note = cmp.Or(r.Note, other.Note)
				if other.Value.Median > 0 {
					values = append(values, other.Value.Median)
				}
			}
		}
		if len(values) > 0 {
			r.Value = median(values)
		}
		out = append(out, r)
	}
	return out
}
