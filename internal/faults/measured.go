//go:build linux

package main

import (
	"errors"
	"os"
	"slices"

	"epochtime/harness/record"
)

// read reads a record of the sandbox, nil if there is none. One that cannot be read is
// a finding: what is written can be read.
func (s *sandbox) read(name string) *record.Record {
	f, err := os.Open(s.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	s.must(err)
	defer f.Close()
	rec, err := record.Read(f)
	if err != nil {
		s.note(lost, "%s cannot be read: %v", name, err)
		return nil
	}
	return rec
}

// launches returns the launches of a record in their order.
func launches(rec *record.Record) []record.Launch {
	var out []record.Launch
	if rec == nil {
		return nil
	}
	for _, run := range rec.Runs {
		out = append(out, run.Launches...)
	}
	slices.SortFunc(out, func(a, b record.Launch) int { return a.Order - b.Order })
	return out
}

// count returns how many launches have this status.
func count(list []record.Launch, status string) int {
	n := 0
	for _, l := range list {
		if l.Status == status {
			n++
		}
	}
	return n
}

// sound checks what holds of every record: no order twice, and each launch that worked
// has all of its epochs.
func (s *sandbox) sound(rec *record.Record) {
	for i, l := range launches(rec) {
		if l.Order != i {
			s.note(lost, "launch %d of the record has the order %d", i, l.Order)
			return
		}
		if l.Status != record.OK {
			continue
		}
		if len(l.Epochs) != warmup+epochs {
			s.note(silent, "launch %d is ok with %d epochs, want %d", i, len(l.Epochs), warmup+epochs)
		}
		for _, e := range l.Epochs {
			if !(e.Seconds > 0 && e.Seconds < 600) || e.Samples != samplesOfEpoch || e.Steps == 0 {
				s.note(silent, "launch %d is ok with an epoch of %g s, %d examples and %d steps", i, e.Seconds, e.Samples, e.Steps)
			}
		}
	}
}

// kept checks that the record has the launches that ended: all that were begun, but for
// a last one that may have been cut off.
func (s *sandbox) kept(rec *record.Record, begun int) {
	if have := len(launches(rec)); have < begun-1 {
		s.note(lost, "%d launches were begun, and the record has %d", begun, have)
	}
}

// samples are what was measured before any fault: records, a history of them, good
// builds.
type samples struct {
	run, ab, sweep string
	history        string
	nights         string // folder of good builds of the graphs one and two
}

// measureSamples measures the records.
func (c *campaign) measureSamples() error {
	s, err := c.sandbox(fault{})
	if err != nil {
		return err
	}
	for verb, to := range map[string]*string{"run": &c.samples.run, "ab": &c.samples.ab, "sweep": &c.samples.sweep} {
		s.want(s.epochtime(s.measuring(verb, 6, s.workers("good", "none", ""))...), 0)
		*to = s.get(recordName)
		s.must(os.Remove(s.path(recordName)))
	}
	c.samples.history = s.get("history.db")
	if len(s.findings) > 0 {
		return errors.New("no record could be measured: " + s.findings[0].text)
	}
	return s.close()
}
