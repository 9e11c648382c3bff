package stats

import (
	"strings"
	"testing"
	"time"

	"epochtime/harness/record"
)

func TestBusy(t *testing.T) {
	at := func(minute int, load float64) record.Launch {
		return record.Launch{Started: time.Date(2026, 3, 1, 2, minute, 0, 0, time.UTC), Order: minute, Before: &record.Conditions{Load: load}}
	}
	rec := func(cores int, launches ...record.Launch) *record.Record {
		return &record.Record{Machines: []record.Machine{{Cores: cores}}, Runs: []record.Run{{Launches: launches[1:]}, {Launches: launches[:1]}}}
	}
	for name, c := range map[string]struct {
		rec  *record.Record
		want string
	}{
		"no record":               {nil, ""},
		"nothing launched":        {&record.Record{}, ""},
		"quiet":                   {rec(2, at(0, 1), at(1, 9)), ""},
		"busy before":             {rec(2, at(0, 9.26), at(1, 1)), "9.3 threads wanted to run on 2 cores"},
		"busy, by its own launch": {rec(2, at(0, 0), at(1, 2)), ""},
		"after a measurement":     {rec(2, at(0, 2.1), at(1, 1)), ""},
		"load not known":          {rec(2, record.Launch{}, at(1, 9)), ""},
		"cores not known":         {rec(0, at(0, 9), at(1, 9)), ""},
		"of no machine":           {&record.Record{Runs: []record.Run{{Launches: []record.Launch{at(0, 9)}}}}, ""},
	} {
		if got := Busy(c.rec); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
