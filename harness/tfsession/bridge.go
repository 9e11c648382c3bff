package tfsession

/*
#cgo nocallback epochtime_run
#cgo noescape epochtime_run
#include <stdlib.h>
#include <tensorflow/c/c_api.h>

// One call of a signature, resolved once: what to feed, what to fetch.
typedef struct {
	TF_Session *session;
	TF_Output *inputs;
	TF_Tensor **tensors; // one per input, set before each run
	int n;
	TF_Output outputs[2]; // scalars: a loss, a number of steps or examples
	int fetched;
	const TF_Operation *target; // run without a fetch; NULL: none
	TF_Status *status;
	TF_Buffer *options; // of every timed run; NULL for TensorFlow's defaults
	double value; // the loss of the last run
	int32_t count; // the number
} epochtime_step;

// Runs the call and copies its scalars. Options (a RunOptions) and metadata (a
// RunMetadata) may be NULL. Returns a TF_Code.
static int epochtime_run_with(epochtime_step *s, TF_Buffer *options, TF_Buffer *metadata) {
	TF_Tensor *out[2] = {NULL, NULL};
	TF_SessionRun(s->session, options, s->inputs, s->tensors, s->n, s->outputs, out, s->fetched, &s->target, s->target ? 1 : 0, metadata, s->status);
	TF_Code code = TF_GetCode(s->status);
	for (int i = 0; code == TF_OK && i < s->fetched; i++) {
		switch (TF_TensorType(out[i])) {
		case TF_FLOAT: s->value = *(float *)TF_TensorData(out[i]); break;
		case TF_DOUBLE: s->value = *(double *)TF_TensorData(out[i]); break;
		default: s->count = *(int32_t *)TF_TensorData(out[i]);
		}
		TF_DeleteTensor(out[i]);
	}
	return code;
}

static int epochtime_run(epochtime_step *s) { return epochtime_run_with(s, s->options, NULL); }

// Runs n steps on count sets of tensors in turn, which are contiguous. Returns the
// first TF_Code that is not TF_OK.
static int epochtime_repeat(epochtime_step *s, TF_Tensor **sets, int count, int n) {
	TF_Tensor **own = s->tensors;
	int code = TF_OK;
	for (int i = 0; i < n && code == TF_OK; i++) {
		s->tensors = sets + (size_t)(i % count) * s->n;
		code = epochtime_run(s);
	}
	s->tensors = own;
	return code;
}
*/
import "C"

