package main

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

//go:embed testdata/launches.json
var recordedText []byte

// recorded are launches of real measurements.
type recorded struct {
	Command    string               `json:"command"`
	Started    string               `json:"started"`
	Machine    string               `json:"machine"`
	TensorFlow string               `json:"tensorflow"`
	Launches   map[string][]float64 `json:"launches"` // launch medians of each graph, in order
}

func readRecorded() (recorded, error) {
	var out recorded
	if err := json.Unmarshal(recordedText, &out); err != nil {
		return recorded{}, fmt.Errorf("testdata/launches.json: %w", err)
	}
	return out, nil
}

// recording is that of a record file, or the one in testdata where none is named.
func recording(path string) (recorded, error) {
	if path == "" {
		return readRecorded()
	}
	f, err := os.Open(path)
	if err != nil {
		return recorded{}, err
	}
	defer f.Close()
	r, err := record.Read(f)
	if err != nil {
		return recorded{}, fmt.Errorf("%s: %w", path, err)
	}
	out := recorded{Launches: map[string][]float64{}}
	for i := range r.Runs {
		values := stats.LaunchValues(&r.Runs[i], false)
		if len(values) < 2*longestPiece || len(values) != len(r.Runs[i].Launches) {
			return recorded{}, fmt.Errorf("%s: %s has %d launches that gave a time, of %d: all must, and be %d or more", path, r.Runs[i].Title(), len(values), len(r.Runs[i].Launches), 2*longestPiece)
		}
		slices.SortFunc(values, func(a, b stats.BlockValue) int { return cmp.Compare(a.Block, b.Block) })
		for _, v := range values {
			out.Launches[r.Runs[i].Title()] = append(out.Launches[r.Runs[i].Title()], v.Seconds)
		}
	}
	return out, nil
}

// graphs are the recorded ones, in a fixed order.
func (r recorded) graphs() []string { return slices.Sorted(maps.Keys(r.Launches)) }

// series are both sides of one configuration: the launch medians of each block.
type series struct{ base, new []float64 }

// longestPiece is how many launches in a row are taken from the recording.
const longestPiece = 40

// resample makes two sides of equal speed out of contiguous pieces of the
// recording, so that its drift stays. Neighbouring launches become a block, and
// either may be side A. All graphs take the same pieces.
func (r recorded) resample(random *rand.Rand, blocks int, graphs []string) []series {
	out := make([]series, len(graphs))
	for done := 0; done < blocks; {
		piece := min(2*(blocks-done), longestPiece)
		start := random.IntN(len(r.Launches[graphs[0]]) - piece + 1)
		for g, name := range graphs {
			values := r.Launches[name][start : start+piece]
			for i := 0; i < piece; i += 2 {
				flip := random.IntN(2)
				out[g].base = append(out[g].base, values[i+flip])
				out[g].new = append(out[g].new, values[i+1-flip])
			}
		}
		done += piece / 2
	}
	return out
}

// shape draws the noise of a launch, with standard deviation 1.
type shape struct {
	name string
	draw func(*rand.Rand) float64
}

// shapes are the usual one, one with a long tail to the slow side, one with rare
// launches far off, and one of a machine with two speeds.
var shapes = []shape{
	{"normal", (*rand.Rand).NormFloat64},
	{"skewed (exponential)", func(r *rand.Rand) float64 { return r.ExpFloat64() - 1 }},
	{"heavy tails (Student, 3 degrees)", func(r *rand.Rand) float64 {
		sum := 0.0
		for range 3 {
			v := r.NormFloat64()
			sum += v * v
		}
		return r.NormFloat64() / math.Sqrt(sum/3) / math.Sqrt(3)
	}},
	{"two speeds", func(r *rand.Rand) float64 {
		return math.Copysign(0.98, r.Float64()-0.3) + 0.2*r.NormFloat64()
	}},
}

// nested makes two sides of equal speed: a machine that drifts from block to
// block, launches that differ by noise, and epochs within them by as much. The
// values are launch medians of five epochs.
func nested(random *rand.Rand, blocks int, noise, drift float64, s shape) series {
	var out series
	level := 0.0
	for range blocks {
		level += drift * random.NormFloat64()
		out.base = append(out.base, launch(random, level, noise, s))
		out.new = append(out.new, launch(random, level, noise, s))
	}
	return out
}

func launch(random *rand.Rand, level, noise float64, s shape) float64 {
	level += noise * s.draw(random)
	epochs := make([]float64, 5)
	for i := range epochs {
		epochs[i] = math.Exp(level + 0.2*noise*random.NormFloat64())
	}
	slices.Sort(epochs)
	return epochs[2]
}

// slowed is the series with a new side that takes 1+slowdown times as long.
func (s series) slowed(slowdown float64) series {
	out := series{base: s.base, new: make([]float64, len(s.new))}
	for i, v := range s.new {
		out.new[i] = v * (1 + slowdown)
	}
	return out
}

// run is a side as a measurement would have it.
func run(name string, values []float64) record.Run {
	out := record.Run{Graph: record.Graph{Name: name}}
	for i, v := range values {
		out.Launches = append(out.Launches, record.Launch{
			Status: record.OK, Block: i, Epochs: []record.Epoch{{Seconds: v, Samples: 1}},
		})
	}
	return out
}
