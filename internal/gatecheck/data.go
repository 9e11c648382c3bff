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

// recorded is a recording of the launches of a real measurement.
type recorded struct {
	Command    string               `json:"command"`
	Started    string               `json:"started"`
	Machine    string               `json:"machine"`
	TensorFlow string               `json:"tensorflow"`
	Launches   map[string][]float64 `json:"launches"` // seconds: launch medians by graph, in order
}

func readRecorded() (recorded, error) {
	var out recorded
	if err := json.Unmarshal(recordedText, &out); err != nil {
		return recorded{}, fmt.Errorf("testdata/launches.json: %w", err)
	}
	return out, nil
}

// recording returns the recording from a record file, or that in testdata if path is
// empty.
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
			return recorded{}, fmt.Errorf("%s: %d of %d launches of %s have a time: all must have one, and there must be at least %d", path, len(values), len(r.Runs[i].Launches), r.Runs[i].Title(), 2*longestPiece)
		}
		slices.SortFunc(values, func(a, b stats.BlockValue) int { return cmp.Compare(a.Block, b.Block) })
		for _, v := range values {
			out.Launches[r.Runs[i].Title()] = append(out.Launches[r.Runs[i].Title()], v.Seconds)
		}
	}
	return out, nil
}

// graphs returns the recorded graphs, in a fixed order.
func (r recorded) graphs() []string { return slices.Sorted(maps.Keys(r.Launches)) }

// series is one configuration: the launch medians of both sides by block, in seconds.
type series struct{ base, new []float64 }

// longestPiece is the largest number of contiguous launches in a piece.
const longestPiece = 40

// resample returns two sides of equal speed from contiguous pieces of the recording,
// which keep its drift. Two neighbouring launches are a block, in random order. All
// graphs use the same pieces.
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

// shapes are the usual one, one with a long slow tail, one with rare outliers, and that
// of a machine with two speeds.
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

// nested returns two sides of equal speed. The machine drifts from block to block,
// launches differ by noise, and epochs within a launch by a fifth of it. The values
// are launch medians of five epochs.
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

// slowed returns the series with a new side that takes 1+slowdown times as long.
func (s series) slowed(slowdown float64) series {
	out := series{base: s.base, new: make([]float64, len(s.new))}
	for i, v := range s.new {
		out.new[i] = v * (1 + slowdown)
	}
	return out
}

// run returns a side as the run of a record.
func run(name string, values []float64) record.Run {
	out := record.Run{Graph: record.Graph{Name: name}}
	for i, v := range values {
		out.Launches = append(out.Launches, record.Launch{
			Status: record.OK, Block: i, Epochs: []record.Epoch{{Seconds: v, Samples: 1}},
		})
	}
	return out
}
