// Package record defines what a measurement is: runs made of launches made of
// epochs, the machines they ran on, and the JSON form of all of it. Durations are
// seconds from a monotonic clock, sizes are bytes.
package record

import "time"

// Schema is the version of the JSON form.
const Schema = 1

// Record is everything one session measured.
type Record struct {
	Schema    int               `json:"schema"`
	Epochtime string            `json:"epochtime"` // version of the program
	ID        string            `json:"id"`        // of the session, random
	Started   time.Time         `json:"started"`
	Argv      []string          `json:"argv"`
	Labels    map[string]string `json:"labels"`
	Status    string            `json:"status"` // Complete or Incomplete
	Plan      Plan              `json:"plan"`
	Machines  []Machine         `json:"machines"`
	Runs      []Run             `json:"runs"`
	Bills     []Bill            `json:"bills,omitempty"`  // of KindExplain, computed from the runs
	Limits    []Limits          `json:"limits,omitempty"` // of the machines, where a probe has found them
	Idle      []Power           `json:"idle,omitempty"`   // power while nothing was measured
	Spent     *Spent            `json:"spent,omitempty"`  // where the session's time went

	// Estimate is of KindEstimate: what was asked, and the answer, computed from the runs.
	Estimate *Estimate `json:"estimate,omitempty"`
}

// What Record.Status may hold.
const (
	Complete   = "complete"
	Incomplete = "incomplete"
)

// Plan says how launches were ordered: Blocks seeded random blocks, each with
// every configuration once. It ends early after MaxTime seconds, or when the
// interval of every run is within Until of its median; 0 is no such end.
// Threshold is the change that matters to a verdict. For KindTune, Blocks is the
// most launches a side that confirm the winner.
type Plan struct {
	Kind   string `json:"kind"`
	Seed   uint64 `json:"seed"`
	Blocks int    `json:"blocks"`

	MaxTime   float64 `json:"max_time_s,omitempty"`
	Until     float64 `json:"until,omitempty"`
	Threshold float64 `json:"threshold,omitempty"`
	Suite     string  `json:"suite,omitempty"` // the named set of graphs that was asked for
	Most      int     `json:"most,omitempty"`  // of KindLargest, the largest batch that may be tried

	LeftOut []string `json:"left_out,omitempty"` // of KindFactors: what could not be varied, and why
}

// What Plan.Kind may hold.
const (
	KindRun   = "run"   // each configuration for itself
	KindAB    = "ab"    // two sides compared
	KindSweep = "sweep" // a grid of settings
	KindTune  = "tune"  // a search for the fastest settings

	KindExplain  = "explain"  // what an epoch of Keras's fit is made of
	KindEstimate = "estimate" // what an epoch would take, from short probes

	KindProbe   = "probe"         // what the machine can do at most: the runs train nothing
	KindLargest = "largest-batch" // a search for the largest batch that trains; a run for each that was tried
	KindFactors = "factors"       // a default, and what one change each makes of it
	KindFleet   = "fleet"         // each configuration for itself, on many machines at once
)

// Run is one configuration of one graph and all its launches. Side is "A" or "B"
// where two sides are compared, else empty.
type Run struct {
	Side     string   `json:"side"`
	On       string   `json:"on,omitempty"` // of KindFleet: the machine, by the name that its list gives it
	Graph    Graph    `json:"graph"`
	Config   Config   `json:"config"`
	Command  []string `json:"command,omitempty"` // the words after "epochtime" that measure this run alone, or the search or probes that it is one of
	Parity   *Parity  `json:"parity"`            // nil where it was not checked
	Launches []Launch `json:"launches"`
	Summary  *Summary `json:"summary"` // nil while no launch is ok
	Warnings []string `json:"warnings"`
	Inside   *Inside  `json:"inside,omitempty"` // what single launches showed of its steps

	Roofline *Roofline `json:"roofline,omitempty"` // nil where no probe has found the machine's limits

	Factor   *Factor   `json:"factor,omitempty"`   // of KindFactors: what it changes of the first run; nil: it is that
	Settings *Settings `json:"settings,omitempty"` // which of the known settings it has; nil: nobody asked
}

// Inside is what launches of their own, which are not timed, show of the steps of a run.
type Inside struct {
	Operations []Operation `json:"operations,omitempty"`
	Idle       float64     `json:"idle,omitempty"` // share of a traced step in which the device computed nothing
	Stages     []Stage     `json:"stages,omitempty"`
}

// Title returns the graph's name, with "resident" where its data stays on the
// device.
func (r Run) Title() string {
	if r.Config.Resident() {
		return r.Graph.Name + ", resident"
	}
	return r.Graph.Name
}

// Parity is the check that the graph trains as Keras does. It is done in a
// launch of its own, and may have been done before this session.
type Parity struct {
	MaxRelativeDifference float64   `json:"max_relative_difference"`
	Tolerance             float64   `json:"tolerance"`
	Checked               time.Time `json:"checked"`
}

// Graph identifies what was trained.
type Graph struct {
	Name            string         `json:"name"`
	SHA256          string         `json:"sha256"`
	Dir             string         `json:"dir,omitempty"` // its folder, where it was measured
	Architecture    string         `json:"architecture"`
	Parameters      int64          `json:"parameters"`
	FlopsPerExample float64        `json:"flops_per_example"`
	Variant         map[string]any `json:"variant"`
	Script          *Script        `json:"script,omitempty"`  // nil: the model is no script's
	Notices         []Notice       `json:"notices,omitempty"` // what of the person's own training is not in the time
}
