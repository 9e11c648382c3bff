package stats

import (
	"math"

	"epochtime/harness/record"
)

// Noise returns how far epochs of one launch and how far launches of one run lie
// apart, as relative standard deviations: of logarithms, each within its own
// launch or run, pooled over all of them. NaN where there are too few.
func Noise(runs ...*record.Run) (epochs, launches float64) {
	var ofEpochs, ofLaunches pool
	for _, run := range runs {
		var medians []float64
		for _, l := range run.Launches {
			measured := Measured(l)
			if l.Status != record.OK || len(measured) == 0 {
				continue
			}
			var logs []float64
			for _, e := range measured {
				logs = append(logs, math.Log(e.Seconds))
			}
			ofEpochs.add(logs)
			medians = append(medians, math.Log(MedianOf(measured, func(e record.Epoch) float64 { return e.Seconds })))
		}
		ofLaunches.add(medians)
	}
	return ofEpochs.deviation(), ofLaunches.deviation()
}

// pool gathers the squared deviations of groups, each from its own mean.
type pool struct{ squares, freedom float64 }

func (p *pool) add(values []float64) {
	if len(values) == 0 {
		return
	}
	mean := 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		p.squares += (v - mean) * (v - mean)
	}
	p.freedom += float64(len(values) - 1)
}

func (p pool) deviation() float64 { return math.Sqrt(p.squares / p.freedom) }
