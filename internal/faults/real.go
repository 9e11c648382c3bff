//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"epochtime/harness/record"
)

// realEpochs are long enough for a signal to hit them.
const realEpochs = "400"

// real prepares a sandbox for the real worker, with a copy of the graph linear, and
// returns the arguments that measure it.
func (s *sandbox) real(verb string, launches int, extra ...string) []string {
	if _, err := os.Stat(s.worker); err != nil {
		s.left = fmt.Sprintf("there is no real worker: %v", err)
		return nil
	}
	from, err := filepath.EvalSymlinks(filepath.Join(s.graphs, "linear"))
	if err == nil {
		err = exec.Command("cp", "-RL", from, s.path("graphs/linear")).Run()
	}
	if err != nil {
		s.left = fmt.Sprintf("there is no graph linear: %v", err)
		return nil
	}
	args := []string{verb, "linear", "--json", recordName, "--allow-concurrent", "--launches", fmt.Sprint(launches), "--worker", s.worker, "--epochs", realEpochs}
	if verb == "ab" {
		args = append(args, "--b", "executor=caller-thread")
	}
	return append(args, extra...)
}

// training waits until a real worker is in its n-th launch, by the record of those
// before, and returns its process. Processes are not counted: one that forks looks like
// two, and the first compares with Keras.
func (s *sandbox) training(n int) int {
	pid := 0
	s.await(func() bool {
		if len(launches(s.read(recordName))) < n-1 {
			return false
		}
		for p, name := range s.processes() {
			if name == "epochtime-worke" && (pid == 0 || p < pid) { // the kernel cuts names
				pid = p
			}
		}
		return pid != 0
	})
	return pid
}

// realFaults are faults of real workers.
func realFaults(*campaign) []fault {
	const bound = 2 * time.Minute
	var out []fault
	add := func(short bool, name string, try func(*sandbox)) {
		out = append(out, fault{kind: "real workers", name: name, short: short, bound: bound, try: try})
	}
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSEGV, syscall.SIGTERM, syscall.SIGABRT, syscall.SIGSTOP} {
		for _, verb := range []string{"run", "ab"} {
			for _, after := range []time.Duration{0, 150 * time.Millisecond, 500 * time.Millisecond} {
				add(signal == syscall.SIGKILL && after == 0, fmt.Sprintf("worker-of-%s-gets-signal-%d-after-%v", verb, signal, after), func(s *sandbox) { s.hitWorker(verb, signal, after) })
			}
		}
	}
	for _, how := range interruptions {
		for _, after := range []time.Duration{100 * time.Millisecond, 700 * time.Millisecond} {
			add(how.name == "KILL" && after < time.Second/2, fmt.Sprintf("%s-after-%v", how.name, after), func(s *sandbox) { s.interruptReal(how, after) })
		}
	}
	for _, name := range []string{"saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001", "parity.npz", "graph.json"} {
		add(false, "changed-"+name, func(s *sandbox) { s.spoiled(name, alter) })
		add(false, "without-"+name, func(s *sandbox) { s.spoiled(name, os.Remove) })
	}
	for _, extra := range [][]string{
		{"--device", "gpu"}, {"--device", "tpu"}, {"--memory-limit", "20MiB"}, {"--timeout", "100ms"}, {"--data", "none.npz"}, {"--load-weights", "none.h5"}, {"--timeout", "1ns"},
		{"--env", "LD_LIBRARY_PATH=/nowhere", "--env", "OMP_NUM_THREADS=many"}, {"--samples", "1000000000000"}, {"--batch", "1000000"}, {"--intra-op", "100000"},
	} {
		add(false, fmt.Sprintf("with-%q", extra), func(s *sandbox) {
			if args := s.real("run", 2, extra...); args != nil {
				e := s.epochtime(args...)
				s.want(e, 0, 1, 2)
				if e.code == 0 && count(launches(s.read(recordName)), record.OK) != 2 {
					s.note(silent, "exit code 0 without two launches that worked")
				}
			}
		})
	}
	for _, limit := range []string{"-v 2000000", "-v 600000", "-n 8", "-n 16", "-n 24", "-u 4"} {
		add(false, "worker-under-ulimit-"+limit, func(s *sandbox) { s.starvedWorker(limit) })
	}
	return out
}

// hitWorker sends a signal to a worker that trains.
func (s *sandbox) hitWorker(verb string, signal syscall.Signal, after time.Duration) {
	args := s.real(verb, 3, "--timeout", "20s")
	if args == nil {
		return
	}
	r := s.start(args...)
	pid := s.training(2)
	time.Sleep(after)
	hit := syscall.Kill(pid, signal) == nil
	e := r.end()
	rec := s.read(recordName)
	list := launches(rec)
	failed := len(list) - count(list, record.OK)
	switch {
	case !hit: // it had ended
	case failed == 0 && verb == "run":
		s.want(e, 0) // between two launches
	case failed > 0:
		s.want(e, 1)
	}
	if e.code == 0 && failed > 0 {
		s.note(silent, "exit code 0, and %d launches failed", failed)
	}
	if rec == nil && e.code >= 0 {
		s.note(lost, "there is no record: %s", firstLine(e.stderr))
	}
}

// interruptReal interrupts a measurement with real workers, and continues it.
func (s *sandbox) interruptReal(how interruption, after time.Duration) {
	args := s.real("run", 4)
	if args == nil {
		return
	}
	r := s.start(args...)
	s.training(2)
	time.Sleep(after)
	for _, signal := range how.signals {
		_ = r.Process.Signal(signal)
		time.Sleep(50 * time.Millisecond)
	}
	s.want(r.end(), ways("run", how.signals)...)
	before := launches(s.read(recordName))
	if len(before) == 0 {
		s.note(lost, "the first launch is not in the record")
		return
	}
	s.want(s.epochtime("run", "--resume", recordName, "--allow-concurrent"), 0)
	continued := launches(s.read(recordName))
	if n := count(continued, record.OK); n != 4 {
		s.note(lost, "%d launches worked after --resume, want 4", n)
	}
	if len(continued) < len(before) || !continued[0].Started.Equal(before[0].Started) {
		s.note(lost, "a launch is not in the continued record")
	}
}

// spoiled measures a graph of which a file was changed or removed.
func (s *sandbox) spoiled(name string, spoil func(string) error) {
	args := s.real("run", 2)
	if args == nil {
		return
	}
	s.must(spoil(s.path("graphs/linear/" + name)))
	s.want(s.epochtime(args...), 1, 2)
}

// starvedWorker gives a real worker too little of something.
func (s *sandbox) starvedWorker(limit string) {
	args := s.real("run", 2)
	if args == nil {
		return
	}
	wrapper := s.put("starved", "#!/bin/sh\nulimit "+limit+"\nexec "+strconv.Quote(s.worker)+"\n")
	s.must(os.Chmod(wrapper, 0o755))
	for i, word := range args {
		if word == s.worker {
			args[i] = wrapper
		}
	}
	e := s.epochtime(args...)
	s.want(e, 0, 1)
	if e.code == 0 && count(launches(s.read(recordName)), record.OK) != 2 {
		s.note(silent, "exit code 0 without two launches that worked")
	}
}
