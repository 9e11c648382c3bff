package scripted

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	ossignal "os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"epochtime/harness/protocol"
)

// commands are the commands of a script. Each takes the rest of its line.
var commands = map[string]func(*worker, string) error{
	// The job.
	"job":    func(w *worker, _ string) (err error) { w.job, err = protocol.ReadJob(w.in); return err },
	"expect": (*worker).expect, // PATH=VALUE… in the job, as in config.batch=32
	"env":    (*worker).env,    // NAME=VALUE in the environment; NAME: not set
	"log":    (*worker).log,    // FILE: append the job's kind, graph and batch, and whether it is resident

	// Events.
	"hello":      (*worker).hello,     // [PROTOCOL [DEVICE-TYPE…]]
	"elsewhere":  (*worker).elsewhere, // TENSORFLOW HOST: hello of another build on another machine
	"far":        (*worker).far,       // [TENSORFLOW HOST]: hello of a worker that does not see its parent's files
	"offered":    (*worker).offered,   // [all]: takes the offers of files, and lacks none or all
	"want":       (*worker).want,      // N…: which of the offered files it lacks
	"alive":      func(w *worker, _ string) error { return w.send(protocol.Event{Event: protocol.EventAlive}) },
	"gpus":       (*worker).have,  // N accelerators that hello names
	"reading":    (*worker).read,  // [JOULES] that each accelerator took so far
	"keras":      (*worker).greet, // hello of a worker in Python
	"loaded":     (*worker).loaded,
	"first_step": (*worker).firstStep,
	"epochs":     (*worker).epochs,   // WARMUP SECONDS…
	"memory":     (*worker).memory,   // [STEAL]
	"callbacks":  (*worker).callback, // SECONDS of each epoch beside its others
	"loss":       (*worker).lose,     // LOSS of the first epoch
	"examples":   (*worker).examples, // written where the job says
	"stages":     (*worker).stages,   // NAME FILE LINE SECONDS…
	"rate":       (*worker).rate,     // EPOCH STEP EXAMPLE: seconds of each, of which epochs are made
	"validate":   (*worker).validate, // SECONDS of validation after each epoch, and metrics
	"grow":       (*worker).grow,     // MIB by which resident memory grows with each epoch
	"warn":       (*worker).warn,     // TEXT: what may not be meant in the data
	"swift":      (*worker).swift,    // loading and first steps take next to no time, as they truly do
	"train":      (*worker).train,    // [SECONDS…]: all of the above, with the job's number of epochs
	"parity":     (*worker).parity,   // [FACTOR] of the manifest's losses
	"host":       (*worker).host,     // OP NODE that the host computes of a step, which else is all on the device
	"doctor":     (*worker).doctor,   // [ERROR] of the matrix product
	"probe":      (*worker).probe,    // [FACTOR] of what the machine can do
	"trace":      (*worker).trace,    // [PARTS]: only so many of the three parts
	"stretch":    (*worker).stretch,  // FACTOR by which a traced step is longer
	"fail":       (*worker).fail,     // CODE MESSAGE
	"done":       func(w *worker, _ string) error { return w.send(protocol.Event{Event: protocol.EventDone}) },

	// Faults.
	"print":  func(w *worker, text string) error { return write(w.out, text+"\n") },
	"write":  func(w *worker, text string) error { return write(w.out, text) },      // no newline
	"flood":  func(w *worker, size string) error { return flood(w.out, size, "x") }, // BYTES without newline
	"stderr": func(_ *worker, text string) error { return write(os.Stderr, text+"\n") },
	"spill":  func(_ *worker, size string) error { return flood(os.Stderr, size, "a line on stderr\n") }, // BYTES
	"mute":   func(w *worker, _ string) error { return w.out.Close() },                                   // closes the stream of events

	// Time and other processes.
	"eat":   eat,                                                                          // BYTES of memory
	"sleep": sleep,                                                                        // DURATION
	"wait":  (*worker).wait,                                                               // until the parent asks it to stop, or is gone
	"deaf":  deaf,                                                                         // to signals that ask it to end
	"touch": func(_ *worker, path string) error { return os.WriteFile(path, nil, 0o644) }, // FILE
	"hold":  (*worker).hold,                                                               // FILE: locked until this process ends
	"until": until,                                                                        // until FILE exists
	"rmdir": func(_ *worker, path string) error { return os.RemoveAll(path) },             // DIR
	"child": child,                                                                        // FILE [streams]: starts a process that outlives this one, and holds FILE and with streams also stdout and stderr

	// Ends.
	"exit":   exit,   // STATUS
	"signal": signal, // NUMBER, to this process
}

func (w *worker) expect(list string) error {
	text, err := json.Marshal(w.job)
	if err != nil {
		return err
	}
	for _, item := range strings.Fields(list) {
		var at any
		if err := json.Unmarshal(text, &at); err != nil {
			return err
		}
		path, want, _ := strings.Cut(item, "=")
		for _, key := range strings.Split(path, ".") {
			fields, _ := at.(map[string]any)
			at = fields[key]
		}
		if got := fmt.Sprint(at); got != want {
			return fmt.Errorf("the job's %s is %s, not %s", path, got, want)
		}
	}
	return nil
}

func (w *worker) env(item string) error {
	name, want, set := strings.Cut(item, "=")
	got, ok := os.LookupEnv(name)
	if ok != set || got != want {
		return fmt.Errorf("the environment has %s=%q (set: %v)", name, got, ok)
	}
	return nil
}

// log also sets the job's number.
func (w *worker) log(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	line := fmt.Sprintln(w.job.Kind, filepath.Base(w.job.Graph), w.job.Config.Batch)
	if w.job.Config.Resident() {
		line = strings.Replace(line, "\n", " resident\n", 1)
	}
	if _, err := f.WriteString(line); err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	w.nth = strings.Count("\n"+string(text), "\n"+string(w.job.Kind)+" ")
	return err
}

func (w *worker) hold(path string) error {
	f, err := lock(path)
	w.held = append(w.held, f)
	return err
}

func (w *worker) wait(string) error {
	for {
		err := protocol.ReadStop(w.in)
		if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) { // else it is a job that was not read
			return nil
		}
	}
}

func deaf(*worker, string) error {
	ossignal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	return nil
}

func write(f *os.File, text string) error {
	_, err := f.WriteString(text)
	return err
}

func flood(f *os.File, size, what string) error {
	n, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	return write(f, strings.Repeat(what, n/len(what)))
}

var eaten []byte

func eat(_ *worker, size string) error {
	n, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	eaten = make([]byte, n)
	for i := 0; i < n; i += 4096 { // the kernel assigns a page when it is written
		eaten[i] = 1
	}
	return nil
}

func sleep(_ *worker, text string) error {
	d, err := time.ParseDuration(text)
	time.Sleep(d)
	return err
}

// until fails after a minute, so a failed test leaves no worker behind.
func until(_ *worker, path string) error {
	for range 6000 {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("%s did not appear", path)
}

func exit(_ *worker, status string) error {
	n, err := strconv.Atoi(status)
	if err == nil {
		os.Exit(n)
	}
	return err
}