import (
	"fmt"
	"reflect"
	"unsafe"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// The binding hides its C pointers, and its Session.Run copies every batch and
// frees nothing until the garbage collector finds it. Its types begin with the C
// pointer; checkLayout checks that.

func sessionPointer(s *tf.Session) *C.TF_Session {
	return *(**C.TF_Session)(unsafe.Pointer(s))
}

func operationPointer(o *tf.Operation) *C.TF_Operation {
	return *(**C.TF_Operation)(unsafe.Pointer(o))
}

// checkLayout returns an error unless the binding's types begin with the C pointer
// that the bridge takes from them.
func checkLayout() error {
	for _, t := range []struct {
		binding reflect.Type
		pointer string
	}{
		{reflect.TypeFor[tf.Session](), "*tensorflow._Ctype_struct_TF_Session"},
		{reflect.TypeFor[tf.Operation](), "*tensorflow._Ctype_struct_TF_Operation"},
	} {
		first := t.binding.Field(0)
		if first.Offset != 0 || first.Type.String() != t.pointer {
			return fmt.Errorf("the TensorFlow binding's %s begins with %s, not %s: this epochtime does not fit that binding",
				t.binding, first.Type, t.pointer)
		}
	}
	return nil
}

// cTypes are TensorFlow's numbers for the types a step can be fed.
var cTypes = map[graph.DType]C.TF_DataType{
	graph.Float16: C.TF_HALF, graph.BFloat16: C.TF_BFLOAT16, graph.Float32: C.TF_FLOAT, graph.Float64: C.TF_DOUBLE,
	graph.Int8: C.TF_INT8, graph.Int16: C.TF_INT16, graph.Int32: C.TF_INT32, graph.Int64: C.TF_INT64,
	graph.Uint8: C.TF_UINT8, graph.Uint16: C.TF_UINT16, graph.Uint32: C.TF_UINT32, graph.Uint64: C.TF_UINT64,
	graph.Bool: C.TF_BOOL, graph.String: C.TF_STRING,
}

// call is a signature that is ready to run.
type call struct {
	c       *C.epochtime_step
	tensors []*C.TF_Tensor // C memory: what each input is fed next
}

// newCall takes no output, one or two, each a scalar of float32, float64 or int32.
func newCall(s *tf.Session, inputs, outputs []tf.Output, options []byte) *call {
	n := len(inputs)
	c := (*C.epochtime_step)(C.calloc(1, C.sizeof_epochtime_step))
	c.session = sessionPointer(s)
	c.inputs = (*C.TF_Output)(C.calloc(C.size_t(n), C.sizeof_TF_Output))
	c.tensors = (**C.TF_Tensor)(C.calloc(C.size_t(n), C.size_t(unsafe.Sizeof(uintptr(0)))))
	c.n = C.int(n)
	c.status = C.TF_NewStatus()
	if len(options) > 0 {
		c.options = C.TF_NewBufferFromString(unsafe.Pointer(unsafe.SliceData(options)), C.size_t(len(options)))
	}
	for i, out := range outputs {
		c.outputs[i] = outputPointer(out)
	}
	c.fetched = C.int(len(outputs))
	for i, in := range inputs {
		unsafe.Slice(c.inputs, n)[i] = outputPointer(in)
	}
	return &call{c: c, tensors: unsafe.Slice(c.tensors, n)}
}

// target makes each run also run the operation that returns out, without fetching it.
func (c *call) target(out tf.Output) { c.c.target = operationPointer(out.Op) }

func outputPointer(o tf.Output) C.TF_Output {
	return C.TF_Output{oper: operationPointer(o.Op), index: C.int(o.Index)}
}

// run makes the C call and returns the loss, 0 where none is fetched.
func (c *call) run() (float64, error) {
	if code := C.epochtime_run(c.c); code != C.TF_OK {
		return 0, c.failure(code)
	}
	return float64(c.c.value), nil
}

// count is the number that the last run returned.
func (c *call) count() int { return int(c.c.count) }

// tensorPointer is one input of a step, made.
type tensorPointer = *C.TF_Tensor

// repeat makes n C calls of a step in one, on sets of tensors in turn, which are
// contiguous.
func (c *call) repeat(sets []tensorPointer, n int) error {
	if code := C.epochtime_repeat(c.c, unsafe.SliceData(sets), C.int(len(sets)/len(c.tensors)), C.int(n)); code != C.TF_OK {
		return c.failure(code)
	}
	return nil
}

// runWith makes the call of a step with a serialized RunOptions, and returns
// the serialized RunMetadata.
func (c *call) runWith(options []byte) ([]byte, error) {
	in := C.TF_NewBufferFromString(unsafe.Pointer(unsafe.SliceData(options)), C.size_t(len(options)))
	defer C.TF_DeleteBuffer(in)
	out := C.TF_NewBuffer()
	defer C.TF_DeleteBuffer(out)
	if code := C.epochtime_run_with(c.c, in, out); code != C.TF_OK {
		return nil, c.failure(code)
	}
	return append([]byte(nil), unsafe.Slice((*byte)(out.data), int(out.length))...), nil
}

func (c *call) failure(code C.int) error {
	kind := ErrStep
	if code == C.TF_RESOURCE_EXHAUSTED {
		kind = ErrOOM
	}
	return fmt.Errorf("%w: %s", kind, C.GoString(C.TF_Message(c.c.status)))
}

func (c *call) free() {
	C.TF_DeleteStatus(c.c.status)
	if c.c.options != nil {
		C.TF_DeleteBuffer(c.c.options)
	}
	C.free(unsafe.Pointer(c.c.inputs))
	C.free(unsafe.Pointer(c.c.tensors))
	C.free(unsafe.Pointer(c.c))
}
