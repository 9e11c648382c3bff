package report

import (
	"fmt"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// feeding describes what feeding batches costs, for each graph that was measured
// both ways.
func feeding(rec *record.Record) []string {
	var out []string
	for i := range rec.Runs {
		resident := &rec.Runs[i]
		if !resident.Config.Resident() {
			continue
		}
		for j := range rec.Runs {
			fed := &rec.Runs[j]
			if fed.Config.Resident() || fed.Graph.Name != resident.Graph.Name || fed.Graph.SHA256 != resident.Graph.SHA256 {
				continue
			}
			if cost, ok := stats.CostOfFeeding(fed, resident); ok {
				out = append(out, feedingCost(fed.Graph.Name, cost))
			}
		}
	}
	if len(out) > 0 {
		out = append([]string{"Rows named resident train on data that stays on the device, one call per epoch."}, out...)
	}
	return out
}

func feedingCost(name string, c stats.Feeding) string {
	median, low, high := c.Seconds.Median, float64(c.Seconds.Low), float64(c.Seconds.High)
	pairs := fmt.Sprintf("%d pairs of launches, each done together", c.Pairs)
	if c.Pairs == 1 {
		pairs = "1 launch each"
	}
	var text string
	switch {
	case !c.Seconds.Known() && median >= 0:
		text = fmt.Sprintf("An epoch of %s took %s more fed in batches, %s of it", name, Seconds(median), percent(c.Share))
	case !c.Seconds.Known():
		text = fmt.Sprintf("An epoch of %s took %s less fed in batches", name, Seconds(-median))
	case low <= 0 && high >= 0:
		text = fmt.Sprintf("What feeding %s costs is lost in the noise: %s per epoch", name, signed(median))
	case median > 0:
		text = fmt.Sprintf("Feeding %s costs %s per epoch, %s of it", name, Seconds(median), percent(c.Share))
	default:
		text = fmt.Sprintf("Feeding %s costs nothing: an epoch fed in batches is %s shorter than one on resident data", name, Seconds(-median))
	}
	if c.Seconds.Known() {
		pairs = fmt.Sprintf("95 %% interval %s, of %s", between(c.Seconds), pairs)
	}
	return fmt.Sprintf("%s (%s). Its data was uploaded in %s, once per launch.", text, pairs, Seconds(c.Upload))
}

// between is Range for an interval that may begin or end below zero.
func between(i record.Interval) string {
	low, high := float64(i.Low), float64(i.High)
	if low >= 0 {
		return Range(i)
	}
	return signed(low) + " to " + signed(high)
}

// signed formats a difference of two durations.
func signed(s float64) string {
	if s < 0 {
		return "−" + Seconds(-s)
	}
	return Seconds(s)
}
