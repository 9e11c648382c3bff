package store

import (
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Limits returns what the newest complete probe found of a machine, with the TensorFlow,
// device and threads of another's Limits; nil where none has. One of fewer launches than
// an interval takes counts only where no other does. A probe under an environment of its
// own, such as without oneDNN, does not count.
func (s *Store) Limits(machine record.Machine, of record.Limits) (*record.Limits, error) {
	found, err := s.ids(`SELECT DISTINCT id FROM records JOIN runs ON record = id
WHERE kind = ? AND status = ? AND machine = ? ORDER BY started DESC, id`, record.KindProbe, record.Complete, machineKey(machine))
	if err != nil {
		return nil, s.failed("reading", err)
	}
	var few *record.Limits
	for _, id := range found {
		r, err := read(s.db, id)
		if err != nil {
			return nil, s.failed("reading", err)
		}
		if len(r.Runs) != 1 || len(r.Runs[0].Config.Env) > 0 {
			continue
		}
		for _, l := range r.Limits {
			of.Machine = l.Machine
			switch {
			case !l.SameAs(of) || l.Machine >= len(r.Machines) || !r.Machines[l.Machine].Same(machine):
			case len(r.Runs[0].Launches) >= stats.MinLaunches:
				return &l, nil
			case few == nil:
				few = &l
			}
		}
	}
	return few, nil
}
