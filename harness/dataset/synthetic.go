package dataset

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"epochtime/harness/graph"
)

// Synthetic makes samples examples from the manifest's recipe and a seed. Every
// column has a random stream of its own, so the same seed gives the same data
// on every machine, whatever other columns there are.
func Synthetic(m *graph.Manifest, samples int, seed uint64) (*Set, error) {
	if samples < 1 {
		return nil, Errorf(ErrUnfit, []error{ErrSamples}, "%d examples were asked for", samples)
	}
	if m == nil {
		return nil, fmt.Errorf("%w: there is no graph", ErrUnfit)
	}
	for _, t := range m.DataTensors() {
		if t.DType == graph.String {
			return nil, Errorf(ErrUnfit, []error{ErrSynthetic}, "no synthetic data of type string for %s of %s: give it data", t.Name, m.Name)
		}
	}
	recipe, err := m.Generators()
	if err != nil {
		return nil, err
	}
	s := &Set{source: "synthetic"}
	for _, t := range m.DataTensors() {
		g := recipe[t.Name]
		if g.Same != "" && !slices.Equal(g.Lengths, recipe[g.Same].Lengths) {
			return nil, fmt.Errorf("%w: %s is said to be as long as %q, which has the lengths %v and not %v", graph.ErrDamaged, t.Name, g.Same, recipe[g.Same].Lengths, g.Lengths)
		}
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
		if err := s.add(*c); err != nil {
			return nil, err
		}
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
	shape, longest := dimensions(t), 1
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
	if size < 0 || float64(samples)*float64(longest)*float64(size) > MaxBytes || samples > MaxBytes/8 {
		return nil, Errorf(ErrUnfit, []error{ErrSamples}, "%d examples of %s take more than %d GiB of memory: ask for fewer", samples, t.Name, MaxBytes>>30)
	}
	rows := samples
	if len(g.Lengths) > 0 {
		rng := stream(seed, cmp.Or(g.Same, t.Name)+".lengths")
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
	elements := c.dtype.Elements()
	if elements == nil {
		return Errorf(ErrUnfit, []error{ErrSynthetic}, "no synthetic data of type %s: give it data", c.dtype)
	}
	for i := range len(c.data) / c.dtype.Size() {
		elements.Put(c.data, i, next(i))
	}
	return nil
}

// generator returns a function of the element's index. The explicit float64
// conversions keep a compiler from fusing a product and a sum into one rounding,
// which would make the data differ between processors.
func generator(s *Set, c *Column, t graph.Tensor, g graph.Generator, rng *rand.Rand) (func(int) float64, error) {
	if g.Kind != "integers" && !t.DType.IsFloat() {
		return nil, fmt.Errorf("%w: the generator %q makes no numbers of type %s: give it data", graph.ErrDamaged, g.Kind, t.DType)
	}
	switch g.Kind {
	case "normal":
		return func(int) float64 { return g.Mean + float64(g.StdDev*rng.NormFloat64()) }, nil
	case "uniform":
		if g.High <= g.Low {
			return nil, fmt.Errorf("%w: no number is in %g ≤ v < %g", graph.ErrDamaged, g.Low, g.High)
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
	const exact = 1 << 53 // up to here a float64 holds every integer
	low, high := math.Ceil(g.Low), math.Ceil(g.High)
	if low >= high || low < -exact || high > exact {
		return nil, fmt.Errorf("%w: no integer is in %g ≤ v < %g", graph.ErrDamaged, g.Low, g.High)
	}
	least, most := bounds(t)
	if low < float64(least) || high-1 > float64(most) {
		return nil, fmt.Errorf("%w: %g ≤ v < %g is more than the graph takes", graph.ErrDamaged, g.Low, g.High)
	}
	first, span := int64(low), int64(high)-int64(low)
	return func(int) float64 { return float64(first + rng.Int64N(span)) }, nil
}
