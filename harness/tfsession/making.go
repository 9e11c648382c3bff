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
	TF_Tensor **tensors; // one per input, set before each run
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
	if code == C.TF_OK {
		return nil
	}
	kind := ErrStep
	if code == C.TF_RESOURCE_EXHAUSTED {
		kind = ErrOOM
	}
	return fmt.Errorf("%w: %s", kind, C.GoString(C.TF_Message(m.c.status)))
}

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
