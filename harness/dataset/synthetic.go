package dataset

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"

	"epochtime/harness/graph"
)

// maxBytes stops a mistyped --samples before the machine runs out of memory.
const maxBytes = 1 << 38

// Synthetic makes samples examples from the manifest's recipe and a seed. Every
// column has a random stream of its own, so the same seed gives the same data
// on every machine, whatever other columns there are.
func Synthetic(m *graph.Manifest, samples int, seed uint64) (*Set, error) {
	if samples < 1 {
		return nil, fmt.Errorf("%w: %d examples were asked for", ErrUnfit, samples)
	}
	for _, t := range m.DataTensors() {
		if t.DType == graph.String {
			return nil, fmt.Errorf("%w: no synthetic data of type string for %s of %s: give --data", ErrUnfit, t.Name, m.Name)
		}
	}
	recipe, err := m.Generators()
	if err != nil {
		return nil, err
	}
	s := &Set{source: "synthetic", examples: samples}
	for _, t := range m.DataTensors() {
		g := recipe[t.Name]
		c, err := layout(t, g, samples, seed)
		if err != nil {
			return nil, err
		}
		next, err := generator(s, c, t, g, stream(seed, t.Name))
		if err != nil {
			return nil, fmt.Errorf("data recipe of %s: %w", t.Name, err)
		}
		if err := fill(c, next); err != nil {
			return nil, err
		}
		c.examples = samples
		s.columns = append(s.columns, c)
	}
	return s, nil
}

