//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"

	"epochtime/harness/record"
)

// absentDevices are on no machine.
var absentDevices = []string{"gpu:97", "gpu:0,97", "gpu:97,96", "tpu"}

// deviceFaults ask for a device that is not there: no verb may measure on another one.
func deviceFaults(*campaign) []fault {
	var out []fault
	for _, device := range absentDevices {
		for _, verb := range []string{
			"run", "ab --a batch=10 --b batch=20", "sweep --batch 10,20", "tune --max-time 20s", "factors", "estimate --samples 100000", "probe", "largest-batch", "run --feed resident", "run --fetch last",
		} {
			out = append(out, fault{
				kind: "absent devices", name: strings.ReplaceAll(verb, " ", "_") + "-on-" + device, short: verb == "run" && device == "tpu", bound: 2 * time.Minute,
				try: func(s *sandbox) { s.absent(strings.Fields(verb), device) },
			})
		}
	}
	return out
}

// absent measures with a verb on a device that is not there.
func (s *sandbox) absent(verb []string, device string) {
	if s.real("run", 1) == nil {
		return
	}
	args := []string{verb[0], "linear"}
	if verb[0] == "probe" {
		args = args[:1]
	}
	args = append(args, verb[1:]...)
	e := s.epochtime(append(args, "--device", device, "--worker", s.worker, "--json", recordName, "--allow-concurrent")...)
	s.want(e, 1)
	if !strings.Contains(e.stderr, fmt.Sprintf("no such device here: %q was asked for", device)) {
		s.note(otherwise, "it does not say which device is not there: %.300s", e.stderr)
	}
	if rec := s.read(recordName); rec != nil && count(launches(rec), record.OK) > 0 {
		s.note(silent, "a launch worked, on another device")
	}
}
