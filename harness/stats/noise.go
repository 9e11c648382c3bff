package stats

import (
	"math"

	"epochtime/harness/record"
)

// Noise returns the relative standard deviations of the epochs within a launch and
// of the launches within a run. They are deviations of logarithms, pooled over all
// launches and runs; NaN where there are too few.
func Noise(runs ...*record.Run) (epochs, launches float64) {
	var ofEpochs, ofLaunches pool
	for _, run := range runs {
		var medians []float64
		for _, l := range run.Launches {
			median, ok := LaunchMedian(l)
			if !ok {
				continue
			}
			var logs []float64
			for _, e := range Measured(l) {
				logs = append(logs, math.Log(e.Seconds))
			}
			ofEpochs.add(logs)
			medians = append(medians, math.Log(median))
		}
		ofLaunches.add(medians)
	}
	return ofEpochs.deviation(), ofLaunches.deviation()
}

// Resolvable returns the change that a comparison of two sides in one session can
// just tell from none, as a share: the half width of the 99 % interval of their
// ratio, where the launches of a side deviate by noise, a relative standard
// deviation.
func Resolvable(noise float64, launches int) float64 {
	const quantile = 2.576 // of the normal distribution, for 99 % on two sides
	return quantile * math.Sqrt2 * noise / math.Sqrt(float64(launches))
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
