package tfsession

/*
#cgo nocallback epochtime_run
#cgo noescape epochtime_run
#include <stdlib.h>
#include <string.h>
#include <tensorflow/c/c_api.h>
#include <tensorflow/c/tf_tstring.h>

// One call of a signature, resolved once: what to feed, what to fetch.
typedef struct {
	TF_Session *session;
	TF_Output *inputs;
	TF_Tensor **tensors; // one an input, set before each run
	int n;
	TF_Output outputs[2]; // scalars: a loss, a number of steps or examples
	int fetched;
	TF_Status *status;
	TF_Buffer *options; // of every timed run; NULL for TensorFlow's defaults
	float value; // the loss of the last run
	int32_t count; // the number
} epochtime_step;

// Called when nothing refers to a tensor over a buffer any more, from any thread.
static void epochtime_released(void *data, size_t length, void *count) {
	__atomic_add_fetch((int *)count, 1, __ATOMIC_SEQ_CST);
}

static int epochtime_count(int *count) { return __atomic_load_n(count, __ATOMIC_SEQ_CST); }

static TF_Tensor *epochtime_tensor(TF_DataType type, const int64_t *dims, int n, void *data, size_t length, int *released) {
	return TF_NewTensor(type, dims, n, data, length, epochtime_released, released);
}

static void epochtime_nothing(void *data, size_t length, void *arg) {}

// A tensor over memory that is somebody else's, and stays until the tensor is deleted.
static TF_Tensor *epochtime_over(TF_DataType type, const int64_t *dims, int n, void *data, size_t length) {
	return TF_NewTensor(type, dims, n, data, length, epochtime_nothing, NULL);
}

// Runs the call and copies its scalars. Options (a RunOptions) and metadata (a
// RunMetadata) may be NULL. Returns a TF_Code.
static int epochtime_run_with(epochtime_step *s, TF_Buffer *options, TF_Buffer *metadata) {
	TF_Tensor *out[2] = {NULL, NULL};
	TF_SessionRun(s->session, options, s->inputs, s->tensors, s->n, s->outputs, out, s->fetched, NULL, 0, metadata, s->status);
	TF_Code code = TF_GetCode(s->status);
	for (int i = 0; code == TF_OK && i < s->fetched; i++) {
		if (TF_TensorType(out[i]) == TF_FLOAT) {
			s->value = *(float *)TF_TensorData(out[i]);
		} else {
			s->count = *(int32_t *)TF_TensorData(out[i]);
		}
		TF_DeleteTensor(out[i]);
	}
	return code;
}

static int epochtime_run(epochtime_step *s) { return epochtime_run_with(s, s->options, NULL); }

// Runs n steps on count sets of tensors in turn, which lie end to end. Returns
// the first TF_Code that is not TF_OK.
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
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// The binding hides its C pointers, and its Session.Run copies every batch and
// frees nothing until the garbage collector finds it. The types below begin
// with that pointer, which checkLayout makes sure of.

func sessionPointer(s *tf.Session) *C.TF_Session {
	return *(**C.TF_Session)(unsafe.Pointer(s))
}

func operationPointer(o *tf.Operation) *C.TF_Operation {
	return *(**C.TF_Operation)(unsafe.Pointer(o))
}

// checkLayout fails where the binding's types do not begin with the C pointer
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

// alignment lets TensorFlow use a buffer in place (EIGEN_MAX_ALIGN_BYTES).
const alignment = 64

// cTypes are TensorFlow's numbers for the types a step can be fed.
var cTypes = map[graph.DType]C.TF_DataType{
	graph.Float16: C.TF_HALF, graph.BFloat16: C.TF_BFLOAT16, graph.Float32: C.TF_FLOAT, graph.Float64: C.TF_DOUBLE,
	graph.Int8: C.TF_INT8, graph.Int16: C.TF_INT16, graph.Int32: C.TF_INT32, graph.Int64: C.TF_INT64,
	graph.Uint8: C.TF_UINT8, graph.Uint16: C.TF_UINT16, graph.Uint32: C.TF_UINT32, graph.Uint64: C.TF_UINT64,
	graph.Bool: C.TF_BOOL, graph.String: C.TF_STRING,
}

// buffer is memory outside Go that a step is fed from, with one TensorFlow
// tensor over it for every shape it was used with.
type buffer struct {
	data     unsafe.Pointer
	bytes    []byte
	dtype    graph.DType
	tensors  []shaped
	made     int    // tensors over data, ever
	released *C.int // of them, those that nothing refers to any more; nil where data is fresh's

	// Where the graph keeps this input, a tensor of TensorFlow's own for each step.
	fresh *C.TF_Tensor
}

type shaped struct {
	shape  []int64
	tensor *C.TF_Tensor
}

func newBuffer(d graph.DType, size int) (*buffer, error) {
	room := max(alignment, (size+alignment-1)/alignment*alignment)
	data := C.aligned_alloc(alignment, C.size_t(room))
	if data == nil {
		return nil, fmt.Errorf("%w: no %d bytes for a batch", ErrOOM, size)
	}
	C.memset(data, 0, C.size_t(room)) // zeros are empty strings too
	return &buffer{
		data: data, bytes: unsafe.Slice((*byte)(data), size), dtype: d,
		released: (*C.int)(C.calloc(1, C.sizeof_int)),
	}, nil
}

// tensor returns the tensor of that shape over the buffer.
func (b *buffer) tensor(shape []int64) (*C.TF_Tensor, error) {
	for i := range b.tensors {
		if equal(b.tensors[i].shape, shape) {
			return b.tensors[i].tensor, nil
		}
	}
	size, err := b.fits(shape)
	if err != nil {
		return nil, err
	}
	t := C.epochtime_tensor(cTypes[b.dtype], dims(shape), C.int(len(shape)), b.data, C.size_t(size), b.released)
	if t == nil {
		return nil, errors.New("TensorFlow made no tensor over a batch")
	}
	b.made++
	b.tensors = append(b.tensors, shaped{append([]int64(nil), shape...), t})
	return t, nil
}

// feed returns the tensor of that shape over the buffer, or, where the graph
// keeps it, a copy.
func (b *buffer) feed(shape []int64, kept bool) (*C.TF_Tensor, error) {
	if kept {
		return b.copied(shape)
	}
	return b.tensor(shape)
}

// copied returns a new tensor of that shape that holds what the buffer holds.
func (b *buffer) copied(shape []int64) (*C.TF_Tensor, error) {
	size, err := b.fits(shape)
	if err != nil {
		return nil, err
	}
	b.drop()
	b.fresh = C.TF_AllocateTensor(cTypes[b.dtype], dims(shape), C.int(len(shape)), C.size_t(size))
	if b.fresh == nil {
		return nil, fmt.Errorf("%w: no %d bytes for a batch", ErrOOM, size)
	}
	if b.dtype == graph.String {
		to := unsafe.Slice((*C.TF_TString)(C.TF_TensorData(b.fresh)), size/C.sizeof_TF_TString)
		for i := range to {
			from := (*C.TF_TString)(unsafe.Add(b.data, i*C.sizeof_TF_TString))
			C.TF_StringInit(&to[i])
			C.TF_StringCopy(&to[i], C.TF_StringGetDataPointer(from), C.TF_StringGetSize(from))
		}
		return b.fresh, nil
	}
	if size > 0 {
		copy(unsafe.Slice((*byte)(C.TF_TensorData(b.fresh)), size), b.bytes[:size])
	}
	return b.fresh, nil
}

// newTensorBuffer is a buffer in the memory of one tensor of TensorFlow's own,
// which the graph may keep without a copy: whoever lets go of it last frees it.
func newTensorBuffer(d graph.DType, shape []int64) (*buffer, error) {
	size := int64(d.Size())
	for _, n := range shape {
		size *= n
	}
	b := &buffer{dtype: d, fresh: C.TF_AllocateTensor(cTypes[d], dims(shape), C.int(len(shape)), C.size_t(size))}
	if b.fresh != nil {
		b.data = C.TF_TensorData(b.fresh)
	}
	if b.data == nil && size > 0 {
		b.drop()
		return nil, fmt.Errorf("%w: no %d bytes for a data set", ErrOOM, size)
	}
	b.bytes = unsafe.Slice((*byte)(b.data), size)
	if d == graph.String {
		clear(b.bytes) // empty strings
	}
	return b, nil
}

// borrow makes the tensor of that shape over memory that stays where it is until
// the tensor is dropped. data may lie in Go's memory, pinned.
func borrow(d graph.DType, data []byte, shape []int64) (tensorPointer, error) {
	if d == graph.String {
		return nil, fmt.Errorf("%w: strings do not lie in memory as TensorFlow reads them", ErrStep)
	}
	if size := bytesOf(d, shape); size != len(data) {
		return nil, fmt.Errorf("%w: a batch of shape %v takes %d bytes, it has %d", ErrStep, shape, size, len(data))
	}
	t := C.epochtime_over(cTypes[d], dims(shape), C.int(len(shape)), unsafe.Pointer(unsafe.SliceData(data)), C.size_t(len(data)))
	if t == nil {
		return nil, errors.New("TensorFlow made no tensor over a batch")
	}
	return t, nil
}

func dropTensor(t tensorPointer) {
	if t != nil {
		C.TF_DeleteTensor(t)
	}
}

// examples is the first dimension of the tensor that the buffer lies in.
func (b *buffer) examples() int64 { return int64(C.TF_Dim(b.fresh, 0)) }

// bytesOf is the size of a tensor.
func bytesOf(d graph.DType, shape []int64) int {
	size := d.Size()
	for _, n := range shape {
		size *= int(n)
	}
	return size
}

// fits returns the bytes that a batch of that shape takes.
func (b *buffer) fits(shape []int64) (int, error) {
	size := bytesOf(b.dtype, shape)
	if size > len(b.bytes) {
		return 0, fmt.Errorf("%w: a batch of shape %v takes %d bytes, its buffer holds %d", ErrStep, shape, size, len(b.bytes))
	}
	return size, nil
}

func dims(shape []int64) *C.int64_t { return (*C.int64_t)(unsafe.SliceData(shape)) }

// equal is slices.Equal, which the compiler does not inline here.
func equal(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// drop lets go of all tensors over the buffer.
func (b *buffer) drop() {
	for _, s := range b.tensors {
		C.TF_DeleteTensor(s.tensor)
	}
	b.tensors = nil
	if b.fresh != nil {
		C.TF_DeleteTensor(b.fresh)
		b.fresh = nil
	}
}

// kept tells, once no tensor over the buffer is held here, whether something
// else still refers to its memory.
func (b *buffer) kept() bool { return int(C.epochtime_count(b.released)) < b.made }

// free gives the memory back, except where a graph has kept it: then it stays
// until the process ends.
func (b *buffer) free() {
	b.drop()
	if b.released != nil && !b.kept() {
		C.free(b.data)
		C.free(unsafe.Pointer(b.released))
	}
	b.data, b.bytes = nil, nil
}

// call is a signature that is ready to run.
type call struct {
	c       *C.epochtime_step
	tensors []*C.TF_Tensor // C memory: what each input is fed next
}

// newCall takes one output or two, each a scalar of float32 or int32.
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

func outputPointer(o tf.Output) C.TF_Output {
	return C.TF_Output{oper: operationPointer(o.Op), index: C.int(o.Index)}
}

// run makes the C call and returns the loss.
func (c *call) run() (float32, error) {
	if code := C.epochtime_run(c.c); code != C.TF_OK {
		return 0, c.failure(code)
	}
	return float32(c.c.value), nil
}

// count is the number that the last run returned.
func (c *call) count() int { return int(c.c.count) }

// tensorPointer is one input of a step, made.
type tensorPointer = *C.TF_Tensor

// repeat makes n C calls of a step in one, on sets of tensors in turn, which
// lie end to end.
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
