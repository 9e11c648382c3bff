package scripted

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// Numbers of events for which the script gives none.
const (
	epochSeconds = 0.25
	startLoss    = 2.0
	samples      = 1000
)

func (w *worker) send(e protocol.Event) error { return w.events.Send(e) }

func (w *worker) hello(list string) error {
	h := greeting()
	h.Machine.GPUs = w.gpus
	words := strings.Fields(list)
	for i, word := range words {
		if i > 0 {
			h.Devices = append(h.Devices, record.Device{Name: "/device:" + word + ":0", Type: word})
			continue
		}
		n, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		h.Protocol = n
	}
	return w.send(protocol.Event{Event: protocol.EventHello, Hello: h})
}

func (w *worker) elsewhere(list string) error {
	h := greeting()
	h.TensorFlow, h.Machine.Hostname, _ = strings.Cut(list, " ")
	return w.send(protocol.Event{Event: protocol.EventHello, Hello: h})
}

// greeting is what a worker says of itself.
func greeting() *protocol.Hello {
	return &protocol.Hello{
		Protocol: protocol.Version, Epochtime: record.Program, TensorFlow: "2.21.0-scripted",
		Machine: record.Machine{
			Hostname: "lab", OS: "linux", Kernel: "6.1", Arch: "amd64", CPU: "Scripted CPU", Cores: 1024,
			CPUFeatures: []string{"avx2", "fma"}, Governor: "performance", MemoryBytes: 64 << 30,
		},
		Devices: []record.Device{{Name: "/device:CPU:0", Type: "CPU"}},
	}
}

// resolved is the job's configuration as a worker would complete it.
func (w *worker) resolved() record.Resolved {
	c := w.job.Config
	n := cmp.Or(c.Samples, samples)
	batch := min(n, cmp.Or(c.Batch, n))
	r := record.Resolved{Device: c.Device, Batch: batch, Samples: n, Steps: (n + batch - 1) / batch, IntraOp: cmp.Or(c.IntraOp, 8), InterOp: cmp.Or(c.InterOp, 8)}
	if !c.OfGraph() && c.Pipeline == record.PipelineMemory {
		r.Pipeline = c.Pipeline
	}
	if p := w.manifest().Pipeline; p != nil && len(c.Data) == 0 {
		r.Pipeline, r.Samples, r.Steps = cmp.Or(c.Pipeline, record.PipelineScript), p.Batches.Examples, p.Batches.Steps
	}
	return r
}

func (w *worker) loaded(string) error {
	return w.send(protocol.Event{Event: protocol.EventLoaded, Loaded: &protocol.Loaded{
		Data:     0.0625 * w.pace(),
		Seconds:  0.125 * w.pace(),
		Devices:  []record.Device{{Name: "/device:CPU:0", Type: "CPU"}},
		Resolved: w.resolved(),
		Warnings: w.warnings,
	}})
}

func (w *worker) warn(text string) error {
	w.warnings = append(w.warnings, text)
	return nil
}

// swift makes loading and first steps take so little that they can be true.
func (w *worker) swift(string) error {
	w.swiftly = true
	return nil
}

// pace is the share of their usual times that loading and first steps take.
func (w *worker) pace() float64 {
	if w.swiftly {
		return 1. / (1 << 14)
	}
	return 1
}

func (w *worker) firstStep(string) error {
	if w.job.Config.FirstStepsInside() {
		return nil
	}
	first := &protocol.FirstStep{Seconds: 0.5 * w.pace(), Compile: 0.75 * w.pace(), Kept: []string{"k"}, Borrowed: []string{"b"}}
	if w.job.Config.Resident() {
		first.Upload = 0.0625 * w.pace()
	}
	return w.send(protocol.Event{Event: protocol.EventFirstStep, FirstStep: first})
}

