package launch

import (
	"errors"
	"math"
	"strings"
	"testing"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// A probe's word is checked: names and units that are known, once each, finite, and
// a reason for each that lacks a value.
func TestLimits(t *testing.T) {
	job := protocol.Job{Kind: protocol.Probe, Config: record.Config{Device: "cpu", IntraOp: 2}}
	good := func() protocol.Limits {
		return protocol.Limits{Resolved: record.Resolved{Device: "cpu", IntraOp: 2}, Rates: []record.Rate{
			{Name: "matmul-float32", Unit: record.FlopPerSecond, Value: record.Interval{Median: 2e11}},
			{Name: "memory", Unit: record.BytePerSecond, Value: record.Interval{Median: 6e10}},
			{Name: "to-device", Unit: record.BytePerSecond, Note: "not applicable on cpu"},
			{Name: "empty-step-caller-thread", Unit: record.Second, Value: record.Interval{Median: 1e-6}},
		}}
	}
	for says, change := range map[string]func(*protocol.Limits){
		"":                                  func(*protocol.Limits) {},
		`a rate "flops" in "flop/s"`:        func(l *protocol.Limits) { l.Rates[0].Name = "flops" },
		`a rate "matmul-" in`:               func(l *protocol.Limits) { l.Rates[0].Name = "matmul-" },
		`a rate "matmul-float8" in`:         func(l *protocol.Limits) { l.Rates[0].Name = "matmul-float8" },
		`a rate "matmul" in`:                func(l *protocol.Limits) { l.Rates[0].Name = "matmul" },
		`a rate "memory" in "s"`:            func(l *protocol.Limits) { l.Rates[1].Unit = record.Second },
		`a rate "a\x1b[31m" in`:             func(l *protocol.Limits) { l.Rates[1].Name = "a\x1b[31m" },
		`the rate "memory" twice`:           func(l *protocol.Limits) { l.Rates = append(l.Rates, l.Rates[1]) },
		"an interval of memory":             func(l *protocol.Limits) { l.Rates[1].Value.Confidence = 0.95 },
		"no to-device, and does not say":    func(l *protocol.Limits) { l.Rates[2].Note = "" },
		"memory of the probe is -1":         func(l *protocol.Limits) { l.Rates[1].Value.Median = -1 },
		"memory of the probe is +Inf":       func(l *protocol.Limits) { l.Rates[1].Value.Median = math.Inf(1) },
		"memory of the probe is NaN":        func(l *protocol.Limits) { l.Rates[1].Value.Median = math.NaN() },
		"it found no limit":                 func(l *protocol.Limits) { l.Rates = l.Rates[2:3] },
		`it probed "gpu" where "cpu"`:       func(l *protocol.Limits) { l.Resolved.Device = "gpu" },
		"4 intra-op threads where 2":        func(l *protocol.Limits) { l.Resolved.IntraOp = 4 },
		"it has 0 intra-op threads where 2": func(l *protocol.Limits) { l.Resolved.IntraOp = 0 },
	} {
		l := good()
		change(&l)
		err := told(job, 10, helloEvent, protocol.Event{Event: protocol.EventProbe, Probe: &l}, doneEvent)
		if (err == nil) != (says == "") || err != nil && (!errors.Is(err, ErrProtocol) || !strings.Contains(err.Error(), says)) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	for says, events := range map[string][]protocol.Event{
		`sent no "probe"`:            {helloEvent, doneEvent},
		`its event "probe" is empty`: {helloEvent, {Event: protocol.EventProbe}},
		`it sent "loaded"`:           {helloEvent, loadedEvent},
	} {
		if err := told(job, 10, events...); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
