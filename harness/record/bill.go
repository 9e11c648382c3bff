package record

import "fmt"

// Bill says what an epoch of Keras's fit is made of: the lines, of which the last is what
// the others do not explain, add up to Whole. It is computed from the launches of a
// record of the kind KindExplain, whose configurations differ in one part each.
type Bill struct {
	Graph string   `json:"graph"`          // its name
	Side  string   `json:"side,omitempty"` // "A" or "B" where two builds are compared
	Whole Interval `json:"whole_seconds"`  // what fit takes per epoch, with validation
	Lines []Line   `json:"lines"`

	// Explained is the sum of all lines but the unexplained one over Whole, block by
	// block: 1 is a bill that adds up.
	Explained Interval `json:"explained"`

	Steps    int     `json:"steps"`              // of an epoch
	PerStep  float64 `json:"own_per_step_s"`     // of fit's own cost
	PerEpoch float64 `json:"own_per_epoch_s"`    // likewise, whatever the number of steps
	Hidden   float64 `json:"hidden_s,omitempty"` // of the input pipeline, beside the steps; not a line

	// First is the training of the first epoch, which has tracing and compiling in it.
	First *Interval `json:"first_epoch_seconds,omitempty"`
	// CompilingPays is after how many epochs XLA has saved what it takes at first; 0: it
	// was not tried, or does not pay.
	CompilingPays float64 `json:"compiling_pays_after_epochs,omitempty"`
	Compiles      bool    `json:"compiles,omitempty"` // the step is compiled by XLA

	// Moved has, for side B, by how much each line is longer than in side A, block by
	// block; the last is the whole, PartWhole. Shares are of A's whole.
	Moved []Line `json:"moved,omitempty"`

	Bound Part     `json:"bound"` // the largest line; empty where nothing is known
	Proof []string `json:"proof"` // command line, without its program, that shows it

	Operations []Operation `json:"operations,omitempty"` // of one traced step, the longest first
	Idle       float64     `json:"idle,omitempty"`       // share of that step in which the device computed nothing
	Stages     []Stage     `json:"stages,omitempty"`     // of the input pipeline, in its order
}

// Part is a line of a Bill.
type Part string

// The parts.
const (
	PartStep        Part = "step"
	PartInput       Part = "input"
	PartValidation  Part = "validation"
	PartMetrics     Part = "metrics"
	PartCallbacks   Part = "callbacks"
	PartOwn         Part = "own" // of fit
	PartUnexplained Part = "unexplained"
	PartWhole       Part = "whole"
)

// Line is one part of a Bill.
type Line struct {
	Part    Part     `json:"part"`
	Seconds Interval `json:"seconds"`           // per epoch; below 0 where noise exceeds the part
	Share   float64  `json:"share"`             // of the whole
	Missing string   `json:"missing,omitempty"` // why it is not known
}

// Operation is a type of operation in a traced step.
type Operation struct {
	Op      string  `json:"op"`
	Count   int     `json:"count"`
	Seconds float64 `json:"seconds"` // traced, which is slower than untraced
	Share   float64 `json:"share"`   // of the device's busy time
}

// Stage is a transformation of an input pipeline.
type Stage struct {
	Name    string  `json:"name"`              // as tf.data has it, such as map
	File    string  `json:"file,omitempty"`    // of the author's code that makes it; empty: no code of theirs
	Line    int     `json:"line,omitempty"`    // in it
	Seconds float64 `json:"seconds_per_epoch"` // that it adds to those before it, drawn alone
}

func (b *Bill) validate() error {
	if b.Steps < 0 {
		return fmt.Errorf("steps: there are %d", b.Steps)
	}
	for _, i := range []*Interval{&b.Whole, b.First} {
		if err := i.validate(); err != nil {
			return err
		}
	}
	for _, l := range append(b.Lines[:len(b.Lines):len(b.Lines)], b.Moved...) {
		if l.Part == "" || !finite(l.Seconds.Median) || !finite(l.Share) {
			return fmt.Errorf("lines: %q is of %g s, %g of the whole", l.Part, l.Seconds.Median, l.Share)
		}
	}
	return anyTime(b.PerStep, b.PerEpoch, b.Hidden, b.CompilingPays, b.Idle)
}
