package main

import (
	"bytes"
	"fmt"

	"epochtime/harness/dataset/numpy"
	"epochtime/harness/protocol"
	"epochtime/internal/atomicfile"
)

// examples writes the raw examples that the job trains on, for a worker of another
// runtime.
func (w *worker) examples() error {
	m, err := w.graph()
	if err != nil {
		return err
	}
	set, err := w.readData(m)
	if err != nil {
		return err
	}
	if err := set.FitContext(w.ctx, m); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := numpy.Write(&out, set); err != nil {
		return err
	}
	if err := atomicfile.WriteFile(w.job.Examples, out.Bytes()); err != nil {
		return protocol.Fail(protocol.CodeJob, fmt.Errorf("the examples cannot be written to %s: %w", w.job.Examples, err), "set TMPDIR to another folder")
	}
	return w.events.Send(protocol.Event{Event: protocol.EventExamples, Examples: &protocol.Saved{
		Path: w.job.Examples, Bytes: int64(out.Len()), Warnings: set.Warnings(),
	}})
}
