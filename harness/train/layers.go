package train

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"epochtime/harness/dataset"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
)

// layers run the graph's preprocess signature. It implements feed.Layers.
type layers struct {
	makers []*tfsession.Maker   // one for each ring of buffers
	rings  []*tfsession.Buffers // by ring too
}

// Make implements feed.Layers.
func (l *layers) Make(b *feed.Batch) error {
	maker, ring := l.makers[b.Ring], l.rings[b.Ring]
	for i := range b.Slots {
		var err error
		if s := &b.Slots[i]; s.Borrowed {
			err = maker.Over(i, s.Bytes, s.Shape)
		} else {
			err = maker.Shape(ring, i, s.Shape)
		}
		if err != nil {
			return err
		}
	}
	return maker.Make(b.Examples)
}

// drop releases all that was made, between epochs.
func (l *layers) drop() {
	if l == nil {
		return
	}
	for _, m := range l.makers {
		m.Drop()
	}
}

// decoder returns the data's errors for files that are gone or hold no image. It
// implements feed.Decoder.
type decoder struct{ *tfsession.ImageDecoder }

// Decode implements feed.Decoder.
func (d decoder) Decode(path string, dst []byte) error {
	err := d.ImageDecoder.Decode(path, dst)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", dataset.ErrChanged, err)
	case errors.Is(err, tfsession.ErrImage), errors.As(err, new(*fs.PathError)):
		return fmt.Errorf("%w: %w", dataset.ErrUnreadable, err)
	}
	return err
}

// equip gives the feeder what the graph's preprocess signature and image files
// need.
func (t *Trainer) equip() (err error) {
	t.layers, t.decoders, err = equip(t.session, t.feeder, t.rings)
	return err
}

// equip gives a feeder that fills rings what the graph's preprocess signature and
// image files need. The caller closes the decoders, after an error too.
func equip(s *tfsession.Session, f *feed.Feeder, rings []*tfsession.Buffers) (l *layers, decoders []*tfsession.ImageDecoder, err error) {
	tools := feed.Tools{Images: make(map[string]feed.Decoder)}
	for _, in := range f.Images() {
		d, err := tfsession.NewImageDecoder(in.Height, in.Width, in.Channels, in.DType)
		if err != nil {
			return nil, decoders, err
		}
		decoders = append(decoders, d)
		tools.Images[in.Name] = decoder{d}
	}
	l, err = resolveLayers(s, rings)
	if err != nil {
		return nil, decoders, err
	}
	if l != nil {
		tools.Layers = l
	}
	return l, decoders, f.Equip(tools)
}

// resolveLayers resolves the preprocess signature for rings of buffers; nil where
// the graph has none.
func resolveLayers(s *tfsession.Session, rings []*tfsession.Buffers) (*layers, error) {
	resolved, err := s.Layers()
	if err != nil || resolved == nil {
		return nil, err
	}
	l := &layers{rings: rings}
	for range rings {
		maker, err := resolved.Maker()
		if err != nil {
			return nil, err
		}
		l.makers = append(l.makers, maker)
	}
	return l, nil
}

// checkCompiled returns ErrCompiled where the preprocess signature makes batches
// of any shape for a step that XLA compiles.
func checkCompiled(m *graph.Manifest) error {
	if !m.Variant.Compiled() {
		return nil
	}
	makes := m.Signatures[graph.Preprocessing].Makes
	for _, t := range m.Tensors() {
		if slices.Contains(makes, t.Name) && slices.Contains(t.Shape[1:], nil) {
			return fmt.Errorf("%w: the preprocessing layers of %s make %s of any shape: export it without XLA, or with layers of a fixed size (output_sequence_length=…)",
				ErrCompiled, m.Name, t.Name)
		}
	}
	return nil
}
