package report

import (
	"bytes"
	"testing"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/internal/hostile"
)

// The views are harmless by themselves, also for a program that prints them without the
// streams of the command line.
func TestHostileViews(t *testing.T) {
	r := hostile.Record(record.KindRun, "id")
	r.Plan.Suite = articleSuite
	ranked, err := compare.Rank([]compare.Named{{Name: "a\x1b\nFORGED", Record: r}, {Name: "b", Record: r}, {Name: "\u202ec", Record: r}}, compare.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sides, swept, searched := hostile.Record(record.KindAB, "id"), hostile.Record(record.KindSweep, "id"), hostile.Record(record.KindTune, "id")
	explained := hostile.Record(record.KindExplain, "id")
	for name, view := range map[string]func(*bytes.Buffer){
		"record":   func(b *bytes.Buffer) { Record(b, r, Options{}) },
		"sides":    func(b *bytes.Buffer) { Record(b, sides, Options{Width: 40}) },
		"sweep":    func(b *bytes.Buffer) { Record(b, swept, Options{}) },
		"search":   func(b *bytes.Buffer) { Record(b, searched, Options{}) },
		"bills":    func(b *bytes.Buffer) { Record(b, explained, Options{}) },
		"strip":    func(b *bytes.Buffer) { Strip(b, r, 0) },
		"rankings": func(b *bytes.Buffer) { Rankings(b, ranked, 0) },
	} {
		var b bytes.Buffer
		view(&b)
		if found := hostile.Found(b.String()); len(found) > 0 || b.Len() == 0 {
			t.Errorf("%s lets through %d: %.300q", name, len(found), found)
		}
	}
}
