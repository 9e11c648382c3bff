package feed

import (
	"fmt"
	"math/rand/v2"

	"epochtime/harness/graph"
)

// newStep makes a step of preprocessing for a float32 input. The random ones
// are for images: height × width, or height × width × channels.
func newStep(p graph.Preprocess, t graph.Tensor) (step, error) {
	if t.DType != graph.Float32 {
		return nil, fmt.Errorf("%s needs a float32 input, not %s", p.Op, t.DType)
	}
	switch p.Op {
	case "scale":
		return affine(float32(p.Factor), 0), nil
	case "normalize":
		return affine(float32(1/p.StdDev), float32(-p.Mean/p.StdDev)), nil
	case "brightness":
		return brightness(float32(p.Amount)), nil
	}
	height, width, channels, err := imageShape(p, t)
	if err != nil {
		return nil, err
	}
	switch p.Op {
	case "flip":
		return flip(height, width, channels), nil
	case "shift":
		return shift(height, width, channels, int(p.Amount)), nil
	}
	return nil, fmt.Errorf("there is no preprocessing %q", p.Op)
}

func imageShape(p graph.Preprocess, t graph.Tensor) (height, width, channels int, err error) {
	shape := t.Shape[1:]
	for _, d := range shape {
		if d == nil {
			return 0, 0, 0, fmt.Errorf("%s needs images of one size", p.Op)
		}
	}
	switch len(shape) {
	case 2:
		return int(*shape[0]), int(*shape[1]), 1, nil
	case 3:
		return int(*shape[0]), int(*shape[1]), int(*shape[2]), nil
	}
	return 0, 0, 0, fmt.Errorf("%s needs images: height × width, or with channels", p.Op)
}

// affine multiplies and adds.
func affine(factor, offset float32) step {
	return func(example []byte, _ *scratch) {
		for i, v := range graph.View[float32](example) {
			graph.View[float32](example)[i] = float32(v*factor) + offset
		}
	}
}

// brightness adds one random number between -most and most to a whole example.
func brightness(most float32) step {
	return func(example []byte, s *scratch) {
		add := most * (2*unit(&s.rng) - 1)
		x := graph.View[float32](example)
		for i := range x {
			x[i] += add
		}
	}
}

// unit is a random number 0 ≤ v < 1 with the 24 bits that a float32 holds.
func unit(rng *rand.PCG) float32 { return float32(rng.Uint64()>>40) / (1 << 24) }

// flip mirrors every second image, at random, left to right.
func flip(height, width, channels int) step {
	return func(example []byte, s *scratch) {
		if s.rng.Uint64()>>63 == 0 {
			return
		}
		x := graph.View[float32](example)
		for y := range height {
			row := x[y*width*channels:][:width*channels]
			for a, b := 0, width-1; a < b; a, b = a+1, b-1 {
				for c := range channels {
					row[a*channels+c], row[b*channels+c] = row[b*channels+c], row[a*channels+c]
				}
			}
		}
	}
}

// shift moves the image by up to most pixels each way, at random, and fills
// with zeros: the same as padding with zeros and cropping at random.
func shift(height, width, channels, most int) step {
	return func(example []byte, s *scratch) {
		down, right := bounded(&s.rng, 2*most+1)-most, bounded(&s.rng, 2*most+1)-most
		x := graph.View[float32](example)
		s.image = append(s.image[:0], x...)
		clear(x)
		from, to := max(0, -right), min(width, width-right)
		if from >= to {
			return
		}
		for y := max(0, -down); y < min(height, height-down); y++ {
			source := s.image[(y*width+from)*channels : (y*width+to)*channels]
			copy(x[((y+down)*width+from+right)*channels:], source)
		}
	}
}

// newOneHot turns a label into as many numbers as there are classes: 1 at the
// label, 0 elsewhere.
func newOneHot(t graph.Tensor, from graph.DType) (graph.Converter, error) {
	if t.DType != graph.Float32 || len(t.Shape) != 2 || t.Shape[1] == nil {
		return nil, fmt.Errorf("one_hot needs a float32 vector of classes, not %s of shape %v", t.DType, t.Shape)
	}
	labels := from.Elements()
	if labels == nil || from.IsFloat() {
		return nil, fmt.Errorf("one_hot needs integer labels, not %s", from)
	}
	classes := int(*t.Shape[1])
	return func(dst, src []byte) {
		x := graph.View[float32](dst)
		clear(x)
		for i := range len(src) / from.Size() {
			x[i*classes+int(labels.Int(src, i))] = 1
		}
	}, nil
}
