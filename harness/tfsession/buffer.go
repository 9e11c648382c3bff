package tfsession

/*
#include <stdlib.h>
#include <string.h>
#include <tensorflow/c/c_api.h>
#include <tensorflow/c/tf_tstring.h>

// Called when nothing refers to a tensor over a buffer any more, from any thread.
static void epochtime_released(void *data, size_t length, void *count) {
	__atomic_add_fetch((int *)count, 1, __ATOMIC_SEQ_CST);
}

static int epochtime_count(int *count) { return __atomic_load_n(count, __ATOMIC_SEQ_CST); }

static TF_Tensor *epochtime_tensor(TF_DataType type, const int64_t *dims, int n, void *data, size_t length, int *released) {
	return TF_NewTensor(type, dims, n, data, length, epochtime_released, released);
}

static void epochtime_nothing(void *data, size_t length, void *arg) {}

// A tensor over memory of another owner, who keeps it until the tensor is deleted.
static TF_Tensor *epochtime_over(TF_DataType type, const int64_t *dims, int n, void *data, size_t length) {
	return TF_NewTensor(type, dims, n, data, length, epochtime_nothing, NULL);
}
*/
import "C"

import (
	"fmt"
	"math"
	"unsafe"

	"epochtime/harness/graph"
)

// alignment lets TensorFlow use a buffer in place (EIGEN_MAX_ALIGN_BYTES).
const alignment = 64

// buffer is memory outside Go that a step is fed from, with one TensorFlow
// tensor over it for every shape it was used with.
type buffer struct {
	data     unsafe.Pointer
	bytes    []byte
	dtype    graph.DType
	tensors  []shaped
	made     int    // tensors over data, ever
	released *C.int // of them, those that nothing refers to any more; nil where data is fresh's

	// A tensor of TensorFlow's own: the memory of the buffer, or the copy for one step
	// where the graph keeps this input.
	fresh *C.TF_Tensor
}

type shaped struct {
	shape  []int64
	tensor *C.TF_Tensor
}

func newBuffer(d graph.DType, size int) (*buffer, error) {
	if size < 0 {
		return nil, fmt.Errorf("%w: a buffer of %d bytes", ErrStep, size)
	}
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
		return nil, errNoTensor
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
// which the graph may keep without a copy: its last owner frees it.
func newTensorBuffer(d graph.DType, shape []int64) (*buffer, error) {
	size := bytesOf(d, shape)
	if size < 0 || len(shape) == 0 {
		return nil, fmt.Errorf("%w: data of shape %v", ErrStep, shape)
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

// tensorOver makes a tensor over data, which stays where it is until the tensor
// is dropped. data may be Go's memory, pinned.
func tensorOver(d graph.DType, data []byte, shape []int64) tensorPointer {
	return C.epochtime_over(cTypes[d], dims(shape), C.int(len(shape)), unsafe.Pointer(unsafe.SliceData(data)), C.size_t(len(data)))
}

func dropTensor(t tensorPointer) {
	if t != nil {
		C.TF_DeleteTensor(t)
	}
}

// dropAll deletes tensors, and leaves nil in their places.
func dropAll(tensors []tensorPointer) {
	for i, t := range tensors {
		dropTensor(t)
		tensors[i] = nil
	}
}

// examples is the first dimension of the tensor whose memory the buffer is.
func (b *buffer) examples() int64 { return int64(C.TF_Dim(b.fresh, 0)) }

// bytesOf is the size of a tensor; -1 where the shape is none.
func bytesOf(d graph.DType, shape []int64) int {
	size := int64(d.Size())
	for _, n := range shape {
		if n < 0 || n > 0 && size > math.MaxInt64/n {
			return -1
		}
		size *= n
	}
	return int(size)
}

// fits returns the bytes that a batch of that shape takes.
func (b *buffer) fits(shape []int64) (int, error) {
	size := bytesOf(b.dtype, shape)
	if size < 0 || size > len(b.bytes) {
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

// drop deletes all tensors over the buffer.
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

// kept reports, once the tensors over the buffer are dropped, whether a graph still
// refers to its memory.
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
