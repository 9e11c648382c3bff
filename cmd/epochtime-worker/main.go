// Command epochtime-worker runs one launch: it reads a job from stdin, trains a
// graph on the TensorFlow it is linked with, and writes events. People run
// epochtime, which starts it.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/graph"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/tfsession"
	_ "epochtime/internal/limits"
	"epochtime/internal/process"
)

func main() {
	out, err := takeStdout()
	if err != nil {
		fmt.Fprintln(os.Stderr, "epochtime-worker:", err)
		os.Exit(1)
	}
	process.CatchFileLimit()
	machine.SacrificeFirst() // rather than what else runs here
	w := &worker{events: protocol.NewWriter(out), abort: abort}
	if err := w.work(os.Stdin); err != nil {
		w.fail(err)
		os.Exit(1)
	}
}

// worker is one launch.
type worker struct {
	events *protocol.Writer
	job    protocol.Job
	ctx    context.Context // canceled when the parent asks the worker to stop, or is gone
	abort  func()          // ends the process, whatever it does
	lap    stopwatch

	from    string    // the graph's folder on the parent's machine; empty: it was not moved
	arrived []arrival // of a job from elsewhere, the files that it reads
}

// stopwatch tells times that follow each other without a gap.
type stopwatch struct{ mark time.Time }

// next returns the seconds since it was called last.
func (s *stopwatch) next() float64 {
	now := time.Now()
	took := now.Sub(s.mark).Seconds()
	s.mark = now
	return took
}

func (w *worker) work(stdin io.Reader) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v\n%s", p, debug.Stack())
		}
	}()
	in := bufio.NewReader(stdin)
	if w.job, err = protocol.ReadJob(in); err != nil {
		return protocol.Fail(protocol.CodeJob, err, "epochtime-worker is started by epochtime: see 'epochtime run --help'")
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	w.ctx = ctx
	elsewhere := w.elsewhere()
	if !elsewhere {
		go w.heed(in, cancel)
	}
	if err := w.checkEnvironment(); err != nil {
		return err
	}
	if err := w.hello(elsewhere); err != nil {
		return err
	}
	if elsewhere {
		go w.sayAlive(ctx)
	}
	if elsewhere && w.job.Kind.ReadsFiles() {
		if err := w.fetch(in); err != nil {
			return err
		}
	}
	if elsewhere { // files come the same way as requests
		go w.heed(in, cancel)
	}
	switch w.job.Kind {
	case protocol.Train:
		err = w.train()
	case protocol.Parity:
		err = w.parity()
	case protocol.Trace:
		err = w.trace()
	case protocol.Doctor:
		err = w.doctor()
	case protocol.Examples:
		err = w.examples()
	case protocol.Monitor:
		err = w.monitor()
	case protocol.Probe:
		err = w.probe()
	case protocol.Devices:
	default:
		err = protocol.Fail(protocol.CodeJob, fmt.Errorf("this worker has no job of kind %q", w.job.Kind), "")
	}
	if err != nil {
		return err
	}
	return w.events.Send(protocol.Event{Event: protocol.EventDone})
}

// checkEnvironment finds what a remote shell dropped on the way.
func (w *worker) checkEnvironment() error {
	for name, want := range w.job.Env {
		if got, ok := os.LookupEnv(name); !ok || got != want {
			return protocol.Fail(protocol.CodeEnv, fmt.Errorf("the worker's environment has %s=%q, not %q", name, got, want),
				"a remote shell may drop variables: set it there, as in --worker 'ssh host env "+name+"="+want+" epochtime-worker'")
		}
	}
	return nil
}

func (w *worker) hello(elsewhere bool) error {
	build := tfsession.Build()
	h := &protocol.Hello{
		Protocol:   protocol.Version,
		Epochtime:  record.Program,
		TensorFlow: tfsession.Version(),
		Build:      &build,
		Machine:    machine.Fingerprint(),
		Elsewhere:  elsewhere,
	}
	h.Machine.GPUs = accelerators()
	if w.namesDevices() {
		devices, err := tfsession.Devices()
		if err != nil {
			return protocol.Fail(protocol.CodeDevice, err, "")
		}
		h.Devices = deviceRecords(devices)
	}
	err := w.events.Send(protocol.Event{Event: protocol.EventHello, Hello: h})
	w.lap.next()
	return err
}

// namesDevices reports whether the job asks for all devices that TensorFlow sees. It
// takes memory of a device to name it, and one process must not number its GPUs in
// two ways, as it would where gpu:1 is trained on.
func (w *worker) namesDevices() bool {
	switch w.job.Kind {
	case protocol.Devices, protocol.Doctor:
		return true
	case protocol.Parity:
		return !w.job.Config.OnGPU()
	}
	return false
}

// fail writes the worker's last word and repeats it on stderr for someone who
// runs the worker by hand.
func (w *worker) fail(err error) {
	var f *protocol.Failure
	if !errors.As(err, &f) {
		f = &protocol.Failure{Code: codeOf(err), Message: err.Error(), Hint: hint(err)}
	}
	fmt.Fprintln(os.Stderr, "epochtime-worker:", f)
	_ = w.events.Send(protocol.Event{Event: protocol.EventError, Error: f}) // stdout is gone: stderr has it
}

// codeOf classifies the errors of every part of a launch.
func codeOf(err error) protocol.Code {
	for _, c := range []struct {
		is   error
		code protocol.Code
	}{
		{context.Canceled, protocol.CodeInterrupted},
		{dataset.ErrChanged, protocol.CodeChanged},
		{epoch.ErrNonfinite, protocol.CodeNonfinite},
		{tfsession.ErrOOM, protocol.CodeOOM},
		{tfsession.ErrDevice, protocol.CodeDevice},
		{tfsession.ErrGraph, protocol.CodeGraph},
		{tfsession.ErrPipeline, protocol.CodeData},
		{tfsession.ErrStep, protocol.CodeStep},
		{epoch.ErrEmpty, protocol.CodeData},
		{graph.ErrData, protocol.CodeData},
		{graph.ErrNoPipeline, protocol.CodeJob},
		{graph.ErrDamaged, protocol.CodeGraph},
		{graph.ErrFormat, protocol.CodeGraph},
		{graph.ErrNoManifest, protocol.CodeGraph},
		{graph.ErrNoWeights, protocol.CodeGraph},
		{graph.ErrStored, protocol.CodeJob},
		{tfsession.ErrOptions, protocol.CodeJob},
		{graph.ErrBatch, protocol.CodeData},
		{graph.ErrResident, protocol.CodeData},
		{dataset.ErrUnfit, protocol.CodeData},
		{dataset.ErrUnreadable, protocol.CodeData},
	} {
		if errors.Is(err, c.is) {
			return c.code
		}
	}
	return protocol.CodeInternal
}

func deviceRecords(devices []tfsession.Device) []record.Device {
	out := make([]record.Device, len(devices))
	for i, d := range devices {
		out[i] = record.Device{Name: d.Name, Type: d.Type, MemoryBytes: d.MemoryBytes}
	}
	return out
}
