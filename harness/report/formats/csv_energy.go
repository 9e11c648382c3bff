package formats

import (
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// energyColumns are those of the energy of an epoch: of all domains that add up, and of
// each domain. A record without energy has none.
func energyColumns(r *record.Record) []csvColumn {
	var domains []string
	for _, run := range r.Runs {
		for _, l := range run.Launches {
			for _, e := range l.Energy {
				if !slices.Contains(domains, e.Domain) {
					domains = append(domains, e.Domain)
				}
			}
		}
	}
	if len(domains) == 0 {
		return nil
	}
	out := []csvColumn{{name: "joules_per_epoch", cell: func(at row) string { return known(stats.LaunchJoules(*at.launch)) }}}
	for _, name := range domains {
		out = append(out, csvColumn{name: "joules_per_epoch." + name, cell: func(at row) string {
			i := slices.IndexFunc(at.launch.Energy, func(e record.Energy) bool { return e.Domain == name && e.Epochs > 0 })
			if i < 0 {
				return ""
			}
			return cell(at.launch.Energy[i].Joules / float64(at.launch.Energy[i].Epochs))
		}})
	}
	return out
}
