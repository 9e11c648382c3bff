//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// What scripted launches do, and what the commands of the faults ask for.
const (
	samplesOfEpoch = 1000
	batch          = 32
	warmup         = 1
	epochs         = 2
	epochSeconds   = 0.0002 // the process has run for longer when it says so
)

// conversation is all that a good worker says in a launch, as lines.
func conversation() []string {
	steps := (samplesOfEpoch + batch - 1) / batch
	events := []protocol.Event{
		{Event: protocol.EventHello, Hello: &protocol.Hello{
			Protocol: protocol.Version, Epochtime: record.Program, TensorFlow: "2.21.0-scripted",
			Machine: record.Machine{Hostname: "lab", OS: "linux", Kernel: "6.1", Arch: "amd64", CPU: "Scripted CPU", Cores: 1024, MemoryBytes: 64 << 30},
			Devices: []record.Device{{Name: "/device:CPU:0", Type: "CPU"}},
		}},
		{Event: protocol.EventLoaded, Loaded: &protocol.Loaded{
			Data: 0.0001, Seconds: 0.0002, Devices: []record.Device{{Name: "/device:CPU:0", Type: "CPU"}},
			Resolved: record.Resolved{Device: "cpu", Batch: batch, Samples: samplesOfEpoch, Steps: steps, IntraOp: 8, InterOp: 8},
		}},
		{Event: protocol.EventFirstStep, FirstStep: &protocol.FirstStep{Seconds: 0.0001, Compile: 0.0002}},
	}
	for i := range warmup + epochs {
		events = append(events, protocol.Event{Event: protocol.EventEpoch, Epoch: &record.Epoch{
			Index: i, Warmup: i < warmup, Start: float64(i) * epochSeconds, Seconds: epochSeconds,
			Wait: epochSeconds / 4, Step: epochSeconds / 2, Other: epochSeconds / 4, Preprocess: epochSeconds / 8,
			Steps: steps, Samples: samplesOfEpoch, Loss: 2,
		}})
	}
	events = append(events,
		protocol.Event{Event: protocol.EventMemory, Memory: &protocol.Usage{Memory: record.Memory{PeakRSS: 300 << 20}}},
		protocol.Event{Event: protocol.EventDone})
	return lines(events)
}

func lines(events []protocol.Event) []string {
	var out []string
	for _, e := range events {
		text, err := json.Marshal(e)
		if err != nil {
			panic(err) // the events are constants
		}
		out = append(out, string(text))
	}
	return out
}

// good is what a worker does in the jobs that a fault leaves alone. The log counts the
// jobs that were begun.
const good = `
[train]
swift
hello
train 0.0002
[parity]
hello
parity
[doctor]
hello
doctor
[trace]
hello
trace
[any]
done
`

// script returns the script of a worker that is good but for the jobs of a section,
// such as train 2, in which it follows other commands.
func script(log, section, commands string) string {
	return fmt.Sprintf("job\nlog %s\n[%s]\n%s\nexit 0\n%s", log, section, strings.TrimSpace(commands), good)
}

// say returns the commands that write these lines.
func say(lines []string) string {
	var out strings.Builder
	for _, line := range lines {
		out.WriteString("print " + line + "\n")
	}
	return out.String()
}

// workers writes a script, and returns the command of a worker that follows it. Its log
// has the script's name with .log.
func (s *sandbox) workers(name, section, commands string) string {
	path := s.put(name, script(s.path(name+".log"), section, commands))
	return s.scripted + " " + path
}

// begun returns how many launches a worker's log says were begun.
func (s *sandbox) begun(name string) int {
	return strings.Count("\n"+s.get(name+".log"), "\n"+string(protocol.Train)+" ")
}

// recordName is the record that the commands of the faults write.
const recordName = "r.json"

// measuring returns the arguments of a measuring verb, with the record in recordName.
// An ab has the worker on side B, and a good one on side A.
func (s *sandbox) measuring(verb string, launches int, worker string, extra ...string) []string {
	args := []string{verb, "one", "--json", recordName, "--allow-concurrent", "--samples", fmt.Sprint(samplesOfEpoch),
		"--epochs", fmt.Sprint(epochs), "--warmup", fmt.Sprint(warmup), "--launches", fmt.Sprint(launches)}
	switch verb {
	case "run":
		args = append(args, "--batch", fmt.Sprint(batch), "--worker", worker)
	case "ab":
		args = append(args, "--batch", fmt.Sprint(batch), "--a", "worker="+s.workers("side-a", "none", ""), "--b", "worker="+worker)
	case "sweep":
		args = append(args, "--batch", fmt.Sprint(batch), "--prefetch", "0,2", "--worker", worker)
	case "tune":
		args = append(args, "--batch", fmt.Sprint(batch), "--max-time", "3s", "--worker", worker)
	}
	return append(args, extra...)
}