// epochs sends one epoch for each number of seconds. The first ones are the warm-up.
// With resident data each takes three quarters of the seconds.
func (w *worker) epochs(list string) error {
	numbers, err := floats(list)
	if err != nil || len(numbers) == 0 {
		return err
	}
	at, of := 0.0, w.resolved()
	for i, seconds := range numbers[1:] {
		e := record.Epoch{
			Index: i, Warmup: float64(i) < numbers[0], Start: at, Seconds: seconds,
			Wait: seconds / 4, Step: seconds / 2, Other: seconds / 4,
			Steps: of.Steps, Samples: of.Samples, Loss: record.Number(cmp.Or(w.loss, startLoss) / float64(i+1)),
		}
		e.Seconds, e.Callbacks = e.Seconds+w.callbacks, w.callbacks
		if w.job.Config.Resident() { // one call, without waiting
			e.Seconds, e.Wait, e.Step, e.Other = seconds-e.Wait, 0, seconds-e.Wait, 0
		}
		w.complete(&e)
		at += e.Seconds + e.Validation
		if err := w.send(protocol.Event{Event: protocol.EventEpoch, Epoch: &e}); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) rate(list string) (err error) {
	w.rates, err = floats(list)
	return err
}

func (w *worker) memory(list string) error {
	numbers, err := floats(list)
	if err != nil {
		return err
	}
	usage := &protocol.Usage{Memory: record.Memory{PeakRSS: 300 << 20}}
	if len(numbers) > 0 {
		usage.Disturbance.Steal = numbers[0]
	}
	return w.send(protocol.Event{Event: protocol.EventMemory, Memory: usage})
}

// train sends all events of a launch, once: a section for some jobs may come
// before the one for all.
func (w *worker) train(list string) error {
	if w.trained {
		return nil
	}
	w.trained = true
	if err := w.loaded(""); err != nil {
		return err
	}
	if err := w.firstStep(""); err != nil {
		return err
	}
	seconds := strings.Fields(list)
	if of := w.resolved(); len(w.rates) == 3 {
		took := w.rates[0] + w.rates[1]*float64(of.Steps) + w.rates[2]*float64(of.Samples)
		seconds = []string{strconv.FormatFloat(took, 'g', -1, 64)}
	}
	if len(seconds) == 0 {
		seconds = []string{strconv.FormatFloat(epochSeconds, 'g', -1, 64)}
	}
	c, took := w.job.Config, 0.0
	words := []string{strconv.Itoa(c.Warmup)}
	for i := 0; i < c.Warmup || !c.Enough(i-c.Warmup, took); i++ {
		words = append(words, seconds[i%len(seconds)])
		if i >= c.Warmup {
			s, err := strconv.ParseFloat(seconds[i%len(seconds)], 64)
			if err != nil {
				return err
			}
			took += s
		}
	}
	if err := w.epochs(strings.Join(words, " ")); err != nil {
		return err
	}
	if err := w.memory(""); err != nil || w.job.SaveWeights == "" {
		return err
	}
	const weights = "the trained weights"
	if err := os.WriteFile(w.job.SaveWeights, []byte(weights), 0o644); err != nil {
		return err
	}
	return w.send(protocol.Event{Event: protocol.EventWeights, Weights: &protocol.Saved{Path: w.job.SaveWeights, Bytes: int64(len(weights))}})
}

func (w *worker) parity(list string) error {
	factors, err := floats(list)
	if err != nil {
		return err
	}
	m := w.manifest()
	losses := m.Parity.Losses
	if m.Pipeline != nil && len(w.job.Config.Data) == 0 {
		losses = slices.Concat(losses, m.Pipeline.Losses)
	}
	if w.job.Config.LossAtEnd() {
		losses = append(slices.Clone(losses), mean(m.Parity.Losses))
	}
	out := &protocol.Losses{}
	for _, want := range losses {
		got := want
		if len(factors) > 0 {
			got *= factors[0]
		}
		out.Got, out.Want = append(out.Got, record.Number(got)), append(out.Want, record.Number(want))
	}
	device, _, _ := strings.Cut(strings.ToUpper(cmp.Or(w.job.Config.Device, "cpu")), ":")
	out.Placement = &trace.Placement{Devices: map[string]int{"CPU:0": 8, device + ":0": 40}, Host: w.onHost}
	return w.send(protocol.Event{Event: protocol.EventParity, Parity: out})
}

func mean(list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += v
	}
	return sum / float64(len(list))
}

func (w *worker) host(words string) error {
	op, node, ok := strings.Cut(words, " ")
	if !ok {
		return fmt.Errorf("host %s: it takes OP NODE", words)
	}
	w.onHost = append(w.onHost, trace.HostOp{Op: op, Node: node})
	return nil
}

func (w *worker) doctor(deviation string) error {
	numbers, err := floats(deviation)
	if err != nil {
		return err
	}
	h := &protocol.Health{MatMulSize: 512, MatMulSeconds: 0.002}
	if len(numbers) > 0 {
		h.MatMulError = numbers[0]
	}
	return w.send(protocol.Event{Event: protocol.EventDoctor, Doctor: h})
}

func (w *worker) fail(text string) error {
	code, message, _ := strings.Cut(text, " ")
	return w.send(protocol.Event{Event: protocol.EventError, Error: &protocol.Failure{Code: protocol.Code(code), Message: message}})
}

func floats(list string) ([]float64, error) {
	var out []float64
	for _, word := range strings.Fields(list) {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
