package stats

import (
	"slices"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// residing is a launch with so many MiB of memory after its measured epochs.
func residing(mib ...uint64) record.Launch {
	l := ok(slices.Repeat([]float64{1}, len(mib))...)
	l.Epochs[0].RSS = 1 << 20
	for i, m := range mib {
		l.Epochs[i+1].RSS = m << 20
	}
	return l
}

func TestGrowth(t *testing.T) {
	leak := make([]uint64, 40)
	for i := range leak {
		leak[i] = 300 + 2*uint64(i)
	}
	leak[20]-- // as many MiB as before are less by one
	leak[21], leak[22] = leak[22], leak[21]
	bad := residing(1000, 2000, 3000, 4000)
	bad.Status = record.OOM
	for name, c := range map[string]struct {
		launches []record.Launch
		want     string // empty: none
	}{
		"a leak":                 {[]record.Launch{residing(300, 320, 340, 360)}, "grows by 20 MiB with every epoch, from 300 to 360 MiB"},
		"a slow one":             {[]record.Launch{residing(leak...)}, "grows by 2 MiB with every epoch, from 300 to 378 MiB"},
		"in two of three":        {[]record.Launch{residing(300, 320, 340, 360), residing(300, 330, 360, 390), residing(300, 300, 300, 300)}, "grows by 25 MiB"},
		"in one of two":          {[]record.Launch{residing(300, 320, 340, 360), residing(300, 300, 300, 300)}, ""},
		"three epochs":           {[]record.Launch{residing(300, 400, 500)}, ""},
		"under 16 MiB":           {[]record.Launch{residing(100, 105, 110, 115)}, ""},
		"under 5 %":              {[]record.Launch{residing(4000, 4050, 4100, 4150)}, ""},
		"one step":               {[]record.Launch{residing(300, 300, 400, 400, 400)}, ""},
		"a step at a time":       {[]record.Launch{residing(300, 320, 320, 340, 340, 360)}, ""},
		"an allocator that ends": {[]record.Launch{residing(300, 360, 390, 400, 401, 402, 403, 404)}, ""},
		"up and down":            {[]record.Launch{residing(300, 380, 310, 390, 320, 400)}, ""},
		"not told":               {[]record.Launch{residing(300, 320, 0, 340, 360)}, ""},
		"a failed launch":        {[]record.Launch{ok(1, 1, 1, 1), bad}, ""},
	} {
		_, warnings := Summarize(&record.Run{Launches: c.launches})
		i := slices.IndexFunc(warnings, func(w string) bool { return strings.HasPrefix(w, "memory grows") })
		switch {
		case (i >= 0) != (c.want != ""):
			t.Errorf("%s: the warnings are %q", name, warnings)
		case i >= 0 && !strings.Contains(warnings[i], c.want):
			t.Errorf("%s: %s, want %q in it", name, warnings[i], c.want)
		}
	}
}
