//go:build linux

package main

import (
	"fmt"
	"time"
)

// fault is one thing that goes wrong, with what has to follow from it.
type fault struct {
	kind, name string
	short      bool           // part of the short form
	bound      time.Duration  // of each command; 0 is defaultBound
	try        func(*sandbox) // notes findings in the sandbox
}

func (f fault) title() string { return f.kind + "/" + f.name }

// defaultBound is how long a command may take before it counts as hanging. It is far
// longer than any takes, also on a busy machine.
const defaultBound = 40 * time.Second

// class is a kind of finding.
type class int

const (
	hang      class = iota // a command did not end in time
	lost                   // a launch that was finished is in no record
	silent                 // a success, or a result, where the fault must show
	orphan                 // a process outlived the command that started it
	dump                   // a trace of Go's runtime instead of an error
	otherwise              // any other deviation, such as another exit code
	classes
)

func (c class) String() string {
	return [...]string{"hangs", "lost launches", "silently wrong", "orphans", "Go dumps", "other"}[c]
}

// finding is something that happened and must not.
type finding struct {
	class class
	text  string
}

// result is what came of one fault.
type result struct {
	fault    fault
	findings []finding
	took     time.Duration
	left     string // why it was not tried; empty: it was
}

// note adds a finding.
func (s *sandbox) note(c class, format string, args ...any) {
	s.findings = append(s.findings, finding{c, fmt.Sprintf(format, args...)})
}
