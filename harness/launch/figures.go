package launch

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// rounding is how far sums of seconds may be off.
const rounding = 1e-6

// figure is a number that a worker says, under its name in the record.
type figure struct {
	name  string
	value float64
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// possible returns ErrProtocol for the first figure that is negative or not finite.
func possible(of string, list ...figure) error {
	for _, f := range list {
		if !finite(f.value) || f.value < 0 {
			return broken("%s of %s is %g", f.name, of, f.value)
		}
	}
	return nil
}

// within returns ErrProtocol if seconds of the worker's are more than passed since
// it was started.
func (w *word) within(of string, seconds float64) error {
	if wall := w.began(); seconds > wall+rounding*math.Max(1, seconds) {
		return broken("%s took %g s, and the process has run for %g s", of, seconds, wall)
	}
	return nil
}

// hello checks the worker's version and machine.
func hello(h *protocol.Hello) error {
	if h.Protocol != protocol.Version {
		return fmt.Errorf("the worker speaks protocol %d and this epochtime %d: use programs of one build", h.Protocol, protocol.Version)
	}
	return possible("its machine", figure{"cores", float64(h.Machine.Cores)}, figure{"cpu_limit", h.Machine.CPULimit})
}

// loaded checks what was loaded, and that it is what the job asked for.
func (w *word) loaded(l *protocol.Loaded) error {
	if err := possible("the loading", figure{"data_s", l.Data}, figure{"load_s", l.Seconds}); err != nil {
		return err
	}
	r, c := l.Resolved, w.job.Config
	err := possible("the data", figure{"samples", float64(r.Samples)}, figure{"batch", float64(r.Batch)}, figure{"steps", float64(r.Steps)}, figure{"prefetch", float64(r.Prefetch)})
	own := w.job.Kind == protocol.Parity // it has examples and batches of its own
	if err == nil {
		err = w.pipeline(r)
	}
	if r.Pipeline != "" && r.Samples == 0 && r.Steps == 0 { // its passes may differ
		own = true
	}
	switch {
	case err != nil:
		return err
	case !own && (r.Samples < 1 || r.Batch < 1 || r.Steps < 1):
		return broken("it does not say how many examples, batches and steps there are")
	case c.Device != "" && r.Device != c.Device:
		return broken("it runs on %q where %q was asked for", r.Device, c.Device)
	case c.IntraOp > 0 && r.IntraOp != c.IntraOp, c.InterOp > 0 && r.InterOp != c.InterOp:
		return broken("it has %d intra-op and %d inter-op threads where %d and %d were asked for", r.IntraOp, r.InterOp, c.IntraOp, c.InterOp)
	case !own && r.Pipeline == "" && c.Samples > 0 && r.Samples != c.Samples:
		return broken("its data has %d examples where %d were asked for", r.Samples, c.Samples)
	case !own && r.Pipeline == "" && c.Batch > 0 && r.Batch != min(c.Batch, r.Samples):
		return broken("its batches are %d of %d examples where batches of %d were asked for", r.Batch, r.Samples, c.Batch)
	case r.Pipeline == "" && r.Samples > 0 && r.Batch > 0 && r.Steps != (r.Samples+r.Batch-1)/r.Batch:
		return broken("it announced %d batches for %d examples in batches of %d", r.Steps, r.Samples, r.Batch)
	}
	return w.within("loading", l.Data+l.Seconds)
}

// pipeline checks where batches come from. Only a pipeline may leave open how many
// there are.
func (w *word) pipeline(r record.Resolved) error {
	c := w.job.Config
	switch {
	case r.Pipeline != "" && r.Pipeline != record.PipelineScript && r.Pipeline != record.PipelineMemory:
		return broken("its batches come from the pipeline %q", r.Pipeline)
	case (c.Pipeline == record.PipelineMemory) != (r.Pipeline == record.PipelineMemory) && w.job.Kind == protocol.Train:
		return broken("its batches come from the pipeline %q where %q was asked for", r.Pipeline, c.Pipeline)
	case r.Pipeline != "" && (len(c.Data) > 0 || c.Resident()):
		return broken("its batches come from a pipeline where they were to be made of data")
	case (r.Samples == 0) != (r.Steps == 0):
		return broken("it announced %d batches of %d examples", r.Steps, r.Samples)
	}
	return nil
}

// validation checks what followed the training of an epoch.
func (w *word) validation(e *record.Epoch) error {
	steps, samples := e.ValidationSteps, e.ValidationSamples
	switch {
	case !finite(e.Validation) || e.Validation < 0:
		return broken("validation_s of epoch %d is %g", e.Index, e.Validation)
	case steps < 0 || samples < steps || (steps > 0) != (e.Validation > 0):
		return broken("validation of epoch %d took %g s for %d examples in %d steps", e.Index, e.Validation, samples, steps)
	case steps > 0 && w.job.Config.Validation == record.PartNone:
		return broken("validation followed epoch %d, and none was asked for", e.Index)
	}
	for name := range e.Metrics { // a value may be infinite, or no number
		if name == "" || strings.HasPrefix(name, "val_") && steps == 0 {
			return broken("epoch %d has the metric %q, and %d steps of validation", e.Index, name, steps)
		}
	}
	return nil
}

// firstStep checks the times of the first steps. Only resident data is uploaded, and a
// launch whose first epoch has them has no steps before it.
func (w *word) firstStep(f *protocol.FirstStep) error {
	if w.job.Config.FirstStepsInside() {
		return broken("it ran first steps, and this launch has them in its first epoch")
	}
	if err := possible("the first steps", figure{"first_step_s", f.Seconds}, figure{"compile_s", f.Compile}, figure{"upload_s", f.Upload}, figure{"all_s", f.All}, figure{"reset_s", f.Reset}); err != nil {
		return err
	}
	if f.Upload > 0 && !w.job.Config.Resident() {
		return broken("it uploaded data that is fed in batches")
	}
	return w.within("the first steps", math.Max(math.Max(f.Seconds, f.Compile), f.All+f.Reset))
}

// times checks that an epoch's times can be: finite and not negative, within the
// epoch, after the one before and its validation, and within what the parent saw pass.
func (w *word) times(e *record.Epoch) error {
	for _, f := range []figure{
		{"start_s", e.Start}, {"seconds", e.Seconds}, {"wait_s", e.Wait}, {"step_s", e.Step}, {"callbacks_s", e.Callbacks}, {"other_s", e.Other}, {"preprocess_s", e.Preprocess},
	} {
		if !finite(f.value) || f.value < 0 {
			return broken("%s of epoch %d is %g", f.name, e.Index, f.value)
		}
	}
	if e.Seconds == 0 {
		return broken("epoch %d took no time", e.Index)
	}
	if c := w.job.Config; e.Callbacks > 0 && !c.Fits() {
		return broken("epoch %d has callbacks, which only Keras's fit calls", e.Index)
	}
	end := e.Start + e.Seconds + e.Validation
	slack := rounding * math.Max(1, end)
	switch parts, wall := e.Wait+e.Step+e.Callbacks+e.Other, w.began(); {
	case math.Abs(parts-e.Seconds) > slack:
		return broken("the parts of epoch %d are %g s, and the epoch %g s", e.Index, parts, e.Seconds)
	case e.Start < w.end-slack:
		return broken("epoch %d begins at %g s, before the end of the one before at %g s", e.Index, e.Start, w.end)
	case end > wall+slack:
		return broken("epoch %d ends at %g s, and the process has run for %g s", e.Index, end, wall)
	}
	w.end = end
	return nil
}

// usage checks what disturbed the epochs, and memory: the system's counters lag, but
// not by an eighth.
func (w *word) usage(u *protocol.Usage) error {
	if peak := u.Memory.PeakRSS; peak > 0 && w.resident > peak+peak/8 {
		return broken("it took %d bytes of memory after an epoch, and %d at most", w.resident, peak)
	}
	return possible("the launch", figure{"around_s", u.Around}, figure{"steal_s", u.Disturbance.Steal}, figure{"involuntary_switches", float64(u.Disturbance.InvoluntarySwitches)})
}

// saved checks that a file is the one that was asked for.
func saved(what string, s *protocol.Saved, asked string) error {
	if s.Path != asked || s.Path == "" {
		return broken("it saved %s in %q where %q was asked for", what, s.Path, asked)
	}
	return possible("the "+what, figure{"bytes", float64(s.Bytes)}, figure{"seconds", s.Seconds})
}

// losses checks the losses of a comparison with Keras, which need not be finite.
func losses(l *protocol.Losses) error {
	if len(l.Got) == 0 || len(l.Got) != len(l.Want) {
		return broken("it sent %d losses beside %d of Keras", len(l.Got), len(l.Want))
	}
	return placement(l.Placement)
}

// placement checks where a traced step ran: somewhere, and on the host no more than that.
func placement(p *trace.Placement) error {
	if p == nil {
		return nil
	}
	hosts := 0
	for name, n := range p.Devices {
		if name == "" || n < 1 {
			return broken("%d operations ran on the device %q", n, name)
		}
		if strings.HasPrefix(name, "CPU:") {
			hosts += n
		}
	}
	if len(p.Devices) == 0 || p.More < 0 || len(p.Host) > trace.MostHost || len(p.Host)+p.More > hosts {
		return broken("it names %d operations of a host and %d more, of %d on %d devices", len(p.Host), p.More, hosts, len(p.Devices))
	}
	if slices.ContainsFunc(p.Host, func(h trace.HostOp) bool { return h.Op == "" || h.Node == "" }) {
		return broken("an operation of a host has no name")
	}
	return nil
}

// health checks the doctor's matrix product.
func health(h *protocol.Health) error {
	return possible("the product", figure{"matmul_size", float64(h.MatMulSize)}, figure{"matmul_seconds", h.MatMulSeconds}, figure{"matmul_error", h.MatMulError})
}

// stages checks the times of a pipeline.
func stages(p *protocol.Pipeline) error {
	for _, s := range p.Stages {
		if err := possible("a stage of the pipeline", figure{"seconds_per_epoch", s.Seconds}, figure{"line", float64(s.Line)}); err != nil {
			return err
		}
	}
	return nil
}

// reading checks a reading of the accelerators.
func reading(r *protocol.Reading) error {
	for _, g := range r.GPUs {
		if err := possible("a GPU", figure{"clock_mhz", g.Clock}, figure{"memory_clock_mhz", g.MemoryClock}, figure{"power_w", g.Power}); err != nil {
			return err
		}
		if !finite(g.Temperature) {
			return broken("temperature_c of a GPU is %g", g.Temperature)
		}
	}
	for _, m := range r.Energy {
		if err := possible("a GPU", figure{"joules", m.Joules}); err != nil {
			return err
		}
	}
	return nil
}

// spans checks the times of a part of a trace.
func spans(p *protocol.TracePart) error {
	for _, s := range p.Spans {
		if err := possible("a traced operation", figure{"start_ns", float64(s.Start)}, figure{"duration_ns", float64(s.Duration)}, figure{"output_bytes", float64(s.Bytes)}); err != nil {
			return err
		}
	}
	return nil
}
