package formats

import (
	"strconv"

	"epochtime/harness/record"
)

// metered are the gauges of energy and power.
func metered(r *record.Record) []family {
	labels := uniqueLabels(r.Runs)
	epochs := gauges("epochtime_epoch_energy", "joules", "Energy of an epoch, the median over launches.")
	for i := range r.Runs {
		if s := r.Runs[i].Summary; s != nil && s.JoulesPerEpoch != nil {
			addInterval(epochs, labels[i], *s.JoulesPerEpoch)
		}
	}
	idle := family{name: "epochtime_idle_power_watts", unit: "watts", help: "Power of the machine while nothing was measured."}
	for _, p := range r.Idle {
		idle.samples = append(idle.samples, sample{[]pair{{"domain", p.Domain}, {"machine", strconv.Itoa(p.Machine)}}, p.Watts})
	}
	return append(epochs, idle)
}
