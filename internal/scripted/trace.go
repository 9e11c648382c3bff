package scripted

import (
	"strconv"

	"epochtime/harness/protocol"
	"epochtime/harness/trace"
)

// step is the trace of a step.
var step = []trace.Span{
	{Device: "CPU:0", Op: "MatMul", Node: "model/dense/MatMul", Start: 0, Duration: 6_000_000, Bytes: 4096},
	{Device: "CPU:0", Op: "Relu", Node: "model/dense/Relu", Start: 6_000_000, Duration: 1_000_000, Bytes: 4096},
	{Device: "CPU:0", Op: "MatMul", Node: "gradients/MatMul", Start: 7_000_000, Duration: 3_000_000, Bytes: 2048},
}

// stretch makes each operation of a traced step, and its start, so many times as long.
func (w *worker) stretch(factor string) (err error) {
	w.stretched, err = strconv.ParseInt(factor, 10, 64)
	return err
}

// trace sends one part per operation, and only count of them if it is given.
func (w *worker) trace(count string) error {
	n := len(step)
	if count != "" {
		var err error
		if n, err = strconv.Atoi(count); err != nil {
			return err
		}
	}
	for i, s := range step[:n] {
		s.Start, s.Duration = s.Start*max(1, w.stretched), s.Duration*max(1, w.stretched)
		part := &protocol.TracePart{Part: i, Parts: len(step), Spans: []trace.Span{s}}
		if err := w.send(protocol.Event{Event: protocol.EventTrace, Trace: part}); err != nil {
			return err
		}
	}
	return nil
}
