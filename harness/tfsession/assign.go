package tfsession

/*
#include <tensorflow/c/c_api.h>

// Feeds n tensors and runs n operations, in one call.
static int epochtime_assign(TF_Session *session, const TF_Output *inputs, TF_Tensor *const *values, int n, const TF_Operation *const *targets, TF_Status *status) {
	TF_SessionRun(session, NULL, inputs, values, n, NULL, NULL, 0, targets, n, NULL, status);
	return TF_GetCode(status);
}

static TF_Output epochtime_producer(TF_Operation *op) {
	TF_Input first = {op, 0};
	return TF_OperationInput(first);
}
*/
import "C"

import (
	"fmt"
	"unsafe"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// assignment is an operation that gives a variable the value which is fed.
type assignment struct {
	value  tf.Output
	assign *tf.Operation
}

// Assign gives variables other values, all in one call: where fill or TensorFlow
// fails, none is changed. fill writes the value of variable i, little-endian, to
// memory of its size. The first assignment to a variable adds operations to the
// session's graph; no step runs them. Errors are those of fill, ErrClosed, ErrGraph
// where the graph has no such variable, otherwise ErrOOM and ErrStep.
func (s *Session) Assign(variables []graph.Variable, fill func(i int, value []byte) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if len(variables) == 0 {
		return nil
	}
	if fill == nil {
		return fmt.Errorf("%w: nothing gives the variables their values", ErrStep)
	}
	inputs := make([]C.TF_Output, len(variables))
	targets := make([]*C.TF_Operation, len(variables))
	values := make([]*C.TF_Tensor, len(variables))
	defer func() {
		for _, t := range values {
			dropTensor(t) // a variable that took it keeps it
		}
	}()
	for i, v := range variables {
		a, err := s.assignment(v)
		if err != nil {
			return err
		}
		inputs[i], targets[i] = outputPointer(a.value), operationPointer(a.assign)
		if values[i], err = newValue(v); err != nil {
			return err
		}
		if v.Bytes == 0 {
			continue
		}
		if err := fill(i, unsafe.Slice((*byte)(C.TF_TensorData(values[i])), int(v.Bytes))); err != nil {
			return err
		}
	}
	status := C.TF_NewStatus()
	defer C.TF_DeleteStatus(status)
	if code := C.epochtime_assign(sessionPointer(s.model.Session), &inputs[0], &values[0], C.int(len(values)), &targets[0], status); code != C.TF_OK {
		kind := ErrStep
		if code == C.TF_RESOURCE_EXHAUSTED {
			kind = ErrOOM
		}
		return fmt.Errorf("%w: giving variables other values: %s", kind, C.GoString(C.TF_Message(status)))
	}
	return nil
}

func newValue(v graph.Variable) (*C.TF_Tensor, error) {
	shape := make([]int64, len(v.Shape))
	for i, n := range v.Shape {
		shape[i] = int64(n)
	}
	if int64(bytesOf(v.DType, shape)) != v.Bytes {
		return nil, fmt.Errorf("%w: the variable %s of shape %v does not take %d bytes", ErrGraph, v.Path, v.Shape, v.Bytes)
	}
	t := C.TF_AllocateTensor(cTypes[v.DType], dims(shape), C.int(len(shape)), C.size_t(v.Bytes))
	if t == nil {
		return nil, fmt.Errorf("%w: no %d bytes for the variable %s", ErrOOM, v.Bytes, v.Path)
	}
	return t, nil
}

// assignment returns the operation that assigns to a variable, and adds it to the
// graph the first time.
func (s *Session) assignment(v graph.Variable) (assignment, error) {
	s.partsMu.Lock()
	defer s.partsMu.Unlock()
	read, err := s.output(v.Tensor)
	if err != nil {
		return assignment{}, err
	}
	want, ok := cTypes[v.DType]
	if !ok || v.DType == graph.String || int(read.DataType()) != int(want) || read.Op.Type() != "ReadVariableOp" {
		return assignment{}, fmt.Errorf("%w: its tensor %q is not the variable %s of %s", ErrGraph, v.Tensor, v.Path, v.DType)
	}
	if a, ok := s.assignments[v.Tensor]; ok {
		return a, nil
	}
	producer := C.epochtime_producer(operationPointer(read.Op))
	handle := s.model.Graph.Operation(C.GoString(C.TF_OperationName(producer.oper)))
	name := fmt.Sprintf("epochtime_assign/%d", len(s.assignments))
	value, err := s.model.Graph.AddOperation(tf.OpSpec{
		Type: "Placeholder", Name: name + "/value", Attrs: map[string]any{"dtype": read.DataType()},
	})
	if err != nil {
		return assignment{}, fmt.Errorf("%w: %w", ErrGraph, err)
	}
	assign, err := s.model.Graph.AddOperation(tf.OpSpec{
		Type: "AssignVariableOp", Name: name, Input: []tf.Input{handle.Output(int(producer.index)), value.Output(0)},
		Attrs: map[string]any{"dtype": read.DataType()},
	})
	if err != nil {
		return assignment{}, fmt.Errorf("%w: %w", ErrGraph, err)
	}
	a := assignment{value.Output(0), assign}
	if s.assignments == nil {
		s.assignments = make(map[string]assignment)
	}
	s.assignments[v.Tensor] = a
	return a, nil
}
