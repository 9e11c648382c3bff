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
	recipe, err := m.Generators()
	if err != nil {
		return nil, err
	}
	s := &Set{Source: "synthetic", Examples: samples}
	for _, t := range m.Tensors() {
		g := recipe[t.Name]
		c, err := layout(t, g, samples, seed)
		if err != nil {
			return nil, err
		}
		if err := fill(c, s, g, stream(seed, t.Name)); err != nil {
			return nil, err
		}
		s.Columns = append(s.Columns, *c)
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
	c := &Column{Name: t.Name, DType: t.DType}
	rows := samples
	for i, d := range t.Shape[1:] {
		switch {
		case i == 0 && len(g.Lengths) == 2:
			rng := stream(seed, t.Name+".lengths")
			c.Offsets = make([]int, samples+1)
			for k := range samples {
				c.Offsets[k+1] = c.Offsets[k] + g.Lengths[0] + rng.IntN(g.Lengths[1]-g.Lengths[0]+1)
			}
			rows = c.Offsets[samples]
		case d == nil:
			return nil, fmt.Errorf("%w: the recipe of %s gives no length for its free dimension", graph.ErrDamaged, t.Name)
		default:
			c.Shape = append(c.Shape, int(*d))
		}
	}
	bytes := c.RowBytes()
	if bytes < 0 || (bytes > 0 && rows > maxBytes/bytes) {
		return nil, fmt.Errorf("%w in memory: %d examples of %s take more than %d GiB: lower --samples", ErrUnfit, samples, t.Name, maxBytes>>30)
	}
	c.Data = allocate(rows * bytes)
	return c, nil
}

func fill(c *Column, s *Set, g graph.Generator, rng *rand.Rand) error {
	put, err := putter(c.DType)
	if err != nil {
		return err
	}
	next, err := generator(s, g, rng)
	if err != nil {
		return fmt.Errorf("data recipe of %s: %w", c.Name, err)
	}
	size := c.DType.Size()
	for i := range len(c.Data) / size {
		put(c.Data[i*size:], next(i))
	}
	return nil
}

// generator returns a function of the element's index. The explicit float64
// conversions keep a compiler from fusing a product and a sum into one rounding,
// which would make the data differ between processors.
func generator(s *Set, g graph.Generator, rng *rand.Rand) (func(int) float64, error) {
	switch g.Kind {
	case "normal":
		return func(int) float64 { return g.Mean + float64(g.StdDev*rng.NormFloat64()) }, nil
	case "uniform":
		return func(int) float64 { return g.Low + float64((g.High-g.Low)*rng.Float64()) }, nil
	case "integers":
		span := int64(g.High) - int64(g.Low)
		if span < 1 {
			return nil, fmt.Errorf("%w: no whole number lies in %g ≤ v < %g", graph.ErrDamaged, g.Low, g.High)
		}
		return func(int) float64 { return float64(int64(g.Low) + rng.Int64N(span)) }, nil
	case "linear":
		of := s.Column(g.Of)
		if of == nil || of.DType != graph.Float32 {
			return nil, fmt.Errorf("%w: it is computed from %q, which is no float32 column before it", graph.ErrDamaged, g.Of)
		}
		return func(i int) float64 {
			x := float64(math.Float32frombits(binary.LittleEndian.Uint32(of.Data[4*i:])))
			return float64(g.Slope*x) + float64(g.Noise*rng.NormFloat64())
		}, nil
	}
	return nil, fmt.Errorf("%w: unknown generator %q", graph.ErrDamaged, g.Kind)
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
