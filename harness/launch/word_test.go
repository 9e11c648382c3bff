package launch

import (
	"encoding/json"
	"errors"
	"math"
	"os/exec"
	"strings"
	"testing"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// told gives a check the events that a JSON line each stands for, and returns the
// first error.
func told(job protocol.Job, wall float64, events ...protocol.Event) error {
	w := &word{job: job, said: map[string]bool{}, began: func() float64 { return wall }}
	for _, e := range events {
		if err := w.check(e); err != nil {
			return err
		}
	}
	return nil
}

var (
	helloEvent  = protocol.Event{Event: protocol.EventHello, Hello: &protocol.Hello{Protocol: protocol.Version}}
	firstEvent  = protocol.Event{Event: protocol.EventFirstStep, FirstStep: &protocol.FirstStep{}}
	memoryEvent = protocol.Event{Event: protocol.EventMemory, Memory: &protocol.Usage{}}
	savedEvent  = protocol.Event{Event: protocol.EventWeights, Weights: &protocol.Saved{Path: "mlp.weights.h5", Bytes: 10}}
	doneEvent   = protocol.Event{Event: protocol.EventDone}
	errorEvent  = protocol.Event{Event: protocol.EventError, Error: &protocol.Failure{}}
	parityEvent = protocol.Event{Event: protocol.EventParity, Parity: &protocol.Losses{Got: []record.Number{1}, Want: []record.Number{1}}}
	doctorEvent = protocol.Event{Event: protocol.EventDoctor, Doctor: &protocol.Health{MatMulSize: 2, MatMulSeconds: 1}}
	traceEvent  = protocol.Event{Event: protocol.EventTrace, Trace: &protocol.TracePart{Parts: 1, Spans: []trace.Span{{Duration: 5}}}}
	loadedEvent = protocol.Event{Event: protocol.EventLoaded, Loaded: &protocol.Loaded{Resolved: record.Resolved{Batch: 32, Samples: 100, Steps: 4}}}
)

// loadedFrom is an announcement of batches of 32 from a pipeline.
func loadedFrom(pipeline string, steps, samples int) protocol.Event {
	return protocol.Event{Event: protocol.EventLoaded, Loaded: &protocol.Loaded{Resolved: record.Resolved{Batch: 32, Samples: samples, Steps: steps, Pipeline: pipeline}}}
}

// epochEvent is epoch i of a good launch with one epoch of warm-up, a second each.
func epochEvent(i int, changes ...func(*record.Epoch)) protocol.Event {
	e := &record.Epoch{Index: i, Warmup: i == 0, Start: float64(i), Seconds: 1, Wait: 0.25, Step: 0.5, Other: 0.25, Steps: 4, Samples: 100}
	for _, change := range changes {
		change(e)
	}
	return protocol.Event{Event: protocol.EventEpoch, Epoch: e}
}

func TestWord(t *testing.T) {
	trains := protocol.Job{Kind: protocol.Train, Config: record.Config{Warmup: 1, Epochs: 2}}
	resident := trains
	resident.Config.Feed = record.FeedResident
	uploadEvent := protocol.Event{Event: protocol.EventFirstStep, FirstStep: &protocol.FirstStep{Upload: 1}}
	saves := trains
	saves.SaveWeights = "mlp.weights.h5"
	ready := []protocol.Event{helloEvent, loadedEvent, firstEvent}
	all := append(ready[:3:3], epochEvent(0), epochEvent(1), epochEvent(2), memoryEvent)
	with := func(i int, change func(*record.Epoch)) []protocol.Event {
		out := append([]protocol.Event(nil), all...)
		out[3+i] = epochEvent(i, change)
		return append(out, doneEvent)
	}
	list := func(e ...protocol.Event) []protocol.Event { return e }
	cold, untested, given := trains, trains, trains
	cold.Config.Cold, untested.Config.Validation, given.Config.Data = true, record.PartNone, []string{"a.npz"}
	validated := func(e *record.Epoch) {
		e.Validation, e.ValidationSteps, e.ValidationSamples = 0.5, 2, 20
		e.Metrics = map[string]record.Number{"val_loss": record.Number(math.NaN())}
	}
	timed := trains
	timed.Config.Epochs, timed.Config.For = 0, 1.5
	readingEvent := protocol.Event{Event: protocol.EventReading, Reading: &protocol.Reading{GPUs: []record.GPUCondition{{Power: 300}}, Energy: []protocol.Meter{{Joules: 5}}}}
	falseReading := protocol.Event{Event: protocol.EventReading, Reading: &protocol.Reading{Energy: []protocol.Meter{{Joules: -5}}}}
	varied := append([]protocol.Event(nil), all[3:7]...)
	varied[1] = epochEvent(1, func(e *record.Epoch) { e.Samples, e.Steps = 50, 2 })
	for name, c := range map[string]struct {
		job    protocol.Job
		events []protocol.Event
		says   string // empty: nothing is wrong
	}{
		"a launch":                        {trains, append(all[:7:7], doneEvent), ""},
		"first steps in the first epoch":  {trains, list(helloEvent, loadedEvent, epochEvent(0), epochEvent(1), epochEvent(2), memoryEvent, doneEvent), ""},
		"saved weights":                   {saves, append(all[:7:7], savedEvent, doneEvent), ""},
		"weights that are not saved":      {saves, append(all[:7:7], doneEvent), "saved no weights"},
		"an error at any point":           {trains, append(all[:4:4], errorEvent), ""},
		"an error before hello":           {trains, list(errorEvent), ""},
		"an unknown event":                {trains, list(helloEvent, protocol.Event{Event: "weather"}), `it sent "weather" for a job of the kind train`},
		"parity":                          {protocol.Job{Kind: protocol.Parity}, list(helloEvent, loadedEvent, parityEvent, doneEvent), ""},
		"devices":                         {protocol.Job{Kind: protocol.Devices}, list(helloEvent, doneEvent), ""},
		"an epoch for devices":            {protocol.Job{Kind: protocol.Devices}, list(helloEvent, epochEvent(0)), `it sent "epoch" for a job of the kind devices`},
		"parity twice":                    {protocol.Job{Kind: protocol.Parity}, list(helloEvent, parityEvent, parityEvent), `it sent "parity" twice`},
		"hello twice":                     {trains, list(helloEvent, helloEvent), `it sent "hello" twice`},
		"loaded twice":                    {trains, list(helloEvent, loadedEvent, loadedEvent), `it sent "loaded" twice`},
		"loaded after epochs":             {trains, append(all[:4:4], loadedEvent), `it sent "loaded" after "epoch"`},
		"an epoch after memory":           {trains, append(all[:7:7], epochEvent(3)), `it sent "epoch" after "memory"`},
		"nothing loaded":                  {trains, list(helloEvent, epochEvent(0), epochEvent(1), epochEvent(2), memoryEvent, doneEvent), `sent no "loaded"`},
		"no memory":                       {trains, append(all[:6:6], doneEvent), `sent no "memory"`},
		"an epoch short":                  {trains, append(all[:5:5], memoryEvent, doneEvent), "2 epochs where 3 were asked for"},
		"no epoch at all":                 {trains, append(ready[:3:3], memoryEvent, doneEvent), "0 epochs where 3 were asked for"},
		"an epoch more":                   {trains, append(all[:6:6], epochEvent(3)), "more than the 3 epochs"},
		"epochs for a time":               {timed, append(all[:7:7], doneEvent), ""},
		"too short a time":                {timed, append(all[:5:5], memoryEvent, doneEvent), "it is done after 1 s of epochs where 1.5 s were asked for"},
		"no epoch in a time":              {timed, append(all[:4:4], memoryEvent, doneEvent), "it is done after 0 s of epochs where 1.5 s were asked for"},
		"an epoch after the time":         {timed, append(all[:6:6], epochEvent(3)), "epoch 3 came after 2 s of epochs, and 1.5 s were asked for"},
		"readings":                        {protocol.Job{Kind: protocol.Monitor}, list(helloEvent, readingEvent, readingEvent, doneEvent), ""},
		"no reading yet":                  {protocol.Job{Kind: protocol.Monitor}, list(helloEvent, doneEvent), ""},
		"an impossible reading":           {protocol.Job{Kind: protocol.Monitor}, list(helloEvent, falseReading), "joules of a GPU is -5"},
		"a reading of a launch":           {trains, list(helloEvent, loadedEvent, readingEvent), `it sent "reading" for a job of the kind train`},
		"an empty reading":                {protocol.Job{Kind: protocol.Monitor}, list(helloEvent, protocol.Event{Event: protocol.EventReading}), `its event "reading" is empty`},
		"an epoch left out":               {trains, append(all[:4:4], epochEvent(2)), "epoch 2 came where epoch 1 was due"},
		"an epoch again":                  {trains, append(all[:5:5], epochEvent(1)), "epoch 1 came where epoch 2 was due"},
		"after done":                      {trains, append(all[:7:7], doneEvent, memoryEvent), `it sent "memory" after its last word`},
		"after an error":                  {trains, append(all[:4:4], errorEvent, epochEvent(1)), "after its last word"},
		"an empty epoch":                  {trains, append(all[:3:3], protocol.Event{Event: protocol.EventEpoch}), `its event "epoch" is empty`},
		"an empty loaded":                 {trains, list(helloEvent, protocol.Event{Event: protocol.EventLoaded}), `its event "loaded" is empty`},
		"warm-up not marked":              {trains, with(0, func(e *record.Epoch) { e.Warmup = false }), "epoch 0 is not marked"},
		"warm-up marked where it is none": {trains, with(2, func(e *record.Epoch) { e.Warmup = true }), "epoch 2 is not marked"},
		"other examples":                  {trains, with(1, func(e *record.Epoch) { e.Samples = 96 }), "epoch 1 has 96 examples, and the data has 100"},
		"other steps":                     {trains, with(1, func(e *record.Epoch) { e.Steps = 3 }), "epoch 1 has 3 steps, and 4 batches were announced"},
		"a negative part":                 {trains, with(1, func(e *record.Epoch) { e.Other, e.Wait = -0.25, 0.75 }), "other_s of epoch 1 is -0.25"},
		"no time at all":                  {trains, with(1, func(e *record.Epoch) { e.Seconds, e.Wait, e.Step, e.Other = 0, 0, 0, 0 }), "epoch 1 took no time"},
		"infinite seconds":                {trains, with(1, func(e *record.Epoch) { e.Seconds = math.Inf(1) }), "seconds of epoch 1 is +Inf"},
		"a part that is no number":        {trains, with(1, func(e *record.Epoch) { e.Step = math.NaN() }), "step_s of epoch 1 is NaN"},
		"parts that are not the epoch":    {trains, with(1, func(e *record.Epoch) { e.Step = 0.25 }), "the parts of epoch 1 are 0.75 s, and the epoch 1 s"},
		"epochs that overlap":             {trains, with(1, func(e *record.Epoch) { e.Start = 0.5 }), "epoch 1 begins at 0.5 s, before the end of the one before at 1 s"},
		"doctor":                          {protocol.Job{Kind: protocol.Doctor}, list(helloEvent, doctorEvent, doneEvent), ""},
		"a traced step":                   {protocol.Job{Kind: protocol.Trace}, list(helloEvent, loadedEvent, firstEvent, traceEvent, traceEvent, doneEvent), ""},
		"doctor without a product":        {protocol.Job{Kind: protocol.Doctor}, list(helloEvent, doneEvent), `sent no "doctor"`},
		"parity without losses":           {protocol.Job{Kind: protocol.Parity}, list(helloEvent, loadedEvent, doneEvent), `sent no "parity"`},
		"a trace without operations":      {protocol.Job{Kind: protocol.Trace}, list(helloEvent, loadedEvent, firstEvent, doneEvent), `sent no "trace"`},
		"resident data":                   {resident, append(list(helloEvent, loadedEvent, uploadEvent), append(all[3:7:7], doneEvent)...), ""},
		"an upload of what is fed":        {trains, list(helloEvent, loadedEvent, uploadEvent), "it uploaded data that is fed in batches"},
		"nothing asked for":               {protocol.Job{Kind: protocol.Train}, list(helloEvent, loadedEvent, memoryEvent, doneEvent), "measured no epoch"},
		"nothing before hello":            {trains, list(doneEvent), "its first event is"},
		"hello of another version":        {trains, list(protocol.Event{Event: protocol.EventHello, Hello: &protocol.Hello{Protocol: 1}}), "protocol 1"},
		"an empty error":                  {trains, list(protocol.Event{Event: protocol.EventError}), `its event "error" is empty`},
		"weights nobody asked for":        {trains, append(all[:7:7], savedEvent), `it saved weights in "mlp.weights.h5" where "" was asked for`},
		"an epoch of no steps":            {trains, with(1, func(e *record.Epoch) { e.Steps = 0 }), "epoch 1 has 100 examples in 0 steps"},
		"a loss that is not finite":       {trains, with(1, func(e *record.Epoch) { e.Loss = record.Number(math.NaN()) }), "the loss of epoch 1 is not finite"},
		"fewer than no new shapes":        {trains, with(1, func(e *record.Epoch) { e.NewShapes = -1 }), "epoch 1 has -1 new shapes"},
		"first steps of a cold launch":    {cold, ready, "this launch has them in its first epoch"},
		"a cold launch":                   {cold, append(list(helloEvent, loadedEvent), append(all[3:7:7], doneEvent)...), ""},
		"validation":                      {trains, with(2, validated), ""},
		"validation nobody asked for":     {untested, with(2, validated), "validation followed epoch 2, and none was asked for"},
		"validation beside the next one":  {trains, with(1, validated), "epoch 2 begins at 2 s, before the end of the one before at 2.5 s"},
		"validation after the process":    {trains, with(2, func(e *record.Epoch) { validated(e); e.Validation = 8 }), "epoch 2 ends at 11 s"},
		"validation of no length":         {trains, with(2, func(e *record.Epoch) { validated(e); e.Validation = 0 }), "validation of epoch 2 took 0 s for 20 examples in 2 steps"},
		"validation that is no number":    {trains, with(2, func(e *record.Epoch) { validated(e); e.Validation = math.NaN() }), "validation_s of epoch 2 is NaN"},
		"validation of fewer examples":    {trains, with(2, func(e *record.Epoch) { validated(e); e.ValidationSamples = 1 }), "1 examples in 2 steps"},
		"a metric of no validation":       {trains, with(2, func(e *record.Epoch) { e.Metrics = map[string]record.Number{"val_loss": 1} }), `the metric "val_loss", and 0 steps`},
		"memory beyond its peak":          {trains, append(with(2, func(e *record.Epoch) { e.RSS = 200 })[:6], protocol.Event{Event: protocol.EventMemory, Memory: &protocol.Usage{Memory: record.Memory{PeakRSS: 100}}}), "it took 200 bytes of memory after an epoch, and 100 at most"},
		"a pipeline":                      {trains, append(list(helloEvent, loadedFrom(record.PipelineScript, 0, 0), firstEvent), append(varied, doneEvent)...), ""},
		"a pipeline that is whole":        {trains, append(list(helloEvent, loadedFrom(record.PipelineScript, 4, 100), firstEvent), append(varied, doneEvent)...), "epoch 1 has 50 examples, and the data has 100"},
		"half of a pipeline's figures":    {trains, list(helloEvent, loadedFrom(record.PipelineScript, 4, 0)), "announced 4 batches of 0 examples"},
		"no pipeline, and no figures":     {trains, list(helloEvent, loadedFrom("", 0, 0)), "how many examples"},
		"another pipeline":                {trains, list(helloEvent, loadedFrom("mine", 4, 100)), `from the pipeline "mine"`},
		"a pipeline that was not asked":   {trains, list(helloEvent, loadedFrom(record.PipelineMemory, 4, 100)), `pipeline "memory" where "" was asked for`},
		"a pipeline in place of data":     {given, list(helloEvent, loadedFrom(record.PipelineScript, 4, 100)), "were to be made of data"},
		"longer than the process ran":     {trains, with(2, func(e *record.Epoch) { e.Start = 9.5 }), "epoch 2 ends at 10.5 s, and the process has run for 10 s"},
	} {
		err := told(c.job, 10, c.events...)
		if (err == nil) != (c.says == "") || err != nil && (!errors.Is(err, ErrProtocol) && c.says != "protocol 1" || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// What a worker says of its data is checked against the job, and its figures by
// themselves.
func TestFigures(t *testing.T) {
	asked := protocol.Job{Kind: protocol.Train, Config: record.Config{Epochs: 1, Samples: 100, Batch: 32, Device: "cpu", IntraOp: 1}}
	loaded := func(change func(*protocol.Loaded)) protocol.Event {
		l := &protocol.Loaded{Seconds: 1, Data: 1, Resolved: record.Resolved{Device: "cpu", IntraOp: 1, Samples: 100, Batch: 32, Steps: 4}}
		change(l)
		return protocol.Event{Event: protocol.EventLoaded, Loaded: l}
	}
	first := func(f protocol.FirstStep) protocol.Event {
		return protocol.Event{Event: protocol.EventFirstStep, FirstStep: &f}
	}
	for says, e := range map[string]protocol.Event{
		"":                          loaded(func(*protocol.Loaded) {}),
		"how many examples":         loaded(func(l *protocol.Loaded) { l.Resolved = record.Resolved{Device: "cpu"} }),
		"runs on \"gpu\"":           loaded(func(l *protocol.Loaded) { l.Resolved.Device = "gpu" }),
		"has 2 intra-op":            loaded(func(l *protocol.Loaded) { l.Resolved.IntraOp = 2 }),
		"99 examples where 100":     loaded(func(l *protocol.Loaded) { l.Resolved.Samples = 99 }),
		"batches are 64 of 100":     loaded(func(l *protocol.Loaded) { l.Resolved.Batch = 64 }),
		"5 batches for 100":         loaded(func(l *protocol.Loaded) { l.Resolved.Steps = 5 }),
		"prefetch of the data is":   loaded(func(l *protocol.Loaded) { l.Resolved.Prefetch = -1 }),
		"load_s of the loading is":  loaded(func(l *protocol.Loaded) { l.Seconds = -1 }),
		"data_s of the loading is":  loaded(func(l *protocol.Loaded) { l.Data = math.Inf(1) }),
		"loading took 11 s":         loaded(func(l *protocol.Loaded) { l.Data = 10 }),
		"first_step_s of":           first(protocol.FirstStep{Seconds: -1}),
		"compile_s of":              first(protocol.FirstStep{Compile: math.NaN()}),
		"upload_s of":               first(protocol.FirstStep{Upload: -1}),
		"the first steps took 11 s": first(protocol.FirstStep{Compile: 11}),
		"steal_s of the launch is":  {Event: protocol.EventMemory, Memory: &protocol.Usage{Disturbance: record.Disturbance{Steal: -1}}},
		"involuntary_switches of":   {Event: protocol.EventMemory, Memory: &protocol.Usage{Disturbance: record.Disturbance{InvoluntarySwitches: -1}}},
	} {
		if err := told(asked, 10, helloEvent, e); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	for says, c := range map[string]struct {
		kind  protocol.Kind
		event protocol.Event
	}{
		"matmul_seconds":           {protocol.Doctor, protocol.Event{Event: protocol.EventDoctor, Doctor: &protocol.Health{MatMulSeconds: -1}}},
		"duration_ns":              {protocol.Trace, protocol.Event{Event: protocol.EventTrace, Trace: &protocol.TracePart{Parts: 1, Spans: []trace.Span{{Duration: -1}}}}},
		"it sent 0 losses":         {protocol.Parity, protocol.Event{Event: protocol.EventParity, Parity: &protocol.Losses{}}},
		"it sent 1 losses beside ": {protocol.Parity, protocol.Event{Event: protocol.EventParity, Parity: &protocol.Losses{Got: []record.Number{1}}}},
		"cores of its machine":     {protocol.Devices, protocol.Event{Event: protocol.EventHello, Hello: &protocol.Hello{Protocol: protocol.Version, Machine: record.Machine{Cores: -1}}}},
	} {
		events := []protocol.Event{helloEvent, c.event}
		if c.kind == protocol.Devices {
			events = events[1:]
		}
		if err := told(protocol.Job{Kind: c.kind}, 10, events...); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

// Where a step ran is checked by itself.
func TestPlacementOfLosses(t *testing.T) {
	hosts := make([]trace.HostOp, trace.MostHost+1)
	for i := range hosts {
		hosts[i] = trace.HostOp{Op: "Unique", Node: "model/unique"}
	}
	devices := map[string]int{"CPU:0": 9, "GPU:0": 1}
	for says, p := range map[string]*trace.Placement{
		"":                              {Devices: devices, Host: hosts[:5], More: 4},
		"4 operations of a host and 6 ": {Devices: devices, Host: hosts[:4], More: 6},
		"0 operations of a host and 0 more, of 0 on 0": {},
		"6 operations of a host":                       {Devices: devices, Host: hosts},
		"and -1 more":                                  {Devices: devices, More: -1},
		`-1 operations ran on the device "GPU:0"`:      {Devices: map[string]int{"GPU:0": -1}},
		`1 operations ran on the device ""`:            {Devices: map[string]int{"": 1}},
		"1 operations of a host and 0 more, of 0":      {Devices: map[string]int{"GPU:0": 3}, Host: hosts[:1]},
		"an operation of a host has no name":           {Devices: devices, Host: []trace.HostOp{{Op: "Unique"}}},
	} {
		e := protocol.Event{Event: protocol.EventParity, Parity: &protocol.Losses{Got: []record.Number{1}, Want: []record.Number{1}, Placement: p}}
		err := told(protocol.Job{Kind: protocol.Parity}, 10, helloEvent, e)
		if (err == nil) != (says == "") || err != nil && (!errors.Is(err, ErrProtocol) || !strings.Contains(err.Error(), says)) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

// fuzzed are the jobs whose workers FuzzWord plays.
var fuzzed = []protocol.Job{
	{Kind: protocol.Train, Config: record.Config{Warmup: 1, Epochs: 1}},
	{Kind: protocol.Train, Config: record.Config{Epochs: 1, Samples: 9, Batch: 9, Feed: record.FeedResident}, SaveWeights: "w"},
	{Kind: protocol.Train},
	{Kind: protocol.Train, Config: record.Config{Warmup: 1, For: 1.5}}, {Kind: protocol.Monitor},
	{Kind: protocol.Parity}, {Kind: protocol.Devices}, {Kind: protocol.Doctor}, {Kind: protocol.Trace},
}

// FuzzWord: whatever events come, what is kept of them can be written and read, and
// a launch that is done has every epoch once, marked, in order, and within the time
// that passed.
func FuzzWord(f *testing.F) {
	const hello = `{"event":"hello","hello":{"protocol":3}}`
	for i, seed := range []string{
		hello + `{"event":"loaded","loaded":{"resolved":{"samples":9,"batch":9,"steps":1}}}{"event":"epoch","epoch":{"warmup":true,"seconds":1,"step_s":1,"samples":9,"steps":1}}` +
			`{"event":"epoch","epoch":{"index":1,"start_s":1,"seconds":1,"step_s":1,"samples":9,"steps":1}}{"event":"memory","memory":{}}{"event":"done"}`,
		hello + `{"event":"loaded","loaded":{"resolved":{"samples":9,"batch":9,"steps":1}}}{"event":"first_step","first_step":{"upload_s":1}}{"event":"epoch","epoch":{"seconds":1,"step_s":1,"samples":9,"steps":1}}` +
			`{"event":"memory","memory":{}}{"event":"weights","weights":{"path":"w"}}{"event":"done"}`,
		hello + `{"event":"loaded","loaded":{}}{"event":"memory","memory":{}}{"event":"done"}`,
		hello + `{"event":"parity","parity":{"got":[1],"want":[null]}}{"event":"done"}`,
		hello + `{"event":"loaded","loaded":{"resolved":{"batch":4,"pipeline":"script"}}}{"event":"epoch","epoch":{"warmup":true,"seconds":1,"step_s":1,"samples":9,"steps":3,"validation_s":1,"validation_steps":1,"validation_samples":2,"metrics":{"val_loss":null},"rss_bytes":5}}` +
			`{"event":"epoch","epoch":{"index":1,"start_s":2,"seconds":1,"step_s":1,"samples":7,"steps":2}}{"event":"memory","memory":{}}{"event":"done"}`,
		hello + `{"event":"done"}`, hello + `{"event":"error","error":{}}`,
		hello + `{"event":"trace","trace":{"parts":1,"spans":[{"duration_ns":1}]}}{"event":"done"}`,
	} {
		f.Add(uint8(i), seed)
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		job := fuzzed[int(which)%len(fuzzed)]
		r := &running{worker: &Worker{}, out: &Outcome{}, cmd: new(exec.Cmd), stdin: nobody{}, observer: unobserved{}}
		r.word = &word{job: job, said: map[string]bool{}, began: func() float64 { return 10 }}
		for in := json.NewDecoder(strings.NewReader(text)); ; {
			var e protocol.Event
			if in.Decode(&e) != nil {
				break
			}
			r.take(e)
		}
		l := r.out.Launch
		l.Status = record.OK
		kept := record.Record{
			Schema: record.Schema, ID: "1", Status: record.Complete, Plan: record.Plan{Kind: record.KindRun},
			Runs: []record.Run{{Graph: record.Graph{Name: "g"}, Config: record.Config{Feed: record.FeedBatches}, Launches: []record.Launch{l}}},
		}
		if err := kept.Validate(); err != nil {
			t.Errorf("what is kept cannot be read: %v", err)
		}
		for i, e := range l.Epochs {
			if e.Index != i || e.Warmup != (i < job.Config.Warmup) || i > 0 && e.Start+1e-6 < l.Epochs[i-1].Start+l.Epochs[i-1].Seconds+l.Epochs[i-1].Validation || e.Start+e.Seconds+e.Validation > 10.0001 {
				t.Errorf("epoch %d: %+v", i, e)
			}
		}
		if !r.done || r.wrong != nil {
			return
		}
		if c := job.Config; job.Kind == protocol.Train && c.Timed() && (len(l.Epochs) <= c.Warmup || !c.Enough(1, l.Epochs[len(l.Epochs)-1].Start+l.Epochs[len(l.Epochs)-1].Seconds+l.Epochs[len(l.Epochs)-1].Validation-l.Epochs[c.Warmup].Start)) {
			t.Errorf("done after too little: %+v", l.Epochs)
		} else if job.Kind == protocol.Train && !c.Timed() && (c.Epochs == 0 || len(l.Epochs) != c.Warmup+c.Epochs) {
			t.Errorf("done after %d epochs", len(l.Epochs))
		}
		if (job.Kind == protocol.Parity && r.out.Parity == nil) || (job.Kind == protocol.Doctor && r.out.Doctor == nil) {
			t.Errorf("done without a result of %s", job.Kind)
		}
	})
}

// nobody reads what is written to it.
type nobody struct{}

func (nobody) Write(p []byte) (int, error) { return len(p), nil }
func (nobody) Close() error                { return nil }
