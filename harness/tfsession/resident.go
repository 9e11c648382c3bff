package tfsession

import (
	"encoding/binary"
	"fmt"
	"math"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Resident is the graph's training on a data set that stays on the device.
type Resident struct {
	part
	upload  *call
	lengths []int // inputs whose batches differ in length, by their place in the manifest
	epoch   *call
	batch   *buffer
}

// Resident resolves the signatures that upload a data set and train an epoch on
// it. A graph without them is graph.ErrResident.
func (s *Session) Resident() (*Resident, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := s.manifest.Resident(); err != nil {
		return nil, err
	}
	r := &Resident{}
	for _, resolve := range []func(*Session) error{r.resolveUpload, r.resolveEpoch} {
		if err := resolve(s); err != nil {
			r.free()
			return nil, err
		}
	}
	s.own(r)
	return r, nil
}

func (r *Resident) resolveUpload(s *Session) error {
	want := s.manifest.Signatures[graph.Upload]
	signature, err := s.signature(want.Key)
	if err != nil {
		return err
	}
	inputs, err := signature.columns()
	if err != nil {
		return err
	}
	for i, t := range s.manifest.Tensors() {
		name, ok := want.Lengths[t.Name]
		if !ok {
			continue
		}
		input, err := signature.input(name, graph.Int32)
		if err != nil {
			return err
		}
		inputs, r.lengths = append(inputs, input), append(r.lengths, i)
	}
	examples, err := signature.scalar(want.Examples, graph.Int32)
	if err != nil {
		return err
	}
	r.upload = newCall(s.model.Session, inputs, []tf.Output{examples}, s.runOptions)
	return nil
}

func (r *Resident) resolveEpoch(s *Session) error {
	want := s.manifest.Signatures[graph.Epoch]
	signature, err := s.signature(want.Key)
	if err != nil {
		return err
	}
	batch, err := signature.input(want.Batch, graph.Int32)
	if err != nil {
		return err
	}
	loss, err := signature.scalar(want.Loss, graph.Float32)
	if err != nil {
		return err
	}
	steps, err := signature.scalar(want.Steps, graph.Int32)
	if err != nil {
		return err
	}
	if r.batch, err = newBuffer(graph.Int32, graph.Int32.Size()); err != nil {
		return err
	}
	r.epoch = newCall(s.model.Session, []tf.Output{batch}, []tf.Output{loss, steps}, s.runOptions)
	r.epoch.tensors[0], err = r.batch.tensor(nil)
	return err
}

// Upload takes data to the device, where it replaces what was there, and closes
// data. lengths has, for each input and target, the length of every batch; it is
// read for those whose length is free. Where the device is the CPU, it uses the
// host's memory. Data that is not taken whole is ErrStep, and ErrOOM where there
// is no room for it.
func (r *Resident) Upload(data *Data, lengths [][]int32) error {
	if r == nil || data == nil {
		return ErrClosed
	}
	defer data.Close() //nolint:errcheck // it has no error
	if err := r.enter(); err != nil {
		return err
	}
	defer r.leave()
	switch {
	case !data.open:
		return ErrClosed
	case data.session != r.session:
		return fmt.Errorf("%w: the data belongs to another session", ErrStep)
	case len(lengths) != len(data.inputs):
		return fmt.Errorf("%w: lengths of %d inputs for data of %d", ErrStep, len(lengths), len(data.inputs))
	}
	var own []*buffer
	defer func() { freeAll(own) }()
	examples := int64(0)
	for i, in := range data.inputs {
		r.upload.tensors[i] = in.fresh
		examples = in.examples()
	}
	for k, i := range r.lengths {
		in, err := newTensorBuffer(graph.Int32, []int64{int64(len(lengths[i]))})
		if err != nil {
			return err
		}
		own = append(own, in)
		for at, n := range lengths[i] {
			binary.NativeEndian.PutUint32(in.bytes[4*at:], uint32(n))
		}
		r.upload.tensors[len(data.inputs)+k] = in.fresh
	}
	_, err := r.upload.run()
	if err == nil && int64(r.upload.count()) != examples {
		return fmt.Errorf("%w: the device took %d of %d examples", ErrStep, r.upload.count(), examples)
	}
	return err
}

// Epoch trains one epoch on what was uploaded, batch examples per step; the last
// step takes the rest. It returns the mean of the step losses, weighted by their
// examples, and the number of steps that the graph counted.
func (r *Resident) Epoch(batch int) (loss float64, steps int, err error) {
	if r == nil {
		return 0, 0, ErrClosed
	}
	if err := r.enter(); err != nil {
		return 0, 0, err
	}
	defer r.leave()
	if batch < 1 || batch > math.MaxInt32 {
		return 0, 0, fmt.Errorf("%w: batches of %d examples", ErrStep, batch)
	}
	binary.NativeEndian.PutUint32(r.batch.bytes, uint32(batch))
	value, err := r.epoch.run()
	return value, r.epoch.count(), err
}

// Close releases what the training holds; the session, and the data on the
// device, stay. A second Close does nothing.
func (r *Resident) Close() error {
	if r != nil {
		release(r)
	}
	return nil
}

func (r *Resident) free() {
	for _, c := range []*call{r.upload, r.epoch} {
		if c != nil {
			c.free()
		}
	}
	if r.batch != nil {
		r.batch.free()
	}
}
