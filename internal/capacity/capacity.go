// Package capacity finds out, before memory is taken, whether data fits in what
// is free. A launch that took it anyway would be killed.
package capacity

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"

	"epochtime/harness/graph"
)

// reserve is the share of free memory that is left to the training itself.
const reserve = 8

// Check returns an error that wraps kind where so many bytes do not fit in what
// is available. It returns nil where that is not known.
func Check(kind error, bytes uint64, available func() (uint64, bool)) error {
	if available == nil {
		return nil
	}
	if free, ok := available(); ok && bytes > free-free/reserve {
		return fmt.Errorf("%w: it takes %s, and %s are free, of which training keeps an eighth",
			kind, humanize.IBytes(bytes), humanize.IBytes(free))
	}
	return nil
}

// Synthetic returns the most bytes that so many synthetic examples of the graph
// take while they are made resident: as they are generated, and prepared.
func Synthetic(m *graph.Manifest, samples int) (uint64, error) {
	recipe, err := m.Generators()
	if err != nil {
		return 0, err
	}
	total := 0.0
	for _, t := range m.Gathered() {
		bytes := 2 * float64(samples) * float64(t.DType.Size())
		for _, d := range t.Shape[1:] {
			switch lengths := recipe[t.Name].Lengths; {
			case d != nil:
				bytes *= float64(*d)
			case len(lengths) == 2:
				bytes *= float64(lengths[1])
			}
		}
		total += bytes
	}
	return uint64(min(total, math.MaxInt64)), nil
}
