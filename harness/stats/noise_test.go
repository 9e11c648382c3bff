package stats

import (
	"math"
	"testing"

	"epochtime/harness/record"
)

func TestNoise(t *testing.T) {
	run := func(launches ...[]float64) *record.Run {
		r := &record.Run{}
		for _, seconds := range launches {
			l := record.Launch{Status: record.OK, Epochs: []record.Epoch{{Warmup: true, Seconds: 99}}}
			for _, s := range seconds {
				l.Epochs = append(l.Epochs, record.Epoch{Seconds: s})
			}
			r.Launches = append(r.Launches, l)
		}
		return r
	}
	failed := run([]float64{5, 9})
	failed.Launches[0].Status = record.Killed
	up := math.Exp(0.1)
	for name, c := range map[string]struct {
		runs             []*record.Run
		epochs, launches float64
	}{
		"nothing":               {nil, math.NaN(), math.NaN()},
		"failed":                {[]*record.Run{failed}, math.NaN(), math.NaN()},
		"one launch, one epoch": {[]*record.Run{run([]float64{1})}, math.NaN(), math.NaN()},
		"epochs":                {[]*record.Run{run([]float64{1, up}, []float64{2, 2 * up})}, 0.1 / math.Sqrt2, math.Ln2 / math.Sqrt2},
		"sides of two speeds":   {[]*record.Run{run([]float64{1}, []float64{up}), run([]float64{9}, []float64{9 * up})}, math.NaN(), 0.1 / math.Sqrt2},
	} {
		epochs, launches := Noise(c.runs...)
		for _, v := range [][2]float64{{epochs, c.epochs}, {launches, c.launches}} {
			if math.IsNaN(v[0]) != math.IsNaN(v[1]) || math.Abs(v[0]-v[1]) > 1e-12 {
				t.Errorf("%s: %v, want %v", name, []float64{epochs, launches}, []float64{c.epochs, c.launches})
			}
		}
	}
}
