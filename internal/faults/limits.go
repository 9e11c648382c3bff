//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"

	"epochtime/harness/record"
)

// starved are verbs under a limit of the shell's ulimit.
func starved() []fault {
	var out []fault
	limits := []string{
		"-n 3", "-n 4", "-n 5", "-n 6", "-n 7", "-n 8", "-n 10", "-n 12", "-n 16", "-n 24",
		"-v 2000000", "-v 4000000", // with less, Go's runtime does not start
		"-t 1", "-s 64", "-c 0",
	}
	verbs := map[string][]string{
		"run": nil, "report": {"report", "run.json"}, "history": {"history"}, "list": {"list"}, "compare": {"compare", "ab.json"}, "version": {"version"}, "data": {"data", "data.csv"},
	}
	for i, limit := range limits {
		for _, verb := range []string{"run", "report", "history", "list", "compare", "version", "data"} {
			name := fmt.Sprintf("ulimit%s-of-%s", strings.ReplaceAll(limit, " ", ""), verb)
			out = append(out, fault{kind: "limits", name: name, short: verb == "run" && i%4 == 0, try: func(s *sandbox) {
				s.put("run.json", s.samples.run)
				s.put("ab.json", s.samples.ab)
				s.put("history.db", s.samples.history)
				s.put("data.csv", "x,y\n1,2\n3,4\n")
				args := verbs[verb]
				if args == nil {
					args = s.measuring("run", 2, s.workers("worker", "none", ""))
				}
				s.limits = "ulimit " + limit
				e := s.epochtime(args...)
				s.limits = ""
				s.want(e, 0, 1, 4) // 4: the sides of the record differ too little for a verdict
				if verb == "run" && e.code == 0 && count(launches(s.read(recordName)), record.OK) != 2 {
					s.note(silent, "exit code 0 without two launches that worked")
				}
			}})
		}
	}
	return out
}

// hurried are time limits that nothing, or not everything, can keep.
func hurried() []fault {
	var out []fault
	for _, limit := range []string{"1ns", "1ms", "10ms", "50ms", "200ms", "1s"} {
		out = append(out, fault{kind: "limits", name: "timeout-" + limit, try: func(s *sandbox) {
			e := s.epochtime(s.measuring("run", 3, s.workers("worker", slow, "sleep 100ms\n"+before(len(conversation()))), "--timeout", limit)...)
			s.want(e, 0, 1)
			if e.code == 0 && count(launches(s.read(recordName)), record.OK) != 3 {
				s.note(silent, "exit code 0 without three launches that worked")
			}
		}})
		for _, verb := range []string{"run", "ab", "sweep", "tune"} {
			for _, worker := range interrupted {
				name := fmt.Sprintf("max-time-%s-of-%s-with-a-%s-worker", limit, verb, worker.name)
				out = append(out, fault{kind: "limits", name: name, short: limit == "200ms" && worker.name == "hung", bound: 20 * time.Second, try: func(s *sandbox) {
					s.hurry(verb, limit, worker.name, worker.commands)
				}})
			}
		}
	}
	return out
}

// hurry measures within a time limit. Whoever measured nothing has no result.
func (s *sandbox) hurry(verb, limit, kind, commands string) {
	e := s.epochtime(s.measuring(verb, 4, s.workers("worker", slow, commands), "--max-time", limit)...)
	rec := s.read(recordName)
	s.sound(rec)
	worked := count(launches(rec), record.OK)
	switch {
	case kind == "good":
		s.want(e, 0, 1, 3, 4)
	case verb == "ab": // side A works
		s.want(e, 1, 4)
	default:
		s.want(e, 1, 4)
	}
	if e.code == 0 && worked == 0 {
		s.note(silent, "exit code 0, and nothing was measured")
	}
	if e.code > 0 && strings.TrimSpace(e.stderr) == "" && !strings.Contains(e.stdout, "inconclusive") {
		s.note(otherwise, "exit code %d without a word", e.code)
	}
}

func limitFaults(*campaign) []fault { return append(starved(), hurried()...) }
