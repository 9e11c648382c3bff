package stats

import (
	"fmt"
	"slices"

	"epochtime/harness/record"
)

// LaunchJoules returns what a measured epoch of an ok launch took, in joules: the sum of
// all domains that could be read, each over its epochs. It reports false where none could.
func LaunchJoules(l record.Launch) (joules float64, ok bool) {
	if l.Status != record.OK {
		return 0, false
	}
	for _, e := range record.Disjoint(l.Energy) {
		if e.Epochs > 0 {
			joules, ok = joules+e.Joules/float64(e.Epochs), true
		}
	}
	return joules, ok
}

// JoulesPerMillion returns the joules per million examples, and false where the energy of
// an epoch is not known.
func JoulesPerMillion(s record.Summary) (record.Interval, bool) {
	examples := s.ExamplesPerSecond * s.EpochSeconds.Median // of an epoch
	if s.JoulesPerEpoch == nil || !(examples > 0) {
		return record.Interval{}, false
	}
	out, by := *s.JoulesPerEpoch, 1e6/examples
	out.Median, out.Low, out.High = out.Median*by, out.Low*record.Number(by), out.High*record.Number(by)
	return out, true
}

// Domains returns the domains whose energies a run adds up.
func Domains(run record.Run) []string {
	var out []string
	for _, l := range run.Launches {
		for _, e := range record.Disjoint(l.Energy) {
			if !slices.Contains(out, e.Domain) {
				out = append(out, e.Domain)
			}
		}
	}
	return out
}

// cooled is by how much the mean clock falls, from the first quarter of the readings of a
// launch to the last, where that is worth a warning.
const cooled = 0.1

// heat describes launches during which the machine slowed itself.
func heat(run *record.Run) []string {
	launches, throttled := 0, 0
	var reasons []string
	var falls []float64
	for _, l := range run.Launches {
		if l.Status != record.OK {
			continue
		}
		launches++
		if l.Before != nil && l.After != nil && l.After.Throttled > l.Before.Throttled {
			throttled++
		}
		for _, reason := range gpuThrottling(l) {
			if !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
		}
		if fall, ok := clockFall(l); ok {
			falls = append(falls, fall)
		}
	}
	var out []string
	if throttled > 0 {
		out = append(out, fmt.Sprintf("heat slowed the CPU while %d of %d launches ran: cool the machine better, or compare with it as it is", throttled, launches))
	}
	for _, reason := range reasons {
		out = append(out, "a GPU slowed itself while it trained: "+reason)
	}
	if len(falls) > 0 && middle(falls) > cooled {
		out = append(out, fmt.Sprintf("the CPU's clock fell by %.0f %% while a launch ran, the median of launches", 100*middle(falls)))
	}
	return out
}

// gpuThrottling returns why accelerators slowed themselves, but for their limit of power,
// which they work at.
func gpuThrottling(l record.Launch) []string {
	var out []string
	for _, r := range during(l) {
		for _, g := range r.GPUs {
			for _, reason := range g.Throttled {
				if reason != record.ThrottlePower && !slices.Contains(out, reason) {
					out = append(out, reason)
				}
			}
		}
	}
	return out
}

// clockFall returns by what share the clock fell from the first quarter of the readings
// while a launch measured to the last. It reports false for fewer than 8 readings.
func clockFall(l record.Launch) (float64, bool) {
	readings := slices.DeleteFunc(during(l), func(r record.Reading) bool { return r.Clock <= 0 })
	n := len(readings) / 4
	if n < 2 {
		return 0, false
	}
	mean := func(list []record.Reading) (out float64) {
		for _, r := range list {
			out += r.Clock / float64(len(list))
		}
		return out
	}
	return 1 - mean(readings[len(readings)-n:])/mean(readings[:n]), true
}

// during returns the readings of a launch while its epochs were measured. The worker's
// clock begins when it says hello, to within what the message takes.
func during(l record.Launch) []record.Reading {
	measured := Measured(l)
	if len(measured) == 0 {
		return nil
	}
	last := measured[len(measured)-1]
	begin, end := l.Cold.Start+measured[0].Start, l.Cold.Start+last.Start+last.Seconds+last.Validation
	var out []record.Reading
	for _, r := range l.Readings {
		if r.At >= begin && r.At <= end {
			out = append(out, r)
		}
	}
	return out
}
