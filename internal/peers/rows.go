//go:build linux

package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// row is what one contender's launches with a work came to.
type row struct {
	contender
	run     *record.Run
	failure string      // why it is not timed; empty: it is
	usual   stats.Ratio // over the reference
	best    stats.Ratio // over the fastest of epochtime's own
	start   float64     // seconds from the process's start to the first measured epoch
	first   record.Number
	last    record.Number
}

func (r row) timed() bool { return r.failure == "" }

// comparison is what the launches with a work came to, the fastest contender first.
type comparison struct {
	title   string
	rows    []row
	own     *row        // the fastest of epochtime's own
	peer    *row        // the fastest of the others
	against stats.Ratio // own over peer
}

// compareRecord compares the contenders of a record.
func compareRecord(rec *record.Record) (comparison, error) {
	out := comparison{title: rec.Labels[labelWork]}
	names := strings.Fields(rec.Labels[labelContenders])
	if len(names) != len(rec.Runs) {
		return out, fmt.Errorf("the record of %q names %d contenders, and has %d runs: it is none of make peers", out.title, len(names), len(rec.Runs))
	}
	for i, name := range names {
		known := slices.IndexFunc(contenders, func(c contender) bool { return c.name == name })
		if known < 0 {
			return out, fmt.Errorf("the record of %q has a contender %q, which is not known: measure again", out.title, name)
		}
		out.rows = append(out.rows, newRow(contenders[known], &rec.Runs[i]))
	}
	slices.SortStableFunc(out.rows, func(a, b row) int {
		switch x, y := a.median(), b.median(); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	out.relate()
	return out, nil
}

// relate computes the ratios between the rows, block by block.
func (c *comparison) relate() {
	var usual *row
	for i := range c.rows {
		r := &c.rows[i]
		switch {
		case !r.timed():
			continue
		case r.own() && c.own == nil:
			c.own = r
		case !r.own() && c.peer == nil:
			c.peer = r
		}
		if r.name == reference {
			usual = r
		}
	}
	for i := range c.rows {
		c.rows[i].usual, c.rows[i].best = over(&c.rows[i], usual), over(&c.rows[i], c.own)
	}
	c.against = over(c.own, c.peer)
}

// over returns the ratio of two rows' times; its median is NaN where one is not timed.
func over(r, base *row) stats.Ratio {
	if r == nil || base == nil || !r.timed() || !base.timed() {
		return stats.RatioByBlocks(nil, nil, stats.Confidence)
	}
	return stats.RatioByBlocks(stats.LaunchValues(base.run, false), stats.LaunchValues(r.run, false), stats.Confidence)
}

// newRow returns the row of a run, without its ratios. A contender of which a launch
// failed is not timed: what the others took may be other work.
func newRow(c contender, run *record.Run) row {
	r := row{contender: c, run: run, start: math.NaN(), first: record.Number(math.NaN()), last: record.Number(math.NaN())}
	summary, _ := stats.Summarize(run)
	run.Summary = summary
	if failures := stats.Failures(run); len(failures) > 0 {
		r.failure = failures[0]
		return r
	}
	if summary == nil {
		r.failure = "it was not launched"
		return r
	}
	var starts []float64
	for _, l := range run.Launches {
		starts = append(starts, started(run.Config, l))
	}
	epochs := run.Launches[0].Epochs
	r.start, r.first, r.last = stats.Median(starts), epochs[0].Loss, epochs[len(epochs)-1].Loss
	return r
}

// started returns how many seconds after its process a launch began its first measured
// epoch. The clock of the graph's own worker begins once the data is read.
func started(c record.Config, l record.Launch) float64 {
	seconds := stats.Measured(l)[0].Start
	if c.OfGraph() {
		seconds += l.Cold.Start + l.Cold.Data
	}
	return seconds
}

// median returns the median epoch, in seconds; +Inf where it is not timed.
func (r row) median() float64 {
	if !r.timed() {
		return math.Inf(1)
	}
	return r.run.Summary.EpochSeconds.Median
}
