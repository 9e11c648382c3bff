//go:build linux

package main

import (
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// parityConversation is what a good worker says when it compares with Keras. The losses
// are those of the sandbox's graphs.
func parityConversation() []string {
	whole := conversation()
	losses := []record.Number{3, 2, 1}
	return append([]string{whole[0]}, lines([]protocol.Event{
		{Event: protocol.EventParity, Parity: &protocol.Losses{Got: losses, Want: losses}}, {Event: protocol.EventDone},
	})...)
}

func parityMutations() []mutation {
	const parity = 1
	said := parityConversation()
	wrong := map[string]outcome{
		"null": fails, "[]": fails, "[3]": fails, "[3,2]": fails, "[3,2,1,1]": fails, "[3,2,null]": fails, "[null,null,null]": fails,
		"[3,2,1.5]": fails, "[-3,-2,-1]": fails, "[1e308,2,1]": fails, "[NaN,2,1]": fails, `["3","2","1"]`: fails, "7": fails,
	}
	out := orderMutations(said, "")
	out = append(out, fieldMutations(said, []field{
		{parity, "parity.got", wrong}, {parity, "parity.want", wrong}, {parity, "parity", map[string]outcome{"null": fails, "[]": fails}},
		{parity, "parity.placement", map[string]outcome{"{}": fails, "[]": fails, "7": fails, `{"devices":{"CPU:0":-1}}`: fails, `{"devices":{"CPU:0":1},"more":2}`: fails}},
	})...)
	lie := said[parity]
	for _, list := range []string{"got", "want"} {
		lie = set(lie, "parity."+list, "[1,1,1]")
	}
	return append(out, mutation{"losses-of-another-graph", say([]string{said[0], lie, said[2]}), fails})
}

// doctorConversation is what a good worker says to the doctor.
func doctorConversation() []string {
	whole := conversation()
	return append([]string{whole[0]}, lines([]protocol.Event{
		{Event: protocol.EventDoctor, Doctor: &protocol.Health{MatMulSize: 512, MatMulSeconds: 0.002}}, {Event: protocol.EventDone},
	})...)
}

func doctorMutations() []mutation {
	const doctor = 1
	said := doctorConversation()
	out := orderMutations(said, "")
	return append(out, fieldMutations(said, []field{
		{doctor, "doctor.matmul_error", map[string]outcome{"0.5": fails, "-1": fails, "1e300": fails, "1e999": fails, "NaN": fails}},
		{doctor, "doctor.matmul_seconds", map[string]outcome{"-1": fails, "1e999": fails, "NaN": fails, "0": noticed}},
		{doctor, "doctor.matmul_size", map[string]outcome{"-1": fails, "1e300": fails, "0": noticed}},
		{doctor, "doctor", map[string]outcome{"null": fails, "[]": fails}},
	})...)
}

// otherJobs are workers that say something wrong in jobs that measure nothing.
func otherJobs() []fault {
	var out []fault
	for i, m := range parityMutations() {
		out = append(out, fault{kind: "a worker's word", name: "parity/" + m.name, short: i%20 == 1, try: func(s *sandbox) {
			s.want(s.epochtime(s.measuring("run", 1, s.workers("worker", "parity", m.commands))...), codesOf(m.want)...)
			if m.want == fails && s.begun("worker") > 0 {
				s.note(silent, "a graph was measured whose comparison with Keras failed")
			}
		}})
	}
	for i, m := range doctorMutations() {
		out = append(out, fault{kind: "a worker's word", name: "doctor/" + m.name, short: i%20 == 2, try: func(s *sandbox) {
			s.want(s.epochtime("doctor", "--worker", s.workers("worker", "doctor", m.commands)), codesOf(m.want)...)
		}})
	}
	return out
}

func codesOf(o outcome) []int {
	switch o {
	case fails:
		return []int{1}
	case passes:
		return []int{0}
	}
	return []int{0, 1}
}
