package tfsession

import (
	"encoding/binary"
	"fmt"
	"math"
	"runtime"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Resident is the graph's training on a data set that stays on the device.
type Resident struct {
	session *Session
	upload  *call
	lengths []int // inputs whose batches differ in length, by their place in the manifest
	epoch   *call
	batch   *buffer
}

// Resident resolves the signatures that upload a data set and train an epoch on
// it. A graph without them is graph.ErrResident.
func (s *Session) Resident() (*Resident, error) {
	if err := s.manifest.Resident(); err != nil {
		return nil, err
	}
	r := &Resident{session: s}
	for _, resolve := range []func() error{r.resolveUpload, r.resolveEpoch} {
		if err := resolve(); err != nil {
			r.Free()
			return nil, err
		}
	}
	return r, nil
}

func (r *Resident) resolveUpload() error {
	want := r.session.manifest.Signatures[graph.Upload]
	signature, err := r.session.signature(want.Key)
	if err != nil {
		return err
	}
	inputs, err := signature.columns()
	if err != nil {
		return err
	}
	for i, t := range r.session.manifest.Tensors() {
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
	r.upload = newCall(r.session.model.Session, inputs, []tf.Output{examples}, r.session.runOptions)
	return nil
}

func (r *Resident) resolveEpoch() error {
	want := r.session.manifest.Signatures[graph.Epoch]
	signature, err := r.session.signature(want.Key)
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
	r.epoch = newCall(r.session.model.Session, []tf.Output{batch}, []tf.Output{loss, steps}, r.session.runOptions)
	r.epoch.tensors[0], err = r.batch.tensor(nil)
	return err
}

// NewData makes room on the host for a whole data set: shapes has one shape for
// each input and target, all examples first. Free it or Upload it.
func (s *Session) NewData(shapes [][]int64) (*Buffers, error) {
	b := &Buffers{}
	for i, t := range s.manifest.Tensors() {
		in, err := newTensorBuffer(t.DType, shapes[i])
		if err != nil {
			b.Free()
			return nil, err
		}
		b.inputs = append(b.inputs, in)
	}
	return b, nil
}

// Upload takes the data of NewData to the device, where it replaces what was
// there, and frees data. lengths has, for each input and target, the length of
// every batch; it is read for those whose length is free. The host's memory is
// what the device uses, where that is the CPU. Data that is not taken whole is
// ErrStep, and ErrOOM where it found no room.
func (r *Resident) Upload(data *Buffers, lengths [][]int32) error {
	defer data.Free()
	own := &Buffers{}
	defer own.Free()
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
		own.inputs = append(own.inputs, in)
		for at, n := range lengths[i] {
			binary.NativeEndian.PutUint32(in.bytes[4*at:], uint32(n))
		}
		r.upload.tensors[len(data.inputs)+k] = in.fresh
	}
	_, err := r.upload.run()
	runtime.KeepAlive(r.session)
	if err == nil && int64(r.upload.count()) != examples {
		return fmt.Errorf("%w: the device took %d of %d examples", ErrStep, r.upload.count(), examples)
	}
	return err
}

// Epoch trains one epoch on what was uploaded, batch examples a step, the last
// of them short where they do not divide. It returns the mean of the step losses
// weighted by their examples, and the steps that the graph has counted.
func (r *Resident) Epoch(batch int) (loss float64, steps int, err error) {
	if batch < 1 || batch > math.MaxInt32 {
		return 0, 0, fmt.Errorf("%w: batches of %d examples", ErrStep, batch)
	}
	binary.NativeEndian.PutUint32(r.batch.bytes, uint32(batch))
	value, err := r.epoch.run()
	runtime.KeepAlive(r.session) // whose finalizer ends the C session
	return float64(value), r.epoch.count(), err
}

// Free releases what the training holds; the session, and the data on the
// device, stay.
func (r *Resident) Free() {
	for _, c := range []*call{r.upload, r.epoch} {
		if c != nil {
			c.free()
		}
	}
	if r.batch != nil {
		r.batch.free()
	}
}
