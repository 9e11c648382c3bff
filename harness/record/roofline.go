package record

import (
	"fmt"
	"slices"
)

// Roofline is how near a run is to the limits of its machine (Williams, Waterman &
// Patterson, Roofline: An Insightful Visual Performance Model for Multicore
// Architectures, CACM 2009).
type Roofline struct {
	Limits   int      `json:"limits"`          // index into Record.Limits
	Flops    float64  `json:"flops_per_epoch"` // floating-point operations; 0: not known
	Achieved Interval `json:"flops_per_s"`     // of whole epochs; 0: not known
	Peak     string   `json:"peak,omitempty"`  // name of the rate that it is compared with
	Utilized Interval `json:"utilization"`     // achieved over that peak; 0: not known
	Shares   []Share  `json:"shares"`          // what of an epoch a limit accounts for
	Bound    string   `json:"bound,omitempty"` // BoundCompute and others; empty: not told apart
	Note     string   `json:"note,omitempty"`  // sentences of what is not known, and why
}

// Share is the least part of an epoch that a limit accounts for, from 0 to 1: more of
// it may be of the same limit.
type Share struct {
	Of    string  `json:"of"` // BoundCompute and others
	Share float64 `json:"share"`
}

// What bounds an epoch.
const (
	BoundCompute = "compute" // arithmetic, at the peak of its precision
	BoundMemory  = "memory"  // reading and writing variables
	BoundFeeding = "feeding" // waiting for batches
	BoundCalls   = "calls"   // calling TensorFlow
)

// bounds are what Roofline.Bound may hold.
var bounds = []string{"", BoundCompute, BoundMemory, BoundFeeding, BoundCalls}

func (r *Roofline) validate(limits int) error {
	if r == nil {
		return nil
	}
	switch {
	case r.Limits < 0 || r.Limits >= limits:
		return fmt.Errorf("limits: %d, and the record holds %d", r.Limits, limits)
	case !slices.Contains(bounds, r.Bound):
		return fmt.Errorf("bound: %.40q is not one of %q", r.Bound, bounds)
	}
	for _, i := range []*Interval{&r.Achieved, &r.Utilized} {
		if err := i.validate(); err != nil {
			return err
		}
	}
	for _, s := range r.Shares {
		if err := amounts(s.Share); err != nil {
			return fmt.Errorf("shares (%.40q): %w", s.Of, err)
		}
	}
	return amounts(r.Flops)
}
