package tfsession

/*
#cgo nocallback epochtime_pass
#cgo noescape epochtime_pass
#include <tensorflow/c/c_api.h>

// Draws batches of m tensors and trains on them until a pass ends, and returns its
// TF_Code. to says which of the step's n inputs each tensor is.
static int epochtime_pass(TF_Session *session, TF_Buffer *options, const TF_Output *next, int m, const TF_Output *inputs, int n,
		const int *to, TF_Output loss, TF_Status *status, int *steps) {
	TF_Tensor *made[64], *fed[64], *out;
	for (*steps = 0;; ++*steps) {
		TF_SessionRun(session, options, NULL, NULL, 0, next, made, m, NULL, 0, NULL, status);
		if (TF_GetCode(status) != TF_OK) return TF_GetCode(status);
		for (int i = 0; i < m; i++) fed[to[i]] = made[i];
		TF_SessionRun(session, options, inputs, fed, n, &loss, &out, 1, NULL, 0, NULL, status);
		for (int i = 0; i < m; i++) TF_DeleteTensor(made[i]);
		if (TF_GetCode(status) != TF_OK) return TF_GetCode(status);
		TF_DeleteTensor(out);
	}
}
*/
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

// Bare trains on one pass of the pipeline in one C call, which does nothing but draw
// and train, and returns its steps. No loop could be faster, so an epoch is measured
// against it. Errors are those of Step.Run and Pipeline.Next.
func (p *Pipeline) Bare(s *Step) (steps int, err error) {
	if p == nil || s == nil {
		return 0, ErrClosed
	}
	if err := p.Rewind(); err != nil {
		return 0, err
	}
	if err := p.enter(); err != nil {
		return 0, err
	}
	defer p.leave()
	switch {
	case !s.open:
		return 0, ErrClosed
	case s.taken != p || p.held != nil || len(s.takes) != len(s.call.tensors) || len(s.takes) > 64:
		return 0, fmt.Errorf("%w: a bare loop draws at most 64 tensors, all of a step's", ErrStep)
	}
	to := make([]C.int, len(s.takes))
	for i, input := range s.takes {
		to[i] = C.int(input)
	}
	var n C.int
	next, step := p.next.c, s.call.c
	code := C.epochtime_pass(next.session, next.options, next.outputs, next.m, step.inputs, step.n, unsafe.SliceData(to), step.outputs[0], next.status, &n)
	runtime.KeepAlive(p.next.session)
	if code != C.TF_OUT_OF_RANGE {
		return int(n), p.next.failure(code, ErrStep)
	}
	return int(n), nil
}
