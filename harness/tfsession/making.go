package tfsession

/*
#cgo nocallback epochtime_make
#cgo noescape epochtime_make
#cgo nocallback epochtime_next
#cgo noescape epochtime_next
#include <stdlib.h>
#include <tensorflow/c/c_api.h>

// One caller's call of a signature, resolved once, that keeps what it returned.
typedef struct {
	TF_Session *session;
	TF_Output *inputs;
	TF_Tensor **tensors; // one per input, set before each run
	int n;
	TF_Output *outputs;
	TF_Tensor **made; // by the last run; NULL before it
	int m;
	TF_Status *status;
	TF_Buffer *options;
	int64_t examples; // of a batch that epochtime_next returned
	uint64_t shape;   // equal for batches of equal shapes
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

// A number for the shapes of n tensors: FNV-1a, of whole dimensions.
static uint64_t epochtime_shape(TF_Tensor **tensors, int n) {
	uint64_t hash = 14695981039346656037u;
	for (int i = 0; i < n; i++) {
		int dims = TF_NumDims(tensors[i]);
		hash = (hash ^ (uint64_t)dims) * 1099511628211u;
		for (int d = 0; d < dims; d++) hash = (hash ^ (uint64_t)TF_Dim(tensors[i], d)) * 1099511628211u;
	}
	return hash;
}

// epochtime_make of a batch: its outputs begin with the dimension of the examples.
static int epochtime_next(epochtime_maker *s) {
	int code = epochtime_make(s);
	if (code != TF_OK) return code;
	s->examples = s->m > 0 && TF_NumDims(s->made[0]) > 0 ? TF_Dim(s->made[0], 0) : 0;
	s->shape = epochtime_shape(s->made, s->m);
	return TF_OK;
}
*/
import "C"

import (
	"fmt"
	"io"
	"runtime"
	"unsafe"

	tf "github.com/galeone/tensorflow/tensorflow/go"
)

// making is a call that is ready to run and keeps the tensors it returned, where
// call copies scalars. It is used by one goroutine at a time.
type making struct {
	session *tf.Session
	c       *C.epochtime_maker
	tensors []tensorPointer // C memory: what each input is fed next
	made    []tensorPointer // C memory: what the last run returned
}

func newMaking(s *tf.Session, inputs, outputs []tf.Output, options []byte) *making {
	n, m := len(inputs), len(outputs)
	word := C.size_t(unsafe.Sizeof(uintptr(0)))
	c := (*C.epochtime_maker)(C.calloc(1, C.sizeof_epochtime_maker))
	c.session = sessionPointer(s)
	c.inputs = (*C.TF_Output)(C.calloc(C.size_t(n), C.sizeof_TF_Output))
	c.tensors = (**C.TF_Tensor)(C.calloc(C.size_t(n), word))
	c.outputs = (*C.TF_Output)(C.calloc(C.size_t(m), C.sizeof_TF_Output))
	c.made = (**C.TF_Tensor)(C.calloc(C.size_t(m), word))
	c.n, c.m, c.status = C.int(n), C.int(m), C.TF_NewStatus()
	if len(options) > 0 {
		c.options = C.TF_NewBufferFromString(unsafe.Pointer(unsafe.SliceData(options)), C.size_t(len(options)))
	}
	for i, in := range inputs {
		unsafe.Slice(c.inputs, n)[i] = outputPointer(in)
	}
	for i, out := range outputs {
		unsafe.Slice(c.outputs, m)[i] = outputPointer(out)
	}
	return &making{session: s, c: c, tensors: unsafe.Slice(c.tensors, n), made: unsafe.Slice(c.made, m)}
}

// run makes the C call. Every input has a tensor.
func (m *making) run() error {
	code := C.epochtime_make(m.c)
	runtime.KeepAlive(m.session) // whose finalizer ends the C session
	return m.failure(code, ErrStep)
}

// next is run of a call that returns a batch. The error is io.EOF where there is none
// left, and else of that kind.
func (m *making) next(kind error) error {
	code := C.epochtime_next(m.c)
	runtime.KeepAlive(m.session)
	if code == C.TF_OUT_OF_RANGE {
		return io.EOF
	}
	return m.failure(code, kind)
}

// failure is nil for TF_OK, else TensorFlow's reason.
func (m *making) failure(code C.int, kind error) error {
	switch code {
	case C.TF_OK:
		return nil
	case C.TF_RESOURCE_EXHAUSTED:
		kind = ErrOOM
	}
	return fmt.Errorf("%w: %s", kind, C.GoString(C.TF_Message(m.c.status)))
}

// examples is the first dimension of the first output of the last next.
func (m *making) examples() int { return int(m.c.examples) }

// shape is a number for the shapes of all outputs of the last next.
func (m *making) shape() uint64 { return uint64(m.c.shape) }

// bytes is the memory of what output i returned, until the next run.
func (m *making) bytes(i int) []byte {
	return unsafe.Slice((*byte)(C.TF_TensorData(m.made[i])), int(C.TF_TensorByteSize(m.made[i])))
}

// forget releases what was returned.
func (m *making) forget() { C.epochtime_forget(m.c) }

func (m *making) free() {
	m.forget()
	C.TF_DeleteStatus(m.c.status)
	if m.c.options != nil {
		C.TF_DeleteBuffer(m.c.options)
	}
	for _, p := range []unsafe.Pointer{unsafe.Pointer(m.c.inputs), unsafe.Pointer(m.c.tensors), unsafe.Pointer(m.c.outputs), unsafe.Pointer(m.c.made), unsafe.Pointer(m.c)} {
		C.free(p)
	}
	m.c, m.tensors, m.made = nil, nil, nil
}

// shapesOf is a number for the shapes of tensors, as shape is.
func shapesOf(tensors []tensorPointer) uint64 {
	return uint64(C.epochtime_shape(unsafe.SliceData(tensors), C.int(len(tensors))))
}

// shapeOf is the shape of a tensor.
func shapeOf(t tensorPointer) []int64 {
	out := make([]int64, C.TF_NumDims(t))
	for i := range out {
		out[i] = int64(C.TF_Dim(t, C.int(i)))
	}
	return out
}

// fitsShape reports whether a tensor is of that shape, with so many examples.
func fitsShape(t tensorPointer, shape []*int64, examples int64) bool {
	if int(C.TF_NumDims(t)) != len(shape) || int64(C.TF_Dim(t, 0)) != examples {
		return false
	}
	for i, d := range shape {
		if d != nil && int64(C.TF_Dim(t, C.int(i))) != *d {
			return false
		}
	}
	return true
}
