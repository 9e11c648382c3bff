//go:build linux

package main

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"epochtime/harness/protocol"
)

// before returns the commands that say the first lines of a conversation.
func before(n int) string { return say(conversation()[:n]) }

// ends are ways in which a worker's process may end, or not.
func ends() []mutation {
	whole := before(len(conversation()))
	var out []mutation
	for _, code := range []int{1, 2, 3, 42, 99, 101, 126, 127, 128, 129, 134, 137, 139, 143, 254, 255} {
		out = append(out, mutation{fmt.Sprintf("exit-status-%d-after-done", code), whole + fmt.Sprintf("exit %d", code), fails})
	}
	for _, code := range []int{0, 1, 137, 255} {
		out = append(out, mutation{fmt.Sprintf("exit-status-%d-after-two-epochs", code), before(5) + fmt.Sprintf("exit %d", code), fails})
	}
	for _, n := range []syscall.Signal{
		syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE,
		syscall.SIGKILL, syscall.SIGSEGV, syscall.SIGTERM, syscall.SIGSYS,
	} {
		out = append(out, mutation{fmt.Sprintf("signal-%d-between-epochs", n), before(5) + fmt.Sprintf("signal %d\nexit 1", n), fails})
	}
	for _, at := range []int{0, 1, 2, 3} {
		out = append(out, mutation{fmt.Sprintf("killed-after-line-%d", at), before(at) + "signal 9", fails})
	}
	for _, code := range []protocol.Code{
		protocol.CodeJob, protocol.CodeEnv, protocol.CodeGraph, protocol.CodeData, protocol.CodeChanged, protocol.CodeDevice, protocol.CodeOOM,
		protocol.CodeNonfinite, protocol.CodeInterrupted, protocol.CodeStep, protocol.CodeInternal, "of-a-later-version",
	} {
		out = append(out,
			mutation{"error-" + string(code), before(4) + fmt.Sprintf("fail %s it does not work\nexit 1", code), fails},
			mutation{"error-" + string(code) + "-and-exit-status-0", before(4) + fmt.Sprintf("fail %s it does not work", code), fails},
			mutation{"error-" + string(code) + "-and-done", before(4) + fmt.Sprintf("fail %s it does not work\ndone", code), fails})
	}
	return append(out,
		mutation{"much-on-stderr", "spill 20000000\n" + whole, passes},
		mutation{"bytes-on-stderr", "stderr \x00\xff\xfe\x1b]0;title\x07\x1b[2J\n" + whole, passes},
		mutation{"stdout-closed-early", before(4) + "mute\nexit 0", fails},
		mutation{"a-child-stays", "child held\n" + whole, passes},
		mutation{"a-child-stays-and-holds-the-streams", "child held streams\n" + whole, passes},
		mutation{"a-child-stays-after-a-crash", "child held streams\n" + before(4) + "signal 11", fails})
}

// hangs are workers that stop to say anything, with --timeout where they would never
// end.
func hangs() []mutation {
	var out []mutation
	for at := range len(conversation()) {
		out = append(out,
			mutation{fmt.Sprintf("sleeps-after-line-%d", at), before(at) + "sleep 10m", fails},
			mutation{fmt.Sprintf("sleeps-and-ignores-signals-after-line-%d", at), "deaf\n" + before(at) + "sleep 10m", fails},
			mutation{fmt.Sprintf("mute-after-line-%d", at), before(at) + "mute\nsleep 10m", fails})
	}
	return out
}

// afterDone are workers that do not end when they are done. Their launches count.
func afterDone() []mutation {
	whole := before(len(conversation()))
	return []mutation{
		{"sleeps-after-done", whole + "sleep 10m", passes},
		{"ignores-signals-after-done", "deaf\n" + whole + "sleep 10m", passes},
		{"mute-after-done", whole + "mute\nsleep 10m", passes},
		{"writes-stderr-after-done", whole + "spill 1000000\nsleep 10m", passes},
	}
}

// endFaults are workers that end in a wrong way or not at all, in the second of three
// launches.
func endFaults(*campaign) []fault {
	var out []fault
	add := func(short bool, m mutation, bound time.Duration, extra ...string) {
		out = append(out, fault{kind: "a worker's end", name: m.name, short: short, bound: bound, try: func(s *sandbox) {
			s.judge(s.epochtime(s.measuring("run", 3, s.workers("worker", "train 2", m.commands), extra...)...), m.want)
		}})
	}
	for i, m := range ends() {
		add(i%10 == 0 || strings.HasPrefix(m.name, "a-child"), m, 0)
	}
	for i, m := range hangs() {
		add(i%12 == 0, m, 0, "--timeout", "1s")
	}
	for i, m := range afterDone() {
		add(i == 0, m, 0)
	}
	return append(out, fault{kind: "a worker's end", name: "always-interrupted", try: func(s *sandbox) {
		worker := s.workers("worker", "train", before(4)+"fail interrupted nobody did\nexit 1")
		s.want(s.epochtime(s.measuring("run", 3, worker)...), 1)
	}})
}
