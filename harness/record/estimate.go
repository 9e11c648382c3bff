package record

import "fmt"

// Estimate is what training would take on data that was not trained on: the answer of
// a record of the kind KindEstimate. It is computed from short runs, the probes.
type Estimate struct {
	Asked
	From   string `json:"from,omitempty"`     // id of the record that has the probes, where that is another one
	Held   int    `json:"held_out,omitempty"` // runs after the first that measure what was asked, to verify the answer
	Most   int    `json:"most,omitempty"`     // examples that the data has to probe with; 0: as many as are wanted
	Data   uint64 `json:"example_bytes"`      // by which memory grows with each example; 0: data stays in its files
	Reason string `json:"reason,omitempty"`   // why there is no answer; empty: there is one

	Steps  int       `json:"steps"` // of an epoch
	Epoch  Interval  `json:"epoch_seconds"`
	Total  Interval  `json:"total_seconds"` // from the start of the process to the end of its last epoch
	Cold   Interval  `json:"cold_seconds"`  // of it before and in the first epoch, beyond a later epoch
	Memory *Interval `json:"peak_rss_bytes,omitempty"`
	Joules *Interval `json:"joules_per_epoch,omitempty"`
	Cost   *Cost     `json:"cost,omitempty"`

	Parts    []EstimatePart `json:"parts,omitempty"`
	Launches int            `json:"launches"`          // that it is computed from
	Spread   float64        `json:"launch_spread"`     // between launches alike: standard deviation, as a share
	Model    float64        `json:"model_error"`       // what the model may be off by, likewise
	Probed   float64        `json:"probed_s"`          // that all launches but those held out took
	Furthest float64        `json:"extrapolated"`      // steps of an epoch over those of the longest probe of that batch
	Between  []int          `json:"between,omitempty"` // the probed batches that it is interpolated between
	Notes    []string       `json:"notes,omitempty"`   // what to know of the answer

	Measured *Verified `json:"measured,omitempty"` // of the runs held out
}

// Asked is what an Estimate answers: what so many epochs of so many examples take.
type Asked struct {
	Samples int `json:"samples"`
	Batch   int `json:"batch"` // 0 is all examples
	Epochs  int `json:"epochs"`
}

// Question returns an estimate with what was asked, and without the answer; nil for nil.
func (e *Estimate) Question() *Estimate {
	if e == nil {
		return nil
	}
	return &Estimate{Asked: e.Asked, From: e.From, Held: e.Held, Most: e.Most, Data: e.Data}
}

// HoldsOut reports whether a run, by its index, measures what was asked.
func (e *Estimate) HoldsOut(run int) bool { return e != nil && run > 0 && run <= e.Held }

// EstimatePart is a part of an epoch that is estimated. All but PartWaiting, which is in
// the others, add up.
type EstimatePart struct {
	Name    string  `json:"name"`
	Each    float64 `json:"each_s"` // of one example, step or epoch
	Seconds float64 `json:"seconds"`
	Share   float64 `json:"share"`
}

// Names of parts of an estimate.
const (
	PartExamples = "examples" // what grows with the examples of a step
	PartSteps    = "steps"    // what a step takes whatever its batch
	PartEpoch    = "epoch"    // what an epoch takes whatever its steps
	PartLast     = "last"     // the last, shorter step
	PartWaiting  = "waiting"  // of all these, the time in which the loop waits for batches
)

// Cost is what training costs, at the price of its machine.
type Cost struct {
	PerEpoch Interval `json:"per_epoch"`
	Total    Interval `json:"total"`
	Currency string   `json:"currency"`
}

// Verified is what was measured of an Estimate.
type Verified struct {
	Epoch    Interval `json:"epoch_seconds"`
	Launches int      `json:"launches"`
	Error    float64  `json:"error"`  // of the estimate, as a share of what was measured; below 0: it was too short
	Beyond   float64  `json:"beyond"` // how much of it is outside the interval of what was measured, likewise but never below 0
	Within   bool     `json:"within"` // what was measured is in the interval of the estimate
}

func (e *Estimate) validate(runs int) error {
	if e == nil {
		return nil
	}
	if min(e.Samples, e.Batch, e.Epochs, e.Steps, e.Launches, e.Most, e.Held) < 0 {
		return fmt.Errorf("a count is negative")
	}
	if e.Held > runs {
		return fmt.Errorf("held_out: %d, and the record holds %d runs", e.Held, runs)
	}
	list := []*Interval{&e.Epoch, &e.Total, &e.Cold, e.Memory, e.Joules}
	if e.Cost != nil {
		list = append(list, &e.Cost.PerEpoch, &e.Cost.Total)
	}
	if e.Measured != nil {
		list = append(list, &e.Measured.Epoch)
	}
	for _, i := range list {
		if err := i.validate(); err != nil {
			return err
		}
	}
	for _, p := range e.Parts {
		if err := amounts(p.Each, p.Seconds, p.Share); err != nil {
			return fmt.Errorf("parts (%.40q): %w", p.Name, err)
		}
	}
	if v := e.Measured; v != nil && (!finite(v.Error) || amounts(v.Beyond) != nil || v.Launches < 0) {
		return fmt.Errorf("measured: an error of %g, %g of it beyond the interval, is not possible", v.Error, v.Beyond)
	}
	return amounts(e.Spread, e.Model, e.Probed, e.Furthest)
}
