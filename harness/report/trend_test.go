package report

import (
	"bytes"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"epochtime/harness/changes"
	"epochtime/harness/record"
	"epochtime/harness/store"
)

// nightSessions are sessions of 100 ms, and from one night on slower.
func nightSessions(n, slowerFrom int, by float64) []store.Point {
	number := func(v float64) sql.NullFloat64 { return sql.NullFloat64{Float64: v, Valid: true} }
	var out []store.Point
	for i := range n {
		seconds := 0.1 + 0.001*float64(i*7%5)
		if i >= slowerFrom {
			seconds *= 1 + by
		}
		p := store.Point{
			ID: fmt.Sprintf("%08x00000000", i), Started: time.Date(2026, 3, 1+i, 2, 0, 0, 0, time.UTC), Commit: fmt.Sprintf("c%d", i),
			Run: store.Run{Graph: "cnn", Launches: 6, Median: number(seconds), Low: number(0.9 * seconds), High: number(1.1 * seconds)},
		}
		if i%9 == 8 { // a session of few launches
			p.Commit, p.Run.Launches, p.Run.Low, p.Run.High = "", 3, sql.NullFloat64{}, sql.NullFloat64{}
		}
		out = append(out, p)
	}
	return out
}

// noticing makes the sessions from the fourth to the fifth those of a graph with a
// notice.
func noticing(points []store.Point) []store.Point {
	points[3].Run.Notices, points[4].Run.Notices = "callbacks", "callbacks"
	return points
}

func TestTrend(t *testing.T) {
	for name, c := range map[string]struct {
		points []store.Point
		others int
		says   string
	}{
		"slower": {nightSessions(60, 40, 0.2), 2, "Change at 2026-04-10, commit c40: +20.0 %"},
		"faster": {nightSessions(120, 80, -0.2), 0, ": −20.0 %, from "},
		"quiet":  {nightSessions(20, 99, 0), 0, "No change found."},
		"script": {noticing(nightSessions(12, 99, 0)), 0, "notice: from 2026-03-04 on, not in the time or there in another way: callbacks. notice: from 2026-03-06 on, all is in the time. No change found."},
		"one":    {nightSessions(1, 99, 0), 0, "Changes are looked for from 11 sessions on."},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			trend := &store.Trend{Graph: "cnn", Hostname: "lab", Points: c.points, Others: c.others}
			Trend(&out, trend, changes.Find(trend.Seconds(), changes.Options{}), 5, 80)
			golden(t, "trend-"+name, out.String())
			if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, out.String())
			}
		})
	}
}

func TestStrip(t *testing.T) {
	many := make([]float64, 200)
	for i := range many {
		many[i] = 0.1 + 0.001*float64(i%7)
	}
	var out bytes.Buffer
	Strip(&out, of(6, run("cnn", 54410, 32, 32, 0.25, 0.3, 0.2, 0.26), failing(run("rnn", 8148, 32, 32), record.OOM, "", 1), run("mlp", 8148, 32, 32, many...)), 60)
	golden(t, "strip", out.String())
	for line := range strings.Lines(out.String()) {
		if n := columns(strings.TrimSuffix(line, "\n")); n > 60 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
