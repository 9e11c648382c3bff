//go:build linux

package main

import (
	"fmt"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// Numbers that no time is, and what becomes of a launch with them. JSON has no NaN.
var (
	notATime  = map[string]outcome{"-1": fails, "1e300": fails, "1e999": fails, "NaN": fails, "-Infinity": fails, `"0.1"`: fails, "{}": fails, "null": fails}
	notACount = map[string]outcome{"-1": fails, "7": fails, "1e18": fails, "1.5": fails, "null": fails}
	// A figure beside the epochs may be absent, and nobody knows how large it is.
	notAFigure = map[string]outcome{"-1": fails, "1e300": noticed, "1e999": fails, "NaN": fails, `"0.1"`: fails, "null": noticed}
)

// trainFields are the fields of a launch's conversation.
func trainFields() []field {
	const hello, loaded, first, epoch, memory = 0, 1, 2, 4, 6
	out := []field{
		{hello, "hello.protocol", map[string]outcome{"0": fails, "-1": fails, fmt.Sprint(protocol.Version + 1): fails, "null": fails, `"1"`: fails, "1e30": fails}},
		{hello, "hello", map[string]outcome{"null": fails, "[]": fails, "7": fails}},
		{hello, "hello.machine", map[string]outcome{"null": noticed, "[]": fails}},
		{loaded, "loaded", map[string]outcome{"null": fails, "[]": fails}},
		{loaded, "loaded.devices", map[string]outcome{"null": noticed, "7": fails}},
		{loaded, "loaded.resolved.batch", map[string]outcome{"-1": fails, "33": fails, "1e18": fails}},
		{loaded, "loaded.resolved.samples", map[string]outcome{"-1": fails, "999": fails, "1001": fails}},
		{loaded, "loaded.resolved.steps", map[string]outcome{"-1": fails, "31": fails, "33": fails}},
		{loaded, "loaded.resolved.prefetch", map[string]outcome{"-1": fails, `"x"`: fails}},
		{first, "first_step", map[string]outcome{"null": noticed, "[]": fails}},
		{epoch, "epoch", map[string]outcome{"null": fails, "[]": fails, "{}": fails}},
		{epoch, "epoch.warmup", map[string]outcome{"true": fails, "1": fails}},
		{epoch, "epoch.loss", map[string]outcome{"null": fails, "NaN": fails, "1e999": fails, `"x"`: fails}},
		{epoch, "epoch.preprocess_s", map[string]outcome{"-1": fails, "1e300": noticed, "1e999": fails, "NaN": fails, "null": passes}},
		{memory, "memory", map[string]outcome{"null": noticed, "[]": fails}},
		{memory, "memory.memory.peak_rss_bytes", map[string]outcome{"-1": fails, "1e300": fails, "1.5": fails, "null": noticed}},
		{memory, "memory.disturbance.steal_s", notAFigure},
		{memory, "memory.disturbance.involuntary_switches", map[string]outcome{"-1": fails, "1e300": fails}},
	}
	for _, name := range []string{"start_s", "seconds", "wait_s", "step_s", "other_s"} {
		out = append(out, field{epoch, "epoch." + name, notATime})
	}
	for _, name := range []string{"index", "steps", "samples"} {
		out = append(out, field{epoch, "epoch." + name, notACount})
	}
	for _, name := range []string{"load_s", "data_s"} {
		out = append(out, field{loaded, "loaded." + name, notAFigure})
	}
	for _, name := range []string{"first_step_s", "compile_s", "upload_s"} {
		out = append(out, field{first, "first_step." + name, notAFigure})
	}
	return out
}

// consistentLies are conversations that fit together, and not the job.
func consistentLies() []mutation {
	lie := func(name string, changes ...[2]string) mutation {
		lines := conversation()
		for _, c := range changes {
			lines[1] = set(lines[1], "loaded.resolved."+c[0], c[1])
			for i := 3; i < 3+warmup+epochs && c[0] != "batch"; i++ {
				lines[i] = set(lines[i], "epoch."+c[0], c[1])
			}
		}
		return mutation{name, say(lines), fails}
	}
	return []mutation{
		lie("fewer-examples-throughout", [2]string{"samples", "7"}, [2]string{"steps", "1"}),
		lie("more-examples-throughout", [2]string{"samples", "100000"}),
		lie("fewer-steps-throughout", [2]string{"steps", "1"}),
		lie("no-steps-throughout", [2]string{"steps", "0"}),
		lie("no-examples-throughout", [2]string{"samples", "0"}),
		lie("another-batch-throughout", [2]string{"batch", "1000"}, [2]string{"steps", "1"}),
	}
}

// trainMutations are all ways to say a launch wrongly.
func trainMutations() []mutation {
	all := orderMutations(conversation(), protocol.EventFirstStep)
	all = append(all, cutMutations(conversation(), 29)...)
	all = append(all, garbageMutations(conversation())...)
	all = append(all, fieldMutations(conversation(), trainFields())...)
	return append(all, consistentLies()...)
}

// wordFaults are workers that say something wrong, in the second of three launches.
func wordFaults(*campaign) []fault {
	var out []fault
	for i, m := range trainMutations() {
		out = append(out, fault{kind: "a worker's word", name: "run/" + m.name, short: i%20 == 0, try: func(s *sandbox) {
			s.judge(s.epochtime(s.measuring("run", 3, s.workers("worker", "train 2", m.commands))...), m.want)
		}})
		if i%9 != 0 {
			continue
		}
		for _, verb := range []string{"ab", "sweep", "tune"} {
			for _, k := range []int{1, 3} {
				out = append(out, fault{kind: "a worker's word", name: fmt.Sprintf("%s/%s-in-launch-%d", verb, m.name, k), try: func(s *sandbox) {
					worker := s.workers("worker", fmt.Sprintf("train %d", k), m.commands)
					s.judgeVerb(verb, s.epochtime(s.measuring(verb, 3, worker)...), m.want)
				}})
			}
		}
	}
	return append(out, otherJobs()...)
}

// judge checks the end of a run of three launches, of which the second one was wrong.
func (s *sandbox) judge(e ended, want outcome) {
	rec := s.read(recordName)
	s.sound(rec)
	list := launches(rec)
	good := count(list, record.OK)
	switch {
	case e.code < 0:
	case want == fails:
		s.want(e, 1)
	case want == passes:
		s.want(e, 0)
	default:
		s.want(e, 0, 1)
	}
	switch {
	case e.code == 0 && good != 3:
		s.note(silent, "exit code 0, and %d of 3 launches worked", good)
	case e.code == 1 && good == 3:
		s.note(otherwise, "exit code 1, and all launches worked; stderr: %s", firstLine(e.stderr))
	case want == fails && len(list) > 1 && list[1].Status == record.OK:
		s.note(silent, "the wrong launch counts as ok")
	}
	s.kept(rec, s.begun("worker"))
}

// judgeVerb checks the end of another verb. A tune goes on without a candidate that
// fails, so its exit code does not tell.
func (s *sandbox) judgeVerb(verb string, e ended, want outcome) {
	rec := s.read(recordName)
	s.sound(rec)
	failed := len(launches(rec)) - count(launches(rec), record.OK)
	switch {
	case verb == "tune":
		s.want(e, 0, 1, 4)
	case want == fails:
		s.want(e, 1)
	default:
		s.want(e, 0, 1, 3, 4)
	}
	switch {
	case want == fails && failed == 0 && e.code >= 0 && rec != nil:
		s.note(silent, "the wrong launch counts as ok")
	case e.code == 0 && failed > 0 && verb != "tune":
		s.note(silent, "exit code 0, and %d launches failed", failed)
	}
	s.kept(rec, s.begun("worker")+s.begun("side-a"))
}
