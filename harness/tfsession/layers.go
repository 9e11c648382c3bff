package tfsession

/*
#cgo nocallback epochtime_make
#cgo noescape epochtime_make
#include <stdlib.h>
#include <tensorflow/c/c_api.h>

// One caller's call of a signature, resolved once, that keeps what it returned.
typedef struct {
	TF_Session *session;
	TF_Output *inputs;
	TF_Tensor **tensors; // one an input, set before each run
	int n;
	TF_Output *outputs;
	TF_Tensor **made; // by the last run; NULL before it
	int m;
	TF_Status *status;
	TF_Buffer *options;
} epochtime_maker;

static void epochtime_forget(epochtime_maker *s) {
	for (int i = 0; i < s->m; i++) {
		if (s->made[i]) TF_DeleteTensor(s->made[i]);
		s->made[i] = NULL;
	}
}

static int epochtime_make(epochtime_maker *s) {
	epochtime_forget(s);
	TF_SessionRun(s->session, s->options, s->inputs, s->tensors, s->n, s->outputs, s->made, s->m, NULL, 0, NULL, s->status);
	return TF_GetCode(s->status);
}
*/
import "C"

import (
	"fmt"
	"runtime"
	"slices"
	"unsafe"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Layers is the graph's preprocess signature: a call makes inputs of a step of
// one batch as it was gathered from the data. Calls of different makers may run
// side by side.
type Layers struct {
	session         *Session
	inputs, outputs []tf.Output // the inputs are the first of the slots
	makes           []int       // the step's input that each output is
}

// Layers resolves the preprocess signature; nil where the graph has none.
func (s *Session) Layers() (*Layers, error) {
	want, ok := s.manifest.Signatures[graph.Preprocessing]
	if !ok {
		return nil, nil
	}
	found, err := s.signature(want.Key)
	if err != nil {
		return nil, err
	}
	l := &Layers{session: s}
	for _, t := range want.Takes {
		in, err := found.input(t.Name, t.DType)
		if err != nil {
			return nil, err
		}
		l.inputs = append(l.inputs, in)
	}
	for i, t := range s.manifest.Tensors() {
		if !slices.Contains(want.Makes, t.Name) {
			continue
		}
		out, err := found.made(t.Name, t.DType)
		if err != nil {
			return nil, err
		}
		l.outputs, l.makes = append(l.outputs, out), append(l.makes, i)
	}
	return l, nil
}

// Maker calls the signature on the batches of one ring of buffers.
type Maker struct {
	layers *Layers
	c      *C.epochtime_maker
	over   []tensorPointer // the last tensor over borrowed memory, by input
}

// Maker makes a maker. Free it after the last step on what it made.
func (l *Layers) Maker() *Maker {
	n, m := len(l.inputs), len(l.outputs)
	word := C.size_t(unsafe.Sizeof(uintptr(0)))
	c := (*C.epochtime_maker)(C.calloc(1, C.sizeof_epochtime_maker))
	c.session = sessionPointer(l.session.model.Session)
	c.inputs = (*C.TF_Output)(C.calloc(C.size_t(n), C.sizeof_TF_Output))
	c.tensors = (**C.TF_Tensor)(C.calloc(C.size_t(n), word))
	c.outputs = (*C.TF_Output)(C.calloc(C.size_t(m), C.sizeof_TF_Output))
	c.made = (**C.TF_Tensor)(C.calloc(C.size_t(m), word))
	c.n, c.m, c.status = C.int(n), C.int(m), C.TF_NewStatus()
	if o := l.session.runOptions; len(o) > 0 {
		c.options = C.TF_NewBufferFromString(unsafe.Pointer(unsafe.SliceData(o)), C.size_t(len(o)))
	}
	for i, in := range l.inputs {
		unsafe.Slice(c.inputs, n)[i] = outputPointer(in)
	}
	for i, out := range l.outputs {
		unsafe.Slice(c.outputs, m)[i] = outputPointer(out)
	}
	return &Maker{layers: l, c: c, over: make([]tensorPointer, n)}
}

func (m *Maker) tensors() []tensorPointer { return unsafe.Slice(m.c.tensors, len(m.layers.inputs)) }
func (m *Maker) made() []tensorPointer    { return unsafe.Slice(m.c.made, len(m.layers.outputs)) }

// Shape says what shape slot i of a batch has. A slot that the signature does
// not take is the step's.
func (m *Maker) Shape(b *Buffers, i int, shape []int64) error {
	if i >= len(m.over) {
		return nil
	}
	t, err := b.inputs[i].feed(shape, m.layers.session.kept[i])
	if err != nil {
		return err
	}
	m.tensors()[i] = t
	return nil
}

// Over says that slot i lies in data and is read from there, as Step.Over does.
func (m *Maker) Over(i int, data []byte, shape []int64) error {
	if i >= len(m.over) {
		return nil
	}
	t, err := borrow(m.layers.session.gathered[i].DType, data, shape)
	if err != nil {
		return err
	}
	dropTensor(m.over[i])
	m.over[i], m.tensors()[i] = t, t
	return nil
}

// Make runs the signature on what Shape and Over gave it, a batch of so many
// examples. What it made stays until the next Make or Free.
func (m *Maker) Make(examples int) error {
	for i, t := range m.tensors() {
		if t == nil {
			return fmt.Errorf("%w: the preprocessing layers have been given no %s", ErrStep, m.layers.session.gathered[i].Name)
		}
	}
	code := C.epochtime_make(m.c)
	runtime.KeepAlive(m.layers.session)
	if code != C.TF_OK {
		kind := ErrStep
		if code == C.TF_RESOURCE_EXHAUSTED {
			kind = ErrOOM
		}
		return fmt.Errorf("the preprocessing layers: %w: %s", kind, C.GoString(C.TF_Message(m.c.status)))
	}
	for i, input := range m.layers.makes {
		if t := m.layers.session.tensors[input]; !fitsShape(m.made()[i], t.Shape, int64(examples)) {
			return fmt.Errorf("%w: the preprocessing layers made %s of the shape %v of %d examples: export the graph again",
				ErrGraph, t.Name, shapeOf(m.made()[i]), examples)
		}
	}
	return nil
}

// fitsShape tells whether a tensor is of that shape, with so many examples.
func fitsShape(t tensorPointer, shape []*int64, examples int64) bool {
	if int(C.TF_NumDims(t)) != len(shape) || C.TF_Dim(t, 0) != C.int64_t(examples) {
		return false
	}
	for i, d := range shape {
		if d != nil && int64(C.TF_Dim(t, C.int(i))) != *d {
			return false
		}
	}
	return true
}

func shapeOf(t tensorPointer) []int64 {
	out := make([]int64, C.TF_NumDims(t))
	for i := range out {
		out[i] = int64(C.TF_Dim(t, C.int(i)))
	}
	return out
}

// Drop lets go of what was made.
func (m *Maker) Drop() {
	C.epochtime_forget(m.c)
	clear(m.tensors())
}

// Free releases what the maker holds. No step may run on it afterwards.
func (m *Maker) Free() {
	m.Drop()
	for _, t := range m.over {
		dropTensor(t)
	}
	C.TF_DeleteStatus(m.c.status)
	if m.c.options != nil {
		C.TF_DeleteBuffer(m.c.options)
	}
	for _, p := range []unsafe.Pointer{unsafe.Pointer(m.c.inputs), unsafe.Pointer(m.c.tensors), unsafe.Pointer(m.c.outputs), unsafe.Pointer(m.c.made), unsafe.Pointer(m.c)} {
		C.free(p)
	}
	m.over, m.c = nil, nil
}
