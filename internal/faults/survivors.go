//go:build linux

package main

import (
	"fmt"
	"strings"

	"epochtime/harness/record"
)

// crashes are ways for a launch to fail.
var crashes = []struct{ name, commands string }{
	{"exit", "exit 1"},
	{"SIGSEGV", "signal 11"},
	{"SIGKILL", "signal 9"},
	{"oom", "fail oom no memory left\nexit 1"},
	{"nonfinite", "fail nonfinite the loss is NaN\nexit 1"},
	{"two-epochs-of-three", "done"},
	{"timeout", "sleep 10m"},
}

// survivorFaults are comparisons in which some launches of a side fail. However good the
// others are, that is no pass.
func survivorFaults(*campaign) []fault {
	var out []fault
	for c, crash := range crashes {
		for _, side := range []string{"A", "B"} {
			for _, n := range []int{4, 10} {
				for _, k := range []int{1, n / 2, n - 1} {
					name := fmt.Sprintf("%d-of-%d-launches-of-%s-%s", k, n, side, crash.name)
					out = append(out, fault{kind: "survivors", name: name, short: c < 2 && n == 4 && k == 2, try: func(s *sandbox) {
						s.survivors(side, n, k, crash.commands)
					}})
				}
			}
		}
	}
	return append(out, alternating()...)
}

// crashing returns the command of a worker of which the last k of n launches crash.
func (s *sandbox) crashing(name string, n, k int, commands string) string {
	var sections strings.Builder
	for i := n - k + 1; i <= n; i++ {
		fmt.Fprintf(&sections, "[train %d]\n%s%s\nexit 0\n", i, before(5), commands)
	}
	path := s.put(name, fmt.Sprintf("job\nlog %s\n%s%s", s.path(name+".log"), sections.String(), good))
	return s.scripted + " " + path
}

func (s *sandbox) survivors(side string, n, k int, commands string) {
	workers := map[string]string{"A": s.workers("good", "none", ""), "B": s.workers("good", "none", "")}
	workers[side] = s.crashing("crashing", n, k, commands)
	e := s.epochtime("ab", "one", "--json", recordName, "--allow-concurrent", "--launches", fmt.Sprint(n), "--epochs", fmt.Sprint(epochs), "--warmup", fmt.Sprint(warmup),
		"--timeout", "2s", "--a", "worker="+workers["A"], "--b", "worker="+workers["B"])
	s.want(e, 1)
	rec := s.read(recordName)
	s.kept(rec, s.begun("good")+s.begun("crashing"))
	if list := launches(rec); count(list, record.OK)+k < len(list) {
		s.note(lost, "%d launches worked of %d, and %d crashed", count(list, record.OK), len(list), k)
	}
	if rec == nil || e.code < 0 {
		return
	}
	s.want(s.epochtime("compare", recordName), 1) // what is read again is no pass either
}

// alternating are sides of which every third launch crashes.
func alternating() []fault {
	var out []fault
	for _, verb := range []string{"run", "ab", "sweep"} {
		out = append(out, fault{kind: "survivors", name: "every-third-launch-of-" + verb, short: true, try: func(s *sandbox) {
			var sections strings.Builder
			for i := 3; i <= 30; i += 3 {
				fmt.Fprintf(&sections, "[train %d]\n%ssignal 11\n", i, before(5))
			}
			path := s.put("thirds", fmt.Sprintf("job\nlog %s\n%s%s", s.path("thirds.log"), sections.String(), good))
			s.want(s.epochtime(s.measuring(verb, 10, s.scripted+" "+path)...), 1)
			s.kept(s.read(recordName), s.begun("thirds")+s.begun("side-a"))
		}})
	}
	return out
}
