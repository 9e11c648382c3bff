package tfsession

/*
#include <string.h>
#include <tensorflow/c/c_api.h>
#include <tensorflow/c/tf_tstring.h>

// A tensor of that shape with the elements of from, over and over; zeros where it has
// none. NULL for elements that cannot be copied, or where there is no memory.
static TF_Tensor *epochtime_filled(TF_Tensor *from, const int64_t *dims, int n) {
	TF_DataType type = TF_TensorType(from);
	size_t size = type == TF_STRING ? sizeof(TF_TString) : TF_DataTypeSize(type);
	if (size == 0) return NULL;
	size_t have = TF_TensorElementCount(from), want = 1;
	for (int i = 0; i < n; i++) want *= dims[i];
	TF_Tensor *to = TF_AllocateTensor(type, dims, n, want * size);
	if (!to) return NULL;
	char *src = TF_TensorData(from), *dst = TF_TensorData(to);
	if (have == 0 && want > 0) memset(dst, 0, want * size); // zeros are empty strings too
	for (size_t i = 0; have > 0 && i < want; i++) {
		if (type != TF_STRING) {
			memcpy(dst + i * size, src + i % have * size, size);
			continue;
		}
		const TF_TString *text = (TF_TString *)src + i % have;
		TF_StringInit((TF_TString *)dst + i);
		TF_StringCopy((TF_TString *)dst + i, TF_StringGetDataPointer(text), TF_StringGetSize(text));
	}
	return to;
}
*/
import "C"

import (
	"fmt"

	"epochtime/harness/graph"
)

// Fill makes the current batch one of these shapes, by component, with the elements of
// the batch that was drawn, over and over. Errors are ErrPipeline and ErrClosed.
func (p *Pipeline) Fill(shapes map[string][]int64) error {
	if p == nil {
		return ErrClosed
	}
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	from := p.next.made
	if p.held != nil {
		from = p.held[0]
	}
	filled := make([]tensorPointer, len(p.components))
	for i, name := range p.components {
		shape := shapes[name]
		if bytesOf(graph.String, shape) < 0 || from[i] == nil { // strings are the largest elements
			dropAll(filled)
			return fmt.Errorf("%w: no batch of the shape %v can be made of %q", ErrPipeline, shape, name)
		}
		if filled[i] = C.epochtime_filled(from[i], dims(shape), C.int(len(shape))); filled[i] == nil {
			dropAll(filled)
			return fmt.Errorf("%w: no batch of the shape %v can be made of %q", ErrPipeline, shape, name)
		}
	}
	dropAll(p.filled)
	p.current, p.filled = filled, filled
	if err := p.check(); err != nil {
		return err
	}
	p.seen[shapesOf(filled)] = true
	return nil
}

// sizeOf is the bytes of a tensor.
func sizeOf(t tensorPointer) int {
	if t == nil {
		return 0
	}
	return int(C.TF_TensorByteSize(t))
}
