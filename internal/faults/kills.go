//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"

	"epochtime/harness/record"
)

// plan of an interruption: signals to the program, some time apart.
type interruption struct {
	name    string
	signals []syscall.Signal
}

var interruptions = []interruption{
	{"INT", []syscall.Signal{syscall.SIGINT}},
	{"TERM", []syscall.Signal{syscall.SIGTERM}},
	{"HUP", []syscall.Signal{syscall.SIGHUP}},
	{"KILL", []syscall.Signal{syscall.SIGKILL}},
	{"INT-TERM", []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}},
	{"TERM-TERM", []syscall.Signal{syscall.SIGTERM, syscall.SIGTERM}},
	{"HUP-INT", []syscall.Signal{syscall.SIGHUP, syscall.SIGINT}},
}

// kinds of worker that are at work when the signal comes.
var interrupted = []struct{ name, commands string }{
	{"good", "sleep 15ms\n" + before(4) + "sleep 15ms\n" + say(conversation()[4:])},
	{"hung", before(4) + "sleep 10m"},
	{"deaf", "deaf\n" + before(4) + "sleep 10m"},
}

// killFaults interrupt the program at some moment, and let it finish afterwards.
func killFaults(*campaign) []fault {
	var out []fault
	random := rand.New(rand.NewPCG(12, 0)) // the same moments each time
	for _, i := range interruptions {
		for _, verb := range []string{"run", "ab", "sweep", "tune"} {
			for w, worker := range interrupted {
				for try := range 3 {
					if w > 0 && (try > 0 || verb == "tune") { // it always hangs in the same place
						continue
					}
					after := time.Duration(30+random.IntN(400)) * time.Millisecond
					name := fmt.Sprintf("%s-of-%s-with-a-%s-worker-%d", i.name, verb, worker.name, try)
					out = append(out, fault{kind: "signals", name: name, short: verb == "ab" && try == 0 && w < 2, try: func(s *sandbox) {
						s.interrupt(verb, i, worker.name, worker.commands, after)
					}})
				}
			}
		}
	}
	return out
}

// slow is the section of a script in which each launch takes a moment.
const slow = "train"

// interrupt measures, sends the signals, and continues the record.
func (s *sandbox) interrupt(verb string, how interruption, kind, commands string, after time.Duration) {
	section := slow
	if kind != "good" {
		section = "train 3"
	}
	command := s.measuring(verb, 5, s.workers("worker", section, commands))
	r := s.start(command...)
	if kind == "good" {
		time.Sleep(after)
	} else {
		s.await(func() bool { return s.begun("worker") >= 3 })
		time.Sleep(after / 10)
	}
	for i, signal := range how.signals {
		if i > 0 {
			time.Sleep(after / 10)
		}
		_ = r.Process.Signal(signal) // the program may have ended
	}
	e := r.end()
	s.want(e, ways(verb, how.signals)...)
	rec := s.read(recordName)
	s.sound(rec)
	s.kept(rec, s.begun("worker")+s.begun("side-a"))
	if how.signals[0] != syscall.SIGKILL && len(launches(rec)) > 0 {
		s.sameInHistory(rec)
	}
	s.put("worker", script(s.path("worker.log"), "none", ""))
	s.finish(verb, rec, command)
}

// ways are the exit codes that an interrupted command may have: it may also have ended
// before, and be ended by a second signal.
func ways(verb string, signals []syscall.Signal) []int {
	out := append([]int{130}, complete[verb]...)
	if len(signals) > 1 || signals[0] == syscall.SIGKILL {
		for _, s := range signals {
			out = append(out, 128+int(s))
		}
	}
	return out
}

// await waits for a condition that the fault needs.
func (s *sandbox) await(so func() bool) {
	for range 1000 {
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.note(otherwise, "the fault could not be made: what it waits for did not come")
}

// finish continues the record of an interrupted command, or starts anew where there was
// none, and checks that nothing is lost or doubled.
func (s *sandbox) finish(verb string, before *record.Record, command []string) {
	again := []string{verb, "--resume", recordName, "--allow-concurrent"}
	if before == nil {
		again = command
	}
	e := s.epochtime(again...)
	s.want(e, complete[verb]...)
	after := s.read(recordName)
	s.sound(after)
	switch {
	case after == nil:
		s.note(lost, "there is no record after all was measured")
		return
	case after.Status != record.Complete:
		s.note(otherwise, "the record is %s after --resume", after.Status)
	}
	was, is := launches(before), launches(after)
	for i, l := range was {
		if i >= len(is) || !is[i].Started.Equal(l.Started) {
			s.note(lost, "launch %d is not in the continued record", i)
			break
		}
	}
	if n := count(is, record.OK); verb != "tune" && n != 5*len(after.Runs) {
		s.note(lost, "%d launches worked after --resume, want %d", n, 5*len(after.Runs))
	}
	if before == nil || before.Status != record.Complete { // else it was killed before it could add it, and there was nothing to do
		s.sameInHistory(after)
	}
}

// sameInHistory checks that the history has what the record has.
func (s *sandbox) sameInHistory(rec *record.Record) {
	if e := s.epochtime("history", "show", rec.ID, "--json", "kept.json"); e.code != 0 {
		s.note(lost, "the history does not have the record: %s", firstLine(e.stderr))
		return
	}
	kept := s.read("kept.json")
	if len(launches(kept)) != len(launches(rec)) {
		s.note(lost, "the history has %d launches of the record, which has %d", len(launches(kept)), len(launches(rec)))
	}
}