// stream is PCG seeded by the run's seed and the column's name.
func stream(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// layout sizes a column: its shape from the graph, lengths from the recipe.
func layout(t graph.Tensor, g graph.Generator, samples int, seed uint64) (*Column, error) {
	c := &Column{name: t.Name, dtype: t.DType}
	shape, longest := t.Shape[1:], 1
	if len(g.Lengths) > 0 {
		if len(g.Lengths) != 2 || g.Lengths[0] < 1 || g.Lengths[1] < g.Lengths[0] || len(shape) == 0 {
			return nil, fmt.Errorf("%w: the recipe of %s has the lengths %v", graph.ErrDamaged, t.Name, g.Lengths)
		}
		shape, longest = shape[1:], g.Lengths[1]
	}
	for _, d := range shape {
		if d == nil {
			return nil, fmt.Errorf("%w: the recipe of %s gives no length for its free dimension", graph.ErrDamaged, t.Name)
		}
		c.shape = append(c.shape, int(*d))
	}
	size := graph.Count(c.shape) * c.dtype.Size()
	if size < 0 || float64(samples)*float64(longest)*float64(size) > maxBytes || samples > maxBytes/8 {
		return nil, fmt.Errorf("%w in memory: %d examples of %s take more than %d GiB: lower --samples", ErrUnfit, samples, t.Name, maxBytes>>30)
	}
	rows := samples
	if len(g.Lengths) > 0 {
		rng := stream(seed, t.Name+".lengths")
		c.offsets = make([]int, samples+1)
		for k := range samples {
			c.offsets[k+1] = c.offsets[k] + g.Lengths[0] + rng.IntN(longest-g.Lengths[0]+1)
		}
		rows = c.offsets[samples]
	}
	c.data = graph.Allocate(rows * size)
	return c, nil
}

func fill(c *Column, next func(int) float64) error {
	put, err := putter(c.dtype)
	if err != nil {
		return err
	}
	size := c.dtype.Size()
	for i := range len(c.data) / size {
		put(c.data[i*size:], next(i))
	}
	return nil
}

// generator returns a function of the element's index. The explicit float64
// conversions keep a compiler from fusing a product and a sum into one rounding,
// which would make the data differ between processors.
func generator(s *Set, c *Column, t graph.Tensor, g graph.Generator, rng *rand.Rand) (func(int) float64, error) {
	if g.Kind != "integers" && !t.DType.IsFloat() {
		return nil, fmt.Errorf("%w: the generator %q makes no numbers of type %s: give --data", graph.ErrDamaged, g.Kind, t.DType)
	}
	switch g.Kind {
	case "normal":
		return func(int) float64 { return g.Mean + float64(g.StdDev*rng.NormFloat64()) }, nil
	case "uniform":
		if g.High <= g.Low {
			return nil, fmt.Errorf("%w: no number lies in %g ≤ v < %g", graph.ErrDamaged, g.Low, g.High)
		}
		// Rounding to float32 must not reach High.
		most := float64(math.Nextafter32(float32(g.High), float32(math.Inf(-1))))
		return func(int) float64 { return min(most, g.Low+float64((g.High-g.Low)*rng.Float64())) }, nil
	case "integers":
		return integers(t, g, rng)
	case "one_hot":
		return oneHot(c, t, rng)
	case "linear":
		of := s.Column(g.Of)
		if of == nil || of.dtype != graph.Float32 || of.Ragged() || c.Ragged() || graph.Count(of.shape) != graph.Count(c.shape) {
			return nil, fmt.Errorf("%w: it is computed from %q, which is no float32 column of its shape before it", graph.ErrDamaged, g.Of)
		}
		return func(i int) float64 {
			x := float64(math.Float32frombits(binary.LittleEndian.Uint32(of.data[4*i:])))
			return float64(g.Slope*x) + float64(g.Noise*rng.NormFloat64())
		}, nil
	}
	return nil, fmt.Errorf("%w: unknown generator %q", graph.ErrDamaged, g.Kind)
}

// oneHot makes one 1 in the last dimension, at random, and zeros.
func oneHot(c *Column, t graph.Tensor, rng *rand.Rand) (func(int) float64, error) {
	if len(c.shape) == 0 {
		return nil, fmt.Errorf("%w: %s has no classes for its generator one_hot", graph.ErrDamaged, t.Name)
	}
	classes, label := c.shape[len(c.shape)-1], 0
	return func(i int) float64 {
		if i%classes == 0 {
			label = rng.IntN(classes)
		}
		if i%classes == label {
			return 1
		}
		return 0
	}, nil
}

func integers(t graph.Tensor, g graph.Generator, rng *rand.Rand) (func(int) float64, error) {
	const exact = 1 << 53 // up to here a float64 holds every whole number
	low, high := math.Ceil(g.Low), math.Ceil(g.High)
	if low >= high || low < -exact || high > exact {
		return nil, fmt.Errorf("%w: no whole number lies in %g ≤ v < %g", graph.ErrDamaged, g.Low, g.High)
	}
	least, most := bounds(t)
	if low < float64(least) || high-1 > float64(most) {
		return nil, fmt.Errorf("%w: %g ≤ v < %g is more than the graph takes", graph.ErrDamaged, g.Low, g.High)
	}
	first, span := int64(low), int64(high)-int64(low)
	return func(int) float64 { return float64(first + rng.Int64N(span)) }, nil
}

func putter(d graph.DType) (func([]byte, float64), error) {
	le := binary.LittleEndian
	switch d {
	case graph.Float32:
		return func(b []byte, v float64) { le.PutUint32(b, math.Float32bits(float32(v))) }, nil
	case graph.Float64:
		return func(b []byte, v float64) { le.PutUint64(b, math.Float64bits(v)) }, nil
	case graph.Int8, graph.Uint8, graph.Bool:
		return func(b []byte, v float64) { b[0] = byte(int64(v)) }, nil
	case graph.Int16, graph.Uint16:
		return func(b []byte, v float64) { le.PutUint16(b, uint16(int64(v))) }, nil
	case graph.Int32, graph.Uint32:
		return func(b []byte, v float64) { le.PutUint32(b, uint32(int64(v))) }, nil
	case graph.Int64, graph.Uint64:
		return func(b []byte, v float64) { le.PutUint64(b, uint64(int64(v))) }, nil
	}
	return nil, fmt.Errorf("%w: no synthetic data of type %s: give --data", ErrUnfit, d)
}
