package launch

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// told gives a check the events that a JSON line each stands for, and returns the
// first error.
func told(job protocol.Job, wall float64, events ...protocol.Event) error {
	w := &word{job: job, began: func() float64 { return wall }}
	for _, e := range events {
		if err := w.check(e); err != nil {
			return err
		}
	}
	return nil
}

var (
	helloEvent  = protocol.Event{Event: protocol.EventHello, Hello: &protocol.Hello{}}
	firstEvent  = protocol.Event{Event: protocol.EventFirstStep, FirstStep: &protocol.FirstStep{}}
	memoryEvent = protocol.Event{Event: protocol.EventMemory, Memory: &protocol.Usage{}}
	savedEvent  = protocol.Event{Event: protocol.EventWeights, Weights: &protocol.Saved{}}
	doneEvent   = protocol.Event{Event: protocol.EventDone}
	errorEvent  = protocol.Event{Event: protocol.EventError, Error: &protocol.Failure{}}
	parityEvent = protocol.Event{Event: protocol.EventParity, Parity: &protocol.Losses{}}
	loadedEvent = protocol.Event{Event: protocol.EventLoaded, Loaded: &protocol.Loaded{Resolved: record.Resolved{Batch: 32, Samples: 100, Steps: 4}}}
)

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
		"an event of a later version":     {trains, append(list(helloEvent, protocol.Event{Event: "weather"}), append(all[1:7:7], doneEvent)...), ""},
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
		"infinite seconds":                {trains, with(1, func(e *record.Epoch) { e.Seconds = math.Inf(1) }), "seconds of epoch 1 is +Inf"},
		"a part that is no number":        {trains, with(1, func(e *record.Epoch) { e.Step = math.NaN() }), "step_s of epoch 1 is NaN"},
		"parts that are not the epoch":    {trains, with(1, func(e *record.Epoch) { e.Step = 0.25 }), "the parts of epoch 1 are 0.75 s, and the epoch 1 s"},
		"epochs that overlap":             {trains, with(1, func(e *record.Epoch) { e.Start = 0.5 }), "epoch 1 begins at 0.5 s, before the end of the one before at 1 s"},
		"longer than the process ran":     {trains, with(2, func(e *record.Epoch) { e.Start = 9.5 }), "epoch 2 ends at 10.5 s, and the process has run for 10 s"},
	} {
		err := told(c.job, 10, c.events...)
		if (err == nil) != (c.says == "") || err != nil && (!errors.Is(err, ErrProtocol) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// FuzzWord: whatever events come, a launch that is done without an error has every
// epoch once, marked, in order, and within the time that passed.
func FuzzWord(f *testing.F) {
	for _, seed := range []string{
		`[{"event":"hello"},{"event":"loaded","loaded":{"resolved":{"samples":9,"steps":1}}},{"event":"epoch","epoch":{"warmup":true,"seconds":1,"step_s":1,"samples":9,"steps":1}},` +
			`{"event":"epoch","epoch":{"index":1,"start_s":1,"seconds":1,"step_s":1,"samples":9,"steps":1}},{"event":"memory"},{"event":"done"}]`,
		`[{"event":"hello"},{"event":"error"}]`, `[{"event":"epoch"}]`, `[{"event":"loaded","loaded":null},{"event":"done"}]`,
	} {
		f.Add(seed)
	}
	job := protocol.Job{Kind: protocol.Train, Config: record.Config{Warmup: 1, Epochs: 1}}
	f.Fuzz(func(t *testing.T, text string) {
		var events []protocol.Event
		if json.Unmarshal([]byte(text), &events) != nil {
			return
		}
		if told(job, 10, events...) != nil {
			return
		}
		done, epochs, last := false, 0, 0.0
		for _, e := range events {
			done = done || e.Event == protocol.EventDone
			if e.Event != protocol.EventEpoch {
				continue
			}
			if e.Epoch.Index != epochs || e.Epoch.Warmup != (epochs == 0) || e.Epoch.Start+1e-6 < last || e.Epoch.Start+e.Epoch.Seconds > 10.0001 {
				t.Errorf("epoch %d: %+v", epochs, e.Epoch)
			}
			epochs, last = epochs+1, e.Epoch.Start+e.Epoch.Seconds
		}
		if done && epochs != 2 {
			t.Errorf("done after %d epochs", epochs)
		}
	})
}
