package fleet

import (
	"slices"
	"time"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Search names the search that found the settings of a run.
type Search struct {
	ID    string    // of its record
	Began time.Time // when
}

// SearchOf returns the search that found a run's settings, false where none did.
func (f *Fleet) SearchOf(r Run) (Search, bool) {
	rec := f.Sources[r.Source].Record
	switch {
	case r.Role == Best:
		return Search{r.Settings.From, r.Settings.Found}, true
	case rec.Plan.Kind == record.KindTune && r.Role == Tried:
		return Search{rec.ID, rec.Started}, true
	}
	return Search{}, false
}

// Gain is what best settings make of the time of the default ones on one machine.
type Gain struct {
	Default, Best *Cell
	Ratio         stats.Ratio // of the times per example; without an interval where no session has both
}

// Gains returns what the best settings of a row make, by machine; nil where a machine
// lacks either.
func (r *Row) Gains() []*Gain {
	out := make([]*Gain, len(r.Cells))
	if !r.Best || r.Beside == nil {
		return out
	}
	for i, best := range r.Cells {
		if base := r.Beside.Cells[i]; base.ok() && best.ok() {
			out[i] = &Gain{base, best, gain(base, best)}
		}
	}
	return out
}

// gain is the ratio of two cells, from launches paired block by block where one session
// has both.
func gain(base, best *Cell) stats.Ratio {
	if base == best {
		return stats.Ratio{Median: 1}
	}
	var paired []stats.Ratio
	for _, b := range best.Runs {
		for _, a := range base.Runs {
			if a.Source != b.Source || a.Unit != b.Unit {
				continue
			}
			ratio := stats.RatioByBlocks(stats.LaunchValues(a.Run, true), stats.LaunchValues(b.Run, true), stats.Confidence)
			if ratio.Blocks > 0 {
				paired = append(paired, ratio)
			}
		}
	}
	if len(paired) == 1 {
		return paired[0]
	}
	return stats.Ratio{Median: best.perExample() / base.perExample()}
}

// Rooflines are those of the cell's runs, as far as they are known.
func (c *Cell) Rooflines() []*record.Roofline {
	var out []*record.Roofline
	for _, r := range c.Runs {
		if r.Roofline != nil {
			out = append(out, r.Roofline)
		}
	}
	return out
}

// findLargest gives each cell what the newest search for the largest batch of its graph
// on its machine has found.
func (f *Fleet) findLargest() {
	for i, s := range f.Sources {
		if s.Record.Plan.Kind != record.KindLargest || len(s.Record.Runs) == 0 {
			continue
		}
		found := stats.LargestBatch(s.Record)
		if found.Fits == nil || len(found.Fits.Launches) == 0 {
			continue
		}
		unit := f.unitOf(i, found.Fits.Launches[0].Machine)
		for _, r := range f.Rows {
			for _, c := range r.Cells {
				if c != nil && slices.Contains(c.Machine.Units, unit) && c.Runs[0].Graph.SHA256 == found.Fits.Graph.SHA256 && c.newer(s.Record.Started) {
					c.Largest, c.searched = &found, s.Record.Started
				}
			}
		}
	}
}

func (c *Cell) newer(began time.Time) bool { return c.Largest == nil || began.After(c.searched) }
