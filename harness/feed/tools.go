package feed

import (
	"errors"
	"fmt"

	"epochtime/harness/graph"
)

// Tools do the part of preparing batches that takes TensorFlow.
type Tools struct {
	Layers Layers             // nil where the graph has no preprocess signature
	Images map[string]Decoder // one for each of Feeder.Images, by name
}

// Layers run the graph's preprocess signature.
type Layers interface {
	// Make turns a gathered batch into inputs of its step, which it keeps for the
	// batch's ring until the next. Goroutines call it side by side, each for
	// another ring; where the signature has state, one after the other in the
	// order of the batches.
	Make(b *Batch) error
}

// Decoder reads images from files.
type Decoder interface {
	// Decode writes the image in a file to dst, in the size and type of its input.
	// Goroutines call it side by side.
	Decode(path string, dst []byte) error
}

// Images is an input that is decoded from image files.
type Images struct {
	Name                    string
	DType                   graph.DType
	Height, Width, Channels int
}

// Images lists the inputs that Equip must bring a decoder for.
func (f *Feeder) Images() []Images {
	if f == nil {
		return nil
	}
	var out []Images
	for _, c := range f.columns {
		if c.data.Images() {
			out = append(out, c.images())
		}
	}
	return out
}

func (c *column) images() Images {
	return Images{c.data.Name(), c.dtype, int(c.tail[0]), int(c.tail[1]), int(c.tail[2])}
}

var errLayers = errors.New("feed: layers must be given if and only if the graph has a preprocess signature")

func errNoDecoder(name string) error {
	return fmt.Errorf("feed: there is nothing to decode the images of %s", name)
}

// Equip gives the feeder what prepares its batches beside itself. Call it before
// Use.
func (f *Feeder) Equip(t Tools) error {
	if !f.made() {
		return ErrNoEpoch
	}
	if f.layered != (t.Layers != nil) {
		return errLayers
	}
	f.layers = t.Layers
	for _, c := range f.columns {
		if !c.data.Images() {
			continue
		}
		if c.decoder = t.Images[c.data.Name()]; c.decoder == nil {
			return errNoDecoder(c.data.Name())
		}
	}
	return nil
}

// equipped fails where Equip should have been called.
func (f *Feeder) equipped() error {
	for _, c := range f.columns {
		if c.data.Images() && c.decoder == nil {
			return errNoDecoder(c.data.Name())
		}
	}
	if f.layered && f.layers == nil {
		return errLayers
	}
	return nil
}

// decode writes the images of the examples from first to before last into dst.
func (c *column) decode(dst []byte, order []int32, first, last int) error {
	for i := first; i < last; i++ {
		if err := c.decoder.Decode(c.data.File(at(order, i)), dst[(i-first)*c.size1:][:c.size1]); err != nil {
			return fmt.Errorf("example %d: %w", at(order, i), err)
		}
	}
	return nil
}

// imageInput makes sure that a column of image files feeds images.
func (c *column) imageInput(t graph.Tensor) error {
	if t.DType != graph.Float32 && t.DType != graph.Uint8 || len(c.tail) != 3 {
		return fmt.Errorf("feeding %s: image files feed float32 or uint8 images, height × width × channels", t.Name)
	}
	return nil
}

// make runs the preprocess signature on gathered batch k.
func (f *Feeder) make(k int, b *Batch) error {
	if f.stateful && f.ahead != nil {
		if !f.ahead.turn(k) {
			return ErrNoEpoch // a batch before it has failed, and says why
		}
		defer f.ahead.turned()
	}
	begin := f.now()
	err := f.layers.Make(b)
	f.work.Add(int64(f.now() - begin))
	return err
}
