package formats

import (
	"strconv"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// machines are what was measured on, one sample each.
func machines(r *record.Record) []family {
	f := family{name: "epochtime_machine", help: "A machine of the record, by its place there: name, type and id."}
	for i, m := range r.Machines {
		f.samples = append(f.samples, sample{[]pair{
			{"machine", strconv.Itoa(i)}, {"name", m.Title()}, {"hostname", m.Hostname}, {"type", m.Type()}, {"id", m.ID},
		}, 1})
	}
	if len(f.samples) == 0 {
		return nil
	}
	return []family{f}
}

// spent are the parts of the session's time.
func spent(r *record.Record) []family {
	p, known := stats.PartsOf(r)
	if !known {
		return nil
	}
	f := family{name: "epochtime_session_part_seconds", unit: "seconds", help: "Where the time of the session went."}
	for _, part := range p.List {
		f.samples = append(f.samples, sample{[]pair{{"part", part.Name}}, part.Seconds})
	}
	return []family{
		f,
		{name: "epochtime_session_seconds", unit: "seconds", help: "Time of the session, until its record was saved.", samples: []sample{{nil, p.Wall}}},
	}
}
