package tfsession

/*
#include <tensorflow/c/c_api.h>

// Runs no more of the graph than a variable's read operation.
static TF_Tensor *epochtime_read(TF_Session *session, TF_Output from, TF_Status *status) {
	TF_Tensor *value = NULL;
	TF_SessionRun(session, NULL, NULL, NULL, 0, &from, &value, 1, NULL, 0, NULL, status);
	return value;
}
*/
import "C"

import (
	"bytes"
	"fmt"
	"unsafe"

	"epochtime/harness/graph"
)

// Variable returns the present value of a variable, little-endian. Errors are
// ErrClosed, ErrGraph where the graph has no such tensor or it is of another
// type, otherwise ErrOOM and ErrStep.
func (s *Session) Variable(v graph.Variable) ([]byte, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	from, err := s.output(v.Tensor)
	if err != nil {
		return nil, err
	}
	want, ok := cTypes[v.DType]
	if !ok || v.DType == graph.String || int(from.DataType()) != int(want) {
		return nil, fmt.Errorf("%w: its tensor %q is not the variable %s of %s", ErrGraph, v.Tensor, v.Path, v.DType)
	}
	status := C.TF_NewStatus()
	defer C.TF_DeleteStatus(status)
	value := C.epochtime_read(sessionPointer(s.model.Session), outputPointer(from), status)
	if code := C.TF_GetCode(status); code != C.TF_OK {
		kind := ErrStep
		if code == C.TF_RESOURCE_EXHAUSTED {
			kind = ErrOOM
		}
		return nil, fmt.Errorf("%w: reading the variable %s: %s", kind, v.Path, C.GoString(C.TF_Message(status)))
	}
	defer C.TF_DeleteTensor(value)
	return bytes.Clone(unsafe.Slice((*byte)(C.TF_TensorData(value)), int(C.TF_TensorByteSize(value)))), nil
}
